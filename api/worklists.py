"""A member's day: what is due, and the calendar."""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from api.desk import LeadBrief, brief, timezone_of, work_of
from api.fields import Day, Query, View, iso
from api.roles import DESK
from api.routing import Call, Routes, answer
from db.queries.faces import lead_faces
from db.queries.organisation import staff_names
from db.queries.worklist import Due, Planned, due_next, planned
from domain.sla import is_late

routes = Routes("desk")

MOST = 100
Row = TypeVar("Row", Due, Planned)
Whose = Annotated[
    Literal["mine", "all"], Field(description="`all`: those one leads, for managers and DCC.")
]


class TodoQuery(Query):
    """Whose."""

    whose: Whose = "mine"


class TodoItem(View):
    """A lead that needs somebody. `kind`: accept, first_response or follow_up."""

    lead: LeadBrief
    kind: str
    due_at: str
    late: bool
    userid: str
    adviser: str


class TodoList(View):
    """What is due, the most overdue first; `more`: there is further work behind these."""

    now: str
    items: list[TodoItem]
    late: int
    more: bool


class CalendarQuery(Query):
    """Which days, from `from` on."""

    since: Day = Field(alias="from")
    days: Annotated[int, Field(ge=1, le=42)] = 7
    whose: Whose = "mine"


class CalendarItem(View):
    """Something agreed or due. `kind`: appointment or follow_up."""

    lead: LeadBrief
    kind: str
    at: str
    userid: str
    adviser: str


class CalendarPage(View):
    """What stands in the calendar, in order of time."""

    items: list[CalendarItem]
    more: bool


@routes.get("/me/todo", scope=DESK, answers={200: TodoList})
async def list_todo(call: Call, query: TodoQuery) -> web.StreamResponse:
    """Whom to call next."""
    found = await due_next(await work_of(call, query.whose), MOST + 1)
    due = found[:MOST]
    items = [
        TodoItem(
            lead=lead,
            kind=row.kind,
            due_at=iso(row.at),
            late=is_late(row.at, call.now),
            userid=row.userid,
            adviser=name,
        )
        for row, lead, name in await _told(call, due)
    ]
    late = sum(item.late for item in items)
    return answer(TodoList(now=iso(call.now), items=items, late=late, more=len(found) > MOST))


@routes.get("/me/calendar", scope=DESK, answers={200: CalendarPage})
async def get_calendar(call: Call, query: CalendarQuery) -> web.StreamResponse:
    """Appointments and planned calls of some days."""
    start = datetime.combine(query.since, time(), ZoneInfo(timezone_of(call)))
    end = start + timedelta(days=query.days)
    found = await planned(await work_of(call, query.whose), start, end, MOST + 1)
    items = [
        CalendarItem(lead=lead, kind=row.kind, at=iso(row.at), userid=row.userid, adviser=name)
        for row, lead, name in await _told(call, found[:MOST])
    ]
    return answer(CalendarPage(items=items, more=len(found) > MOST))


async def _told(call: Call, rows: list[Row]) -> list[tuple[Row, LeadBrief, str]]:
    """Rows with their leads and the names of their advisers."""
    faces = await lead_faces([row.lead_id for row in rows])
    names = await staff_names({row.userid for row in rows})
    return [
        (row, brief(faces[row.lead_id], call), names.get(row.userid, ""))
        for row in rows
        if row.lead_id in faces
    ]
