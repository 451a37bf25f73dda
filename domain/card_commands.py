"""Cards on a member's phone: put one there, keep what a press brought."""

from dataclasses import dataclass, field

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class ShowCard(Command):
    """Put a card with a question before a member of staff. `kind`: pick, transfer, reason …"""

    kind: str
    userid: str
    lead_id: int
    key: str
    data: dict[str, object] = field(default_factory=dict)
    assignment_id: int | None = None
    follow_up_id: int | None = None


@dataclass(frozen=True, slots=True)
class CardPressed(Command):
    """A card was used: its fresh code, and the words that replace its buttons.

    A code is good for one update. `waits`: the press only led to another question, so the code is
    kept for when that is answered.
    """

    task_id: str
    response_code: str
    outcome: str = ""
    waits: bool = False
