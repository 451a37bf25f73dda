"""Segments: whole documents, created or replaced, with a version that grows."""

from db.models import Campaign, SegmentDocument
from domain.campaign import SEGMENT
from domain.errors import NotFound, WrongState
from domain.ready_segments import READY
from domain.segment import parse
from domain.segment_commands import DeleteSegment, PutSegment
from handlers import campaigns
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
    """Take a segment's row away, unless a campaign would be left with nobody to speak to."""
    if users := await _campaigns_for(command.code):
        raise WrongState("campaigns are for it", state="in_use", campaigns=users)
    if not await SegmentDocument.filter(code=command.code).delete():
        raise NotFound(f"no segment {command.code} of your own")


async def _campaigns_for(code: str) -> list[str]:
    """Campaigns that could not go on without this row; a ready-made one takes its place."""
    if code in READY:
        return []
    able = Campaign.filter(occasion=SEGMENT, state__not="stopped").order_by("code")
    flows = [(each.code, await campaigns.flow_of(each.id, each.version)) for each in await able]
    return [name for name, flow in flows if flow.audience.segment_code == code]
