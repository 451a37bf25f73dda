"""Orders about segments: whom the brand speaks to, said in data."""

from dataclasses import dataclass

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class PutSegment(Command):
    """Create or replace a segment. `document` as `domain/segment.py` reads it."""

    code: str
    name: str
    document: object
    by: str


@dataclass(frozen=True, slots=True)
class DeleteSegment(Command):
    """Take a segment away; a ready-made one of that code shows again as it was delivered."""

    code: str
    by: str
