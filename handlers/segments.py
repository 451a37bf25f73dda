"""Segments: whole documents, created or replaced, with a version that grows."""

from db.models import SegmentDocument
from domain.errors import NotFound
from domain.segment import parse
from domain.segment_commands import DeleteSegment, PutSegment
from handlers.tx import Tx


async def put_segment(command: PutSegment, tx: Tx) -> int:
    """Keep a segment's document as its next version; returns the version."""
    parse(command.document)
    row = await SegmentDocument.filter(code=command.code).select_for_update().first()
    if row is None:
        row = SegmentDocument(code=command.code, version=0, created_at=tx.now)
    elif (row.name, row.document) == (command.name, command.document):
        return row.version
    row.name, row.document = command.name, command.document
    row.version += 1
    row.updated_at, row.updated_by = tx.now, command.by
    await row.save(force_create=row.version == 1)
    return row.version


async def delete_segment(command: DeleteSegment, tx: Tx) -> None:
    """Take a segment's row away."""
    if not await SegmentDocument.filter(code=command.code).delete():
        raise NotFound(f"no segment {command.code} of your own")
