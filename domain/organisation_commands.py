"""Orders about what the brand keeps beside its organisation: the FAQ, and keys of the API."""

from dataclasses import dataclass

from domain.commands import Command
from domain.faq import Question


@dataclass(frozen=True, slots=True)
class PutFaq(Command):
    """Replace the frequent questions; None: those delivered with the program count again.

    `version` is the one that was edited (0: there was none); another one since refuses it.
    """

    questions: tuple[Question, ...] | None
    version: int
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RevokeApiKey(Command):
    """Whoever still uses this key is let in no more."""

    key_id: int
