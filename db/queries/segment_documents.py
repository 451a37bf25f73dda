"""Segments by name: the rows, and the ready-made ones no row has taken the place of."""

from dataclasses import dataclass
from datetime import datetime

from db.models import SegmentDocument
from domain.ready_segments import READY


@dataclass(frozen=True, slots=True)
class NamedSegment:
    """A segment's document. A ready-made one has version 0 and no name: its code has words."""

    code: str
    document: object
    name: str = ""
    version: int = 0
    updated_at: datetime | None = None
    updated_by: str = ""

    @property
    def ready_made(self) -> bool:
        return self.version == 0


async def find_segment(code: str) -> NamedSegment | None:
    """The segment of this code."""
    row = await SegmentDocument.get_or_none(code=code)
    if row is not None:
        return _named(row)
    return NamedSegment(code, READY[code]) if code in READY else None


async def all_segments() -> list[NamedSegment]:
    """Every segment: those people wrote, the newest first, then the ready-made ones."""
    rows = await SegmentDocument.all().order_by("-updated_at", "code")
    own = [_named(row) for row in rows]
    taken = {segment.code for segment in own}
    return own + [NamedSegment(code, said) for code, said in READY.items() if code not in taken]


def _named(row: SegmentDocument) -> NamedSegment:
    return NamedSegment(
        row.code, row.document, row.name, row.version, row.updated_at, row.updated_by
    )
