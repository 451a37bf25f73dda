"""A record is put right: taken back and written again, in one transaction."""

from typing import Any

from db.models import Card, FollowUp
from domain.commands import LogFollowUp, UndoFollowUp
from domain.correction_commands import CorrectFollowUp
from domain.errors import NotFound
from handlers.followups import Logged, log_follow_up, undo_follow_up
from handlers.tx import Tx

HAS_NO_APPOINTMENT = frozenset({"unreachable", "refused", "wrong_number", "dormant"})
"""Results that cannot go with one."""


async def correct_follow_up(command: CorrectFollowUp, tx: Tx) -> Logged:
    """Raises what an undo raises, and what recording raises."""
    old = await tx.see(FollowUp, command.follow_up_id)
    if old.staff_id != command.userid:
        raise NotFound("no such record of theirs")
    shown = await Card.filter(follow_up_id=old.id)
    await undo_follow_up(UndoFollowUp(old.id, f"staff:{command.userid}"), tx)
    logged = await log_follow_up(_anew(old, command), tx)
    for card in shown if not command.confirm_key else ():
        tx.watch(card).follow_up_id = logged.follow_up_id
    return logged


def _anew(old: FollowUp, command: CorrectFollowUp) -> LogFollowUp:
    result = command.result or old.result
    dropped = result in HAS_NO_APPOINTMENT or old.result == "appointment" != result
    slots: dict[str, Any] = dict(old.slots)
    deposit = slots.pop("deposit", None)
    return LogFollowUp(
        lead_id=command.lead_id or old.lead_id,
        by=f"staff:{command.userid}",
        result=result,
        way=old.way,
        occurred_at=old.occurred_at,
        userid=command.userid,
        note=old.note,
        level=command.level or old.level,
        next_follow_up_at=command.next_follow_up_at or old.next_follow_up_at,
        appointment_at=command.appointment_at or (None if dropped else old.appointment_at),
        model=command.model or old.model_code,
        deposit=command.deposit or (int(deposit) if deposit else None),
        slots=slots,
        confirm_key=command.confirm_key,
    )
