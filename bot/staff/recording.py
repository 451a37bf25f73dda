"""From a sentence to the record it makes."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Turn
from bot.customer.replies import reply_key
from bot.understanding.adviser import understand_adviser
from bot.understanding.normalise import normalise
from bot.understanding.result import Understanding
from bot.understanding.times import future_times
from db.models import Staff
from domain.commands import LogFollowUp
from domain.phone import mask_in_text


def understand(text: str, turn: Turn) -> Understanding:
    """What a note says."""
    return understand_adviser(text, turn.now, turn.catalogue)


def log_of(
    turn: Turn,
    staff: Staff,
    lead_id: int,
    text: str,
    understood: Understanding,
    reason: str = "",
) -> LogFollowUp:
    """The record of what was understood."""
    slots = understood.slots
    models = slots.get("models")
    level = slots.get("level")
    deposit = slots.get("deposit")
    return LogFollowUp(
        lead_id=lead_id,
        by=f"staff:{staff.userid}",
        result=understood.label,
        way="phone",
        occurred_at=turn.now,
        userid=staff.userid,
        note=mask_in_text(text),
        level=str(level) if level else None,
        next_follow_up_at=_time(slots.get("next_follow_up_at")),
        appointment_at=_time(slots.get("appointment_at")),
        model=str(models[0]) if isinstance(models, list | tuple) and models else None,
        deposit=int(str(deposit)) if deposit else None,
        reason=reason,
    )


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value  # type: ignore[return-value]


def confirmed(log: LogFollowUp, turn: Turn) -> LogFollowUp:
    """The record, repeated on a card once it stands."""
    return replace(log, confirm_key=reply_key(turn.row.id))


def first_time(text: str, turn: Turn) -> datetime | None:
    """The first moment to come that a text names."""
    times = future_times(normalise(text).text, turn.now)
    return times[0].at if times else None
