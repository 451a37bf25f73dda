"""Segments: whom the brand speaks to, said in data; kept, and looked at before anybody is."""

from typing import Any

from aiohttp import web
from pydantic import JsonValue

from api.audited import ordered
from api.fields import Body, Code, Name64, View, iso
from api.masking import masked_name, masked_phone
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from api.scoping import scope_of
from db.queries.segment_documents import NamedSegment, all_segments, find_segment
from db.queries.segment_faces import CustomerFace, customer_faces
from db.queries.segments import members, size
from domain.errors import InvalidInput, NotAllowed, NotFound
from domain.segment import Segment, parse
from domain.segment_commands import DeleteSegment, PutSegment
from texts import labels
from texts import segments as words

routes = Routes("segments")

EXAMPLES = 20


class SegmentIn(Body):
    """A segment to keep. `document`: see docs/segments.md."""

    name: Name64
    document: JsonValue


class PreviewIn(Body):
    """A document to look at, kept or not."""

    document: JsonValue


class SegmentView(View):
    """A segment. `ready_made` ones come with the program; `version` grows with each change."""

    code: str
    name: str
    document: Any
    version: int
    ready_made: bool
    updated_at: str | None
    updated_by: str


class SegmentList(View):
    """Every segment: those people wrote, the newest first, then the ready-made ones."""

    items: list[SegmentView]


class Example(View):
    """A customer of the segment, with the lead that counts. Name and phone are masked."""

    customer_id: str
    lead_id: str | None
    name: str
    phone: str | None
    city: str
    pool_text: str
    level: str
    state_text: str
    model: str
    dealer: str
    active_at: str | None


class Preview(View):
    """How many customers are meant now, and some of them."""

    count: int
    examples: list[Example]


@routes.get("/segments", scope=CONSOLE, answers={200: SegmentList})
async def list_segments(call: Call) -> web.StreamResponse:
    """All segments."""
    return answer(SegmentList(items=[_view(segment) for segment in await all_segments()]))


@routes.get("/segments/{code}", scope=CONSOLE, answers={200: SegmentView})
async def get_segment(call: Call, code: Code) -> web.StreamResponse:
    """One segment."""
    return answer(_view(await _found(code)))


@routes.put("/segments/{code}", scope="org:write", answers={200: SegmentView})
async def put_segment(call: Call, code: Code, body: SegmentIn) -> web.StreamResponse:
    """Create or replace a segment, also a ready-made one."""
    _check_sees_all(call)
    _read(call, body.document)
    command = PutSegment(code, body.name, body.document, call.caller.name)
    await ordered(call, command, "put_segment", code, look=lambda: _look(code))
    return answer(_view(await _found(code)))


@routes.delete("/segments/{code}", scope="org:write", answers={204: None})
async def delete_segment(call: Call, code: Code) -> web.StreamResponse:
    """Take a segment away; a ready-made one shows again as it was delivered."""
    _check_sees_all(call)
    command = DeleteSegment(code, call.caller.name)
    await ordered(call, command, "delete_segment", code, look=lambda: _look(code))
    return answer(None)


@routes.post("/segments/preview", scope=CONSOLE, answers={200: Preview})
async def preview_segment(call: Call, body: PreviewIn) -> web.StreamResponse:
    """Count the customers a document means, and show twenty of them.

    Who does not see every dealer is shown the customers of their own.
    """
    segment = _read(call, body.document)
    dealers = (await scope_of(call)).dealer_codes
    count = await size(segment, call.now, dealers=dealers)
    some = await members(segment, call.now, limit=EXAMPLES, dealers=dealers) if count else []
    faces = await customer_faces(some)
    return answer(Preview(count=count, examples=[_example(call, face) for face in faces]))


async def _found(code: str) -> NamedSegment:
    segment = await find_segment(code)
    if segment is None:
        raise NotFound(f"no segment {code}")
    return segment


async def _look(code: str) -> dict[str, object] | None:
    kept = await find_segment(code)
    return {"name": _name(kept), "document": kept.document} if kept else None


def _read(call: Call, document: object) -> Segment:
    """The segment meant. Programs are told in English what is wrong with it, people in Chinese."""
    try:
        return parse(document)
    except InvalidInput as fault:
        if call.caller.member is None:
            raise
        told = [(loc, words.fault_text(message)) for loc, message in fault.errors]
        raise InvalidInput(told) from None


def _check_sees_all(call: Call) -> None:
    if not call.caller.sees_everything:
        raise NotAllowed("segments are the brand's to change")


def _name(segment: NamedSegment) -> str:
    return words.ready_name(segment.code) if segment.ready_made else segment.name


def _view(segment: NamedSegment) -> SegmentView:
    return SegmentView(
        code=segment.code,
        name=_name(segment),
        document=segment.document,
        version=segment.version,
        ready_made=segment.ready_made,
        updated_at=iso(segment.updated_at) if segment.updated_at else None,
        updated_by=segment.updated_by,
    )


def _example(call: Call, face: CustomerFace) -> Example:
    return Example(
        customer_id=str(face.customer_id),
        lead_id=str(face.lead_id) if face.lead_id else None,
        name=masked_name(face.name),
        phone=masked_phone(face.phone_cipher, call.deps.phones),
        city=face.city,
        pool_text=labels.pool_text(face.pool),
        level=face.level,
        state_text=labels.state_text(face.state) if face.state else "",
        model=face.model,
        dealer=face.dealer,
        active_at=iso(face.active_at) if face.active_at else None,
    )
