"""The organisation and the catalogue to look at: regions, dealers, staff, models."""

from datetime import date
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, JsonValue

from api import cursors
from api.desk import timezone_of
from api.fields import Code, PageSize, Query, Text64, Userid, View
from api.organisation import Role
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from api.scoping import dealer_or_404, scope_of
from db.queries import directory as stored
from domain.dispatch import AdviserFacts, why_not_now
from domain.errors import NotFound
from handlers.calendars import parse_shifts
from texts import labels

routes = Routes("organisation")

TAKE_LEADS = frozenset({"adviser", "dcc"})
Words = Annotated[Text64, Field(description="Part of a code, name or city.")]


class RegionView(View):
    """A sales region."""

    code: str
    name: str
    parent: str | None
    dealers: int


class RegionList(View):
    """Every region the caller sees."""

    items: list[RegionView]


class DealerView(View):
    """A store. `on_duty` of its active `staff` are switched on."""

    code: str
    name: str
    region: str | None
    region_name: str
    city: str
    address: str
    lat: float | None
    lng: float | None
    phone: str
    hours: JsonValue
    models: JsonValue
    open: bool
    quota: int
    quality: float
    staff: int
    on_duty: int


class DealerPage(View):
    """Dealers by code."""

    items: list[DealerView]
    next_cursor: str | None


class StaffView(View):
    """A member of staff. `absence` says why they get no lead now; empty: they may."""

    userid: str
    name: str
    role: str
    role_text: str
    dealer_code: str | None
    dealer_name: str
    region_code: str | None
    region_name: str
    on_duty: bool
    capacity: int
    shifts: JsonValue
    leave: list[list[str]]
    active: bool
    wecom: bool
    open_leads: int
    absence: str


class StaffPage(View):
    """Staff by userid."""

    items: list[StaffView]
    next_cursor: str | None


class ModelView(View):
    """A car line. `guide_price` is [lowest, highest] in yuan."""

    code: str
    name: str
    aliases: list[str]
    guide_price: list[int] | None
    energy: str
    on_sale: bool
    highlights: list[str]


class ModelList(View):
    """Every car line."""

    items: list[ModelView]


class DealerQuery(Query):
    """Which dealers, and which page of them."""

    q: Words = ""
    region: Code | None = None
    limit: PageSize = 50
    cursor: str | None = None


class StaffQuery(Query):
    """Which staff, and which page of them. `q`: a userid, or how a name begins."""

    q: Text64 = ""
    dealer: Code | None = None
    role: Role | None = None
    active: bool | None = None
    limit: PageSize = 50
    cursor: str | None = None


@routes.get("/regions", scope=CONSOLE, answers={200: RegionList})
async def list_regions(call: Call) -> web.StreamResponse:
    """Regions, by code."""
    counts = await stored.dealer_counts()
    mine = call.caller.region_codes
    return answer(
        RegionList(
            items=[
                RegionView(
                    code=row["code"],
                    name=row["name"],
                    parent=row["parent_code"],
                    dealers=counts.get(row["code"], 0),
                )
                for row in await stored.regions()
                if call.caller.sees_everything or row["code"] in (mine or ())
            ]
        )
    )


@routes.get("/dealers", scope=CONSOLE, answers={200: DealerPage})
async def list_dealers(call: Call, query: DealerQuery) -> web.StreamResponse:
    """Dealers, by code."""
    after = cursors.text_after(query.cursor)
    found = await stored.dealers(
        await _within(call), query.q.strip(), query.region, after, query.limit + 1
    )
    page = found[: query.limit]
    counts = await stored.staff_counts([row["code"] for row in page])
    more = cursors.encode(page[-1]["code"]) if len(found) > query.limit else None
    items = [_dealer(row, counts.get(row["code"], (0, 0))) for row in page]
    return answer(DealerPage(items=items, next_cursor=more))


