"""Leads: take in, look up, and what happened to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from api import cursors
from api.app_parts import INTAKE
from api.fields import (
    Code,
    ExternalId,
    LevelCode,
    PageSize,
    Phone,
    Query,
    QueryMoment,
    Source,
    Userid,
    View,
    iso,
)
from api.intake import LeadIn
from api.lead_views import LeadView, lead_view
from api.masking import masked_words
from api.names import actor_name
from api.routing import Call, Routes, RowId, answer
from api.scoping import owner_or_404, scope_of
from db.queries import leads as stored
from db.queries.organisation import staff_names
from db.queries.scope import EVERYTHING
from db.queries.timelines import timeline
from domain.errors import NotFound
from domain.lead import LeadState
from domain.phone import mask_in_text
from domain.pools import Pool
from handlers.leads import IngestOutcome
from texts import labels

routes = Routes("leads")


class LeadTaken(View):
    """What became of an intake."""

    lead_id: str
    customer_id: str
    outcome: Literal["created", "merged", "reactivated", "duplicate"]
    level: str
    reasons: list[str]
    attribution: str
    pool: str
    dealer_code: str | None


class LeadQuery(Query):
    """Which leads; all that is given must hold."""

    source: Source | None = None
    external_id: ExternalId | None = None
    phone: Phone | None = None
    dealer_code: Code | None = None
    level: LevelCode | None = None
    pool: Pool | None = None
    state: LeadState | None = None
    staff: Userid | None = None
    updated_since: QueryMoment | None = None
    limit: PageSize = 50
    cursor: str | None = None


class LeadPage(View):
    """Leads, newest first."""

    items: list[LeadView]
    next_cursor: str | None


class TimelineQuery(Query):
    """Which part of a timeline."""

    limit: PageSize = 200
    cursor: str | None = None


class TimelineLine(View):
    """One thing that happened."""

    at: str
    kind: str
    actor: str
    actor_name: str = Field(description="What people call the actor.")
    text: str
    data: dict[str, Any]


class TimelinePage(View):
    """A timeline, oldest first."""

    items: list[TimelineLine]
    next_cursor: str | None


@routes.post("/leads", scope="leads:write", answers={201: LeadTaken, 200: LeadTaken})
async def take_lead(call: Call, body: LeadIn) -> web.StreamResponse:
    """Take one lead in.

    Answers when the lead is durable: 201, or 200 when `(source, external_id)` was seen before.
    Dispatch and push follow by themselves.
    """
    intake = call.request.app[INTAKE]
    outcome = await call.deps.bus.execute(await intake.command(body, call.caller.name, call.now))
    return answer(taken(outcome, call.now), 200 if outcome.outcome == "duplicate" else 201)


@routes.get("/leads", scope="leads:read", answers={200: LeadPage})
async def list_leads(call: Call, query: LeadQuery) -> web.StreamResponse:
    """Find leads, newest first."""
    wanted = stored.LeadFilter(
        source=query.source,
        external_id=query.external_id,
        phone_hashes=call.deps.phones.hashes(query.phone) if query.phone else None,
        dealer_code=query.dealer_code,
        level=query.level,
        pool=query.pool,
        state=query.state,
        staff=query.staff,
        updated_since=query.updated_since,
    )
    before = cursors.id_before(query.cursor)
    found = await stored.find_leads(wanted, await scope_of(call), before, query.limit + 1)
    page = [lead_view(sheet, call.deps.phones, call.now) for sheet in found[: query.limit]]
    more = cursors.encode(page[-1].number) if len(found) > query.limit else None
    return answer(LeadPage(items=page, next_cursor=more))


@routes.get("/leads/{lead_id}", scope="leads:read", answers={200: LeadView})
async def get_lead(call: Call, lead_id: RowId) -> web.StreamResponse:
    """One lead with its touchpoints and the running assignment."""
    return answer(await read_lead(call, lead_id))


@routes.get("/leads/{lead_id}/timeline", scope="leads:read", answers={200: TimelinePage})
async def get_timeline(call: Call, lead_id: RowId, query: TimelineQuery) -> web.StreamResponse:
    """Everything that happened to a lead and its customer, oldest first."""
    owner = await owner_or_404(call, lead_id)
    after = cursors.moment_and_id(query.cursor)
    rows = await timeline(lead_id, owner, after, query.limit + 1)
    page = rows[: query.limit]
    last = page[-1] if len(rows) > query.limit else None
    names = await staff_names(named_in(page))
    return answer(
        TimelinePage(
            items=[timeline_line(row, names, call.now) for row in page],
            next_cursor=cursors.encode(last["at"], last["id"]) if last else None,
        )
    )


async def read_lead(call: Call, lead_id: int) -> LeadView:
    """The lead as it stands now. Raises `NotFound`."""
    sheet = await stored.find_lead(lead_id, await scope_of(call))
    if sheet is None:
        raise NotFound("no such lead")
    return lead_view(sheet, call.deps.phones, call.now)


async def lead_after(call: Call, lead_id: int) -> LeadView:
    """The lead after an order on it, even if the order took it out of the caller's rows."""
    sheet = await stored.find_lead(lead_id, EVERYTHING)
    if sheet is None:
        raise NotFound("no such lead")
    return lead_view(sheet, call.deps.phones, call.now)


def taken(outcome: IngestOutcome, now: datetime) -> LeadTaken:
    """An intake's outcome as it is answered."""
    return LeadTaken(
        lead_id=str(outcome.lead_id),
        customer_id=str(outcome.customer_id),
        outcome=outcome.outcome,  # type: ignore[arg-type]  # checked by the model
        level=outcome.level,
        reasons=labels.reason_texts(outcome.reasons, now),
        attribution=outcome.attribution,
        pool=outcome.pool,
        dealer_code=outcome.dealer_code,
    )


def named_in(rows: Sequence[dict[str, Any]]) -> set[str]:
    """Userids of whom these rows of a timeline speak."""
    spoken = {str(row["data"].get("userid", "")) for row in rows}
    return spoken | {row["actor"].partition(":")[2] for row in rows}


def timeline_line(row: dict[str, Any], names: Mapping[str, str], now: datetime) -> TimelineLine:
    """One row of the timeline in words; `names` of staff by userid."""
    data = row["data"]
    name = names.get(str(data.get("userid", "")))
    text = labels.timeline_text(row["kind"], {**data, "name": name}, now)
    return TimelineLine(
        at=iso(row["at"]),
        kind=row["kind"],
        actor=row["actor"],
        actor_name=actor_name(row["actor"], names),
        text=mask_in_text(text),
        data=masked_words(data),
    )
