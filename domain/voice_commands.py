"""Voice messages of staff."""

from dataclasses import dataclass

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class KeepVoice(Command):
    """An adviser spoke and nobody could make it out: that they did stands on their lead."""

    userid: str
    lead_id: int
    media_id: str
