"""A lead gives way to another of the same person at the same dealer; what an undo needs of it."""

from datetime import datetime
from typing import Any

from db.models import Assignment, Defeat, Lead, Timer, Touchpoint
from db.models.queues import RowState
from domain.events import LeadClosed, LeadTouched
from domain.lead import LeadState
from handlers.snapshots import Snapshot, snapshot
from handlers.tx import SYSTEM, Tx

BLANKS = ("model_code", "city", "message", "budget", "finance", "trade_in")
WINDOW = ("purchase_window_days", "window_stated_at")
LEARNT = (*BLANKS, *WINDOW, "last_active_at")
"""What a lead learns from one that gives way to it; beside these its signals."""
_NOT_KEPT = frozenset({"id", "customer_id", "open_key", "version", "updated_at"})
MOST_SIGNALS = 50


async def give_way(tx: Tx, lead: Lead, kept: Lead) -> Snapshot:
    """Close `lead` and free its place. Returns the lead as it stood, for `taken_in`."""
    columns = [name for name in lead._meta.fields_db_projection if name not in _NOT_KEPT]
    story: Snapshot = {
        "lead_id": lead.id,
        "kept_id": kept.id,
        "owner": lead.customer_id,
        "lead": snapshot(lead, columns),
        **await _work_of(lead),
    }
    lead.state, lead.closed_at, lead.open_key = LeadState.LAPSED, tx.now, None
    lead.waiting_since = None
    # The place is unique: it must be free in the database before the other lead takes it.
    closed = {"state": lead.state, "closed_at": tx.now, "open_key": None}
    await Lead.filter(id=lead.id).update(**closed)
    return story


async def taken_in(tx: Tx, lead: Lead, kept: Lead, by: str) -> Snapshot:
    """Give what the closed lead knew to the one that goes on; tell whoever works on that.

    Returns what was learnt and moved, for an undo.
    """
    tx.note("lapsed", by, lead=lead, kept=kept.id)
    before = snapshot(kept, LEARNT)
    signals = _learn(tx, kept, lead)
    touchpoints = await _ids(Touchpoint.filter(lead_id=lead.id))
    await Touchpoint.filter(lead_id=lead.id).update(lead_id=kept.id)
    tx.emit(LeadClosed(lead.id, LeadState.LAPSED))
    newest = touchpoints[-1] if touchpoints and by != SYSTEM else None
    tx.emit(LeadTouched(kept.id, "touchpoint", newest))
    return {
        "before": before,
        "learnt": snapshot(kept, LEARNT),
        "signals": signals,
        "touchpoints": touchpoints,
    }


async def _work_of(lead: Lead) -> Snapshot:
    """The running assignment with its clocks, and a defeat that waits for a decision."""
    assignment = await Assignment.get_or_none(open_lead_id=lead.id)
    defeat = await Defeat.get_or_none(open_lead_id=lead.id)
    clocks: list[Any] = []
    if assignment:
        running = Timer.filter(
            assignment_id=assignment.id, open_key__isnull=False, state=RowState.READY
        )
        clocks = await running.values_list("kind", "due_at_ms")
    return {
        "assignment": assignment.id if assignment else None,
        "clocks": [list(clock) for clock in clocks],
        "defeat": defeat.id if defeat else None,
    }


def _learn(tx: Tx, kept: Lead, lead: Lead) -> list[list[str]]:
    """Fill the blanks; the newer purchase window counts. Returns the signals it did not know."""
    for name in BLANKS:
        if getattr(kept, name) in (None, ""):
            setattr(kept, name, getattr(lead, name))
    if _stated(lead) > _stated(kept):
        for name in WINDOW:
            setattr(kept, name, getattr(lead, name))
    kept.last_active_at = max(kept.last_active_at, lead.last_active_at)
    new = [*lead.signals, ["came_again", tx.now.isoformat()]]
    known = sorted([*kept.signals, *new], key=lambda seen: seen[1])
    kept.signals = known[-MOST_SIGNALS:]
    return [seen for seen in new if seen in kept.signals]


def _stated(lead: Lead) -> float:
    at: datetime | None = lead.window_stated_at
    return at.timestamp() if at else 0.0


async def _ids(rows: Any) -> list[int]:
    return [int(i) for i in await rows.order_by("id").values_list("id", flat=True)]
