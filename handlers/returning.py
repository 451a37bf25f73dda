"""A lead that gave way to another comes back as it was, to the adviser who held it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from db.models import Assignment, Defeat, Lead, Staff, Touchpoint
from domain.events import AssignmentResumed, DefeatRequested, LeadTouched
from domain.lead import LeadState
from handlers import dispatch, lapsing, timers
from handlers.open_leads import open_key, sync_open_key
from handlers.snapshots import bring_back, plain
from handlers.tx import Tx


async def come_back(tx: Tx, story: dict[str, Any], since: datetime, by: str) -> bool:
    """Undo `lapsing` of one lead, closed at `since`. False when another lead took its place."""
    lead, kept = await tx.get(Lead, story["lead_id"]), await tx.get(Lead, story["kept_id"])
    await _unlearn(kept, story)
    await Touchpoint.filter(id__in=story["touchpoints"]).update(lead_id=lead.id)
    tx.emit(LeadTouched(kept.id, "unmerged"))
    if await Lead.exists(open_key=open_key(lead.customer_id, lead.dealer_id)):
        return False
    bring_back(lead, story["lead"])
    sync_open_key(lead)
    await Lead.filter(id=lead.id).update(open_key=lead.open_key, state=lead.state, closed_at=None)
    tx.note("came_back", by, lead=lead)
    if story["assignment"]:
        await _resume(tx, lead, story, tx.now - since)
    return True


async def _unlearn(kept: Lead, story: dict[str, Any]) -> None:
    """The lead that went on forgets what it learnt then, not what it learnt since."""
    for name in lapsing.LEARNT:
        if plain(getattr(kept, name)) == story["learnt"][name]:
            bring_back(kept, {name: story["before"][name]})
    left = list(kept.signals)
    for seen in story["signals"]:
        if seen in left:
            left.remove(seen)
    kept.signals = left


async def _resume(tx: Tx, lead: Lead, story: dict[str, Any], away: timedelta) -> None:
    """The assignment goes on; what fell due meanwhile gets the time it had left."""
    assignment = await tx.get(Assignment, story["assignment"])
    staff = await tx.see(Staff, assignment.staff_id)
    if not staff.active or staff.dealer_id != assignment.dealer_code:
        await _dispatch_anew(tx, lead)
        return
    assignment.ended_at = assignment.end_reason = None
    assignment.open_lead_id = lead.id
    if assignment.first_response_at is None:
        assignment.first_response_due_at = _later(tx, assignment.first_response_due_at, away)
    if assignment.next_follow_up_at:
        assignment.next_follow_up_at = _later(tx, assignment.next_follow_up_at, away)
    due = {kind: _later(tx, _moment(due_at_ms), away) for kind, due_at_ms in story["clocks"]}
    await timers.start(tx, assignment, due)
    tx.emit(AssignmentResumed(lead.id, assignment.id))
    if story["defeat"]:
        defeat = await tx.get(Defeat, story["defeat"])
        defeat.state, defeat.reviewed_at, defeat.open_lead_id = "requested", None, lead.id
        tx.emit(DefeatRequested(lead.id, defeat.id))


async def _dispatch_anew(tx: Tx, lead: Lead) -> None:
    if lead.state not in dispatch.STAYS:
        lead.state = LeadState.HELD
    await dispatch.place(tx, lead)


def _later(tx: Tx, due_at: datetime, away: timedelta) -> datetime:
    return due_at if due_at > tx.now else due_at + away


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
