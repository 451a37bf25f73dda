"""Orders of those who decide on what others ask for."""

from dataclasses import dataclass

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class ReviewApproval(Command):
    """A manager decides on a transfer or a rest. Refused, `pass_to` goes on with the lead."""

    approval_id: int
    by: str
    approve: bool
    pass_to: str | None = None
