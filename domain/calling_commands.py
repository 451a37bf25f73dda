"""Orders about calling again those who were given up or rest."""

from dataclasses import dataclass

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class PickCalls(Command):
    """Choose whom a dealer's people are to call today; the same day again changes nothing."""

    dealer_code: str


@dataclass(frozen=True, slots=True)
class RecordCall(Command):
    """What came of such a call: one of `domain.calling.OUTCOMES`."""

    task_id: int
    by: str
    outcome: str
    note: str = ""
