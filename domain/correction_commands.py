"""Putting right what was recorded a moment ago."""

from dataclasses import dataclass
from datetime import datetime

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class CorrectFollowUp(Command):
    """As if it had been recorded so in the first place. None: as it was.

    Within the minutes of an undo, by whoever recorded it. With `confirm_key` a fresh card repeats
    it; else the card that shows the record goes on showing it.
    """

    follow_up_id: int
    userid: str
    result: str | None = None
    level: str | None = None
    next_follow_up_at: datetime | None = None
    appointment_at: datetime | None = None
    model: str | None = None
    deposit: int | None = None
    lead_id: int | None = None
    """The lead it was about instead."""
    confirm_key: str = ""
