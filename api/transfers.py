"""Many leads handed on at once: chosen or by a filter, counted first, each for itself."""

from typing import Annotated, Any, Literal, Self

from aiohttp import web
from pydantic import Field, model_validator

from api.audited import note, ordered
from api.desk import LeadBrief, brief
from api.errors import Refused
from api.fields import Body, Code, Count, LevelCode, Name64, Source, Userid, View
from api.lead_actions import target_or_404
from api.routing import Call, Routes, RowId, answer
from api.scoping import scope_of
from db.errors import StorageDown
from db.queries import transfers as stored
from db.queries.faces import lead_faces
from db.queries.organisation import staff_names
from domain.commands import TransferLead
from domain.errors import DomainError, NotFound

routes = Routes("ops")

MOST_AT_ONCE = 500
MOST_SHOWN = 20


class LeadFilter(Body):
    """Open leads of a dealer or an adviser; what else is given must hold too."""

    dealer_code: Code | None = None
    staff: Userid | None = None
    state: (
        Literal["held", "waiting", "assigned", "accepted", "sea", "region", "ordered"] | None
    ) = None
    level: LevelCode | None = None
    source: Source | None = None

    @model_validator(mode="after")
    def _is_narrow(self) -> Self:
        if self.dealer_code is None and self.staff is None:
            raise ValueError("needs dealer_code or staff")
        return self


class SelectionIn(Body):
    """Which leads: named, or by a filter."""

    lead_ids: Annotated[list[RowId], Field(min_length=1, max_length=MOST_AT_ONCE)] | None = None
    filter: LeadFilter | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.lead_ids is None) == (self.filter is None):
            raise ValueError("needs either lead_ids or filter")
        return self


class TransfersIn(SelectionIn):
    """Where they go: to an adviser, to a dealer, or (neither) to colleagues of who holds them.

    `count` is the number that was looked at; another one changes nothing.
    """

    userid: Userid | None = None
    dealer_code: Code | None = None
    reason: Name64
    count: Count

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if self.userid and self.dealer_code:
            raise ValueError("needs userid or dealer_code, not both")
        return self


class SelectionView(View):
    """How many, the first of them, and whether they are more than may go at once."""

    count: int
    too_many: bool
    items: list[LeadBrief]


class TransferResult(View):
    """What became of one lead. `code` says why it was refused."""

    lead_id: str
    outcome: Literal["moved", "waiting", "refused"]
    userid: str | None
    name: str
    code: str
    detail: str


class TransferResults(View):
    """One result a lead, in the order asked for."""

    count: int
    moved: int
    waiting: int
    refused: int
    items: list[TransferResult]


@routes.post("/ops/transfers/preview", scope="leads:work", answers={200: SelectionView})
async def preview_transfers(call: Call, body: SelectionIn) -> web.StreamResponse:
    """How many leads these are. Nothing is changed."""
    ids = await _chosen(call, body)
    faces = await lead_faces(ids[:MOST_SHOWN])
    return answer(
        SelectionView(
            count=min(len(ids), MOST_AT_ONCE),
            too_many=len(ids) > MOST_AT_ONCE,
            items=[brief(faces[i], call) for i in ids[:MOST_SHOWN] if i in faces],
        )
    )


@routes.post("/ops/transfers", scope="leads:work", answers={200: TransferResults})
async def transfer_leads(call: Call, body: TransfersIn) -> web.StreamResponse:
    """Hand leads on, each in a transaction of its own with a record of its own."""
    if body.userid or body.dealer_code:
        await target_or_404(call, body.userid, body.dealer_code)
    ids = await _chosen(call, body)
    if len(ids) > MOST_AT_ONCE:
        raise Refused(422, "too_many", f"more than {MOST_AT_ONCE}: narrow the filter")
    if len(ids) != body.count:
        raise Refused(409, "count_changed", f"there are {len(ids)} such leads now")
    results = [await _transfer(call, body, lead_id) for lead_id in ids]
    names = await staff_names({result.userid for result in results if result.userid})
    for result in results:
        result.name = names.get(result.userid or "", "")
    counts = {kind: sum(r.outcome == kind for r in results) for kind in _OUTCOMES}
    await note(
        call,
        "transfer_leads",
        body.userid or body.dealer_code or "colleagues",
        {"reason": body.reason, "count": len(ids), **counts},
    )
    return answer(TransferResults(count=len(ids), items=results, **counts))


_OUTCOMES = ("moved", "waiting", "refused")


async def _chosen(call: Call, body: SelectionIn) -> list[int]:
    scope = await scope_of(call)
    if body.filter:
        which = stored.Which(**body.filter.model_dump())
        return await stored.movable(which, scope, MOST_AT_ONCE + 1)
    ids = list(dict.fromkeys(body.lead_ids or ()))
    if hidden := set(ids) - await stored.visible(ids, scope):
        raise NotFound(f"no lead {min(hidden)}")
    return ids


async def _transfer(call: Call, body: TransfersIn, lead_id: int) -> TransferResult:
    command = TransferLead(lead_id, body.reason, call.caller.name, body.userid, body.dealer_code)
    result: dict[str, Any] = {"lead_id": str(lead_id), "name": "", "code": "", "detail": ""}
    try:
        userid = await ordered(
            call,
            command,
            "transfer_lead",
            str(lead_id),
            look=lambda: stored.placed(lead_id),
            reason=body.reason,
        )
    except DomainError as refusal:
        told = {"code": refusal.code, "detail": refusal.detail}
        return TransferResult(**{**result, **told}, outcome="refused", userid=None)
    except StorageDown:
        return TransferResult(**{**result, "code": "storage_down"}, outcome="refused", userid=None)
    return TransferResult(**result, outcome="moved" if userid else "waiting", userid=userid)