@routes.get("/dealers/{code}", scope=CONSOLE, answers={200: DealerView})
async def get_dealer(call: Call, code: Code) -> web.StreamResponse:
    """One dealer."""
    await dealer_or_404(call, code)
    rows = await stored.dealers(stored.Within([code]), "", None, None, 1)
    if not rows:
        raise NotFound("no such dealer")
    counts = await stored.staff_counts([code])
    return answer(_dealer(rows[0], counts.get(code, (0, 0))))


@routes.get("/staff", scope=CONSOLE, answers={200: StaffPage})
async def list_staff(call: Call, query: StaffQuery) -> web.StreamResponse:
    """Staff, by userid, with what each holds and why they get no lead now."""
    given = {"dealer_id": query.dealer, "role": query.role, "active": query.active}
    wanted = {name: value for name, value in given.items() if value is not None}
    after = cursors.text_after(query.cursor)
    found = await stored.staff(
        await _within(call), wanted, query.q.strip(), after, query.limit + 1
    )
    page = found[: query.limit]
    more = cursors.encode(page[-1]["userid"]) if len(found) > query.limit else None
    return answer(StaffPage(items=await _people(call, page), next_cursor=more))


@routes.get("/staff/{userid}", scope=CONSOLE, answers={200: StaffView})
async def get_staff(call: Call, userid: Userid) -> web.StreamResponse:
    """One member of staff."""
    rows = await stored.staff(await _within(call), {"userid": userid}, "", None, 1)
    if not rows:
        raise NotFound("no such member of staff")
    return answer((await _people(call, rows))[0])


@routes.get("/models", scope=CONSOLE, answers={200: ModelList})
async def list_catalogue(call: Call) -> web.StreamResponse:
    """The catalogue, what is on sale first."""
    return answer(ModelList(items=[_model(row) for row in await stored.models()]))


async def _within(call: Call) -> stored.Within:
    return stored.Within((await scope_of(call)).dealer_codes, call.caller.region_codes or ())


def _dealer(row: dict[str, Any], counts: tuple[int, int]) -> DealerView:
    kept = {name: row[name] for name in stored.DEALER if name != "region_id"}
    return DealerView(
        region=row["region_id"],
        region_name=row["region__name"] or "",
        staff=counts[0],
        on_duty=counts[1],
        **kept,
    )


async def _people(call: Call, rows: list[dict[str, Any]]) -> list[StaffView]:
    held = await stored.held_counts([row["userid"] for row in rows])
    return [_member(call, row, held.get(row["userid"], 0)) for row in rows]


def _member(call: Call, row: dict[str, Any], open_leads: int) -> StaffView:
    kept = ("userid", "name", "role", "on_duty", "capacity", "shifts", "leave", "active", "wecom")
    return StaffView(
        role_text=labels.role_text(row["role"]),
        dealer_code=row["dealer_id"],
        dealer_name=row["dealer__name"] or "",
        region_code=row["region_id"],
        region_name=row["region__name"] or "",
        open_leads=open_leads,
        absence=_absence(call, row, open_leads),
        **{name: row[name] for name in kept},
    )


def _absence(call: Call, row: dict[str, Any], open_leads: int) -> str:
    if row["role"] not in TAKE_LEADS:
        return ""
    tz = timezone_of(call)
    facts = AdviserFacts(
        userid=row["userid"],
        role=row["role"],
        on_duty=row["on_duty"],
        shifts=parse_shifts(row["shifts"], tz),
        leave=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in row["leave"]),
        active=row["active"],
        capacity=row["capacity"],
        open_leads=open_leads,
    )
    why = why_not_now(facts, call.now, tz)
    return labels.reason_text({"code": why}) if why else ""


def _model(row: dict[str, Any]) -> ModelView:
    priced = row["price_low"] is not None and row["price_high"] is not None
    return ModelView(
        code=row["code"],
        name=row["name"],
        aliases=row["aliases"],
        guide_price=[row["price_low"], row["price_high"]] if priced else None,
        energy=row["energy"],
        on_sale=row["on_sale"],
        highlights=row["highlights"],
    )
