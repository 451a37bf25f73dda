"""Today's calls to customers who were given up or rest, and what comes of them."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from api.desk import LeadBrief, brief, member_of, timezone_of, work_of
from api.fields import Body, Query, View
from api.roles import DESK
from api.routing import Call, Routes, RowId, answer
from api.scoping import owner_or_404
from db.models import CallTask
from db.queries.calling import open_calls
from db.queries.faces import lead_faces
from db.queries.organisation import staff_names
from domain.calling_commands import RecordCall
from domain.errors import NotFound
from domain.phone import mask_in_text
from texts import labels

routes = Routes("desk")
MOST = 100


class CallsQuery(Query):
    """Whose."""

    whose: Literal["mine", "all"] = "mine"


class CallItem(View):
    """A customer worth calling today. `why`: the weightiest reason first."""

    id: str
    lead: LeadBrief
    why: list[str]
    points: float
    userid: str
    name: str


class CallList(View):
    """The calls of today that are still to be made, the worthiest first."""

    items: list[CallItem]


class CallMade(Body):
    """What came of it."""

    outcome: Literal["interested", "not_now", "unreachable", "bought_elsewhere", "refuses"]
    note: Annotated[str, Field(max_length=500)] = ""


class AfterCall(View):
    """The state of the lead now; `interested` has put it back to work."""

    state: str
    state_text: str


@routes.get("/me/calls", scope=DESK, answers={200: CallList})
async def list_calls(call: Call, query: CallsQuery) -> web.StreamResponse:
    """Whom to call again today."""
    tz = timezone_of(call)
    day = call.now.astimezone(ZoneInfo(tz)).date().isoformat()
    tasks = await open_calls(await work_of(call, query.whose), day, MOST)
    faces = await lead_faces([task.lead_id for task in tasks])
    names = await staff_names({task.staff_id for task in tasks})
    items = [
        CallItem(
            id=str(task.id),
            lead=brief(faces[task.lead_id], call),
            why=labels.reason_texts(task.reasons, call.now, tz),
            points=task.points,
            userid=task.staff_id,
            name=names.get(task.staff_id, ""),
        )
        for task in tasks
        if task.lead_id in faces
    ]
    return answer(CallList(items=items))


@routes.post("/me/calls/{call_id}", scope=DESK, answers={200: AfterCall})
async def record_call(call: Call, call_id: RowId, body: CallMade) -> web.StreamResponse:
    """Say what came of a call; whoever is interested goes back to an adviser at once."""
    member = member_of(call)
    task = await CallTask.get_or_none(id=call_id)
    if task is None:
        raise NotFound(f"no call {call_id}")
    await owner_or_404(call, task.lead_id)
    order = RecordCall(task.id, f"staff:{member.userid}", body.outcome, mask_in_text(body.note))
    await call.deps.bus.execute(order)
    state = (await lead_faces([task.lead_id]))[task.lead_id].state
    return answer(AfterCall(state=state, state_text=labels.state_text(state)))
