"""Orders about segments, and about the profiles they ask."""

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


@dataclass(frozen=True, slots=True)
class DrawProfiles(Command):
    """Draw the profiles of the next `limit` customers after `after` anew.

    They are drawn with every change: this is for rows that came by another way, and to prove it.
    """

    after: int
    limit: int
