"""Leads are graded anew on every fact, and every grade is kept with its inputs."""

from dataclasses import asdict
from datetime import datetime

from db.models import Dealer, GradeRecord, Lead
from domain.events import (
    FollowUpLogged,
    FollowUpUndone,
    LeadClosed,
    LeadGraded,
    LeadOpened,
    LeadTouched,
)
from domain.grading import GradeFacts, Signal, grade
from handlers import policies
from handlers.tx import SYSTEM, Tx


async def grade_opened(event: LeadOpened, tx: Tx) -> None:
    """First grade of a lead, or of a lead that came back."""
    await regrade(tx, await tx.get(Lead, event.lead_id), event.cause, always=True)


async def grade_touched(event: LeadTouched, tx: Tx) -> None:
    """A further touchpoint or message is a new fact."""
    await regrade(tx, await tx.get(Lead, event.lead_id), event.cause)


async def grade_followed_up(event: FollowUpLogged | FollowUpUndone, tx: Tx) -> None:
    """What the adviser heard is a new fact; so is taking it back."""
    await regrade(tx, await tx.get(Lead, event.lead_id), "follow_up")


async def grade_closed(event: LeadClosed, tx: Tx) -> None:
    """A lead that is over has a level of its own."""
    await regrade(tx, await tx.get(Lead, event.lead_id), "closed")


async def regrade(tx: Tx, lead: Lead, cause: str, *, always: bool = False) -> None:
    """Work the level out from the lead's facts; note and announce it when it changed."""
    dealer = await tx.see(Dealer, lead.dealer_id) if lead.dealer_id else None
    facts = facts_of(lead)
    result = grade(facts, await policies.policy_for(dealer), tx.now)
    reasons = [reason.as_json() for reason in result.reasons]
    before = lead.level
    tx.append(
        GradeRecord(
            lead_id=lead.id,
            at=tx.now,
            cause=cause,
            level=result.level,
            score=result.score,
            reasons=reasons,
            inputs=_as_json(facts),
        )
    )
    lead.level, lead.score, lead.reasons = result.level, result.score, reasons
    if always or before != result.level or lead.opened_at == tx.now:
        tx.note("graded", SYSTEM, lead=lead, level=result.level, before=before, reasons=reasons)
        tx.emit(LeadGraded(lead.id, result.level, before))


def facts_of(lead: Lead) -> GradeFacts:
    """What the level is worked out from."""
    return GradeFacts(
        opened_at=lead.opened_at,
        source=lead.source,
        state=lead.state,
        purchase_window_days=lead.purchase_window_days,
        window_stated_at=lead.window_stated_at,
        adviser_level=lead.adviser_level,
        adviser_level_at=lead.adviser_level_at,
        signals=tuple(_signal(seen) for seen in lead.signals),
        last_active_at=lead.last_active_at,
        reactivated_at=lead.reactivated_at,
        lowered_steps=lead.lowered_steps,
    )


def _signal(seen: list[str]) -> Signal:
    kind, at, *wished = seen
    wished_at = datetime.fromisoformat(wished[0]) if wished else None
    return Signal(kind, datetime.fromisoformat(at), wished_at)


def _as_json(facts: GradeFacts) -> dict[str, object]:
    def plain(value: object) -> object:
        return value.isoformat() if isinstance(value, datetime) else value

    inputs = {name: plain(value) for name, value in asdict(facts).items() if name != "signals"}
    inputs["signals"] = [
        [s.kind, s.at.isoformat(), *([s.wished_at.isoformat()] if s.wished_at else [])]
        for s in facts.signals
    ]
    return inputs
