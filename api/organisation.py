"""The organisation and the catalogue: whole rows, created or replaced."""

from datetime import date
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, JsonValue

from api.app_parts import INTAKE
from api.audited import ordered
from api.errors import Refused
from api.fields import (
    Body,
    Code,
    Count,
    Day,
    Name64,
    Text32,
    Text64,
    Text200,
    Userid,
    View,
)
from api.roles import ACCOUNTS, ROSTER
from api.routing import Call, Routes, answer
from api.scoping import dealer_or_404, region_or_404, scope_of
from db.queries import directory
from domain.commands import PutDealer, PutModel, PutRegion, PutStaff
from domain.errors import NotFound

routes = Routes("organisation")

MOST_LISTED = 200
Role = Literal["adviser", "dcc", "store_manager", "region_manager", "brand_ops", "ops"]
Price = Annotated[int, Field(ge=0, le=1_000_000_000)]


class Stored(View):
    """The row is stored under this key."""

    code: str


class RegionIn(Body):
    """A sales region; `parent` makes it a sub-region."""

    name: Name64
    parent: Code | None = None


class DealerIn(Body):
    """A store."""

    name: Name64
    region: Code | None = None
    city: Text32 = ""
    address: Text200 | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lng: Annotated[float, Field(ge=-180, le=180)] | None = None
    phone: Text32 | None = None
    hours: JsonValue = Field(
        default="always",
        description="`always`, or weekday → spans; a date for a special day; `holidays`: open.",
        examples=[{"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}],
    )
    models: Literal["all"] | Annotated[list[Text64], Field(max_length=MOST_LISTED)] | None = "all"
    open: bool = True
    quota: Count = Field(default=0, description="Share of the city's leads; 0: none agreed.")
    quality: Annotated[float, Field(ge=0, le=100)] = 1.0


class RosterIn(Body):
    """When somebody works. `capacity`: open leads at most."""

    on_duty: bool = True
    capacity: Annotated[int, Field(ge=0, le=10_000)] = 60
    shifts: JsonValue = Field(default=None, description="Weekday → spans; null: no timetable.")
    leave: Annotated[tuple[tuple[Day, Day], ...], Field(max_length=MOST_LISTED)] = ()


class StaffIn(RosterIn):
    """A member of staff, at a dealer or for a region."""

    name: Name64
    role: Role
    dealer_code: Code | None = None
    region_code: Code | None = None
    active: bool = True
    wecom: bool | None = Field(
        default=None, description="In WeCom; null leaves it as it is. Others: brand_ops and ops."
    )


class ModelIn(Body):
    """A car line. `guide_price` is [lowest, highest] in yuan."""

    name: Name64
    aliases: Annotated[tuple[Name64, ...], Field(max_length=MOST_LISTED)] = ()
    guide_price: tuple[Price, Price] | None = None
    energy: Annotated[str, Field(pattern=r"^[a-z]{2,16}$")] = "ice"
    on_sale: bool = True
    highlights: Annotated[tuple[Text200, ...], Field(max_length=MOST_LISTED)] = ()


@routes.put("/regions/{code}", scope="org:write", answers={200: Stored})
async def put_region(call: Call, code: Code, body: RegionIn) -> web.StreamResponse:
    """Create or replace a region."""
    await region_or_404(call, code)
    command = PutRegion(code, body.name, body.parent)
    await ordered(call, command, "put_region", code, look=lambda: directory.region(code))
    return answer(Stored(code=code))


@routes.put("/dealers/{code}", scope="org:write", answers={200: Stored})
async def put_dealer(call: Call, code: Code, body: DealerIn) -> web.StreamResponse:
    """Create or replace a dealer."""
    await dealer_or_404(call, code)
    command = PutDealer(
        code=code,
        name=body.name,
        region=body.region,
        city=body.city.strip(),
        address=body.address or "",
        lat=body.lat,
        lng=body.lng,
        phone=body.phone or "",
        hours=body.hours,
        models=await _model_codes(call, body.models),
        open=body.open,
        quota=body.quota,
        quality=body.quality,
    )
    await ordered(call, command, "put_dealer", code, look=lambda: directory.dealer(code))
    return answer(Stored(code=code))


@routes.put("/staff/{userid}", scope="org:write", answers={200: Stored})
async def put_staff(call: Call, userid: Userid, body: StaffIn) -> web.StreamResponse:
    """Create or replace a member of staff. Who is not active any more hands their leads over.

    Of people, only `ops` make others `ops` or change them.
    """
    await _check_may_touch(call, userid, body.role)
    if body.dealer_code:
        await dealer_or_404(call, body.dealer_code)
    if body.region_code:
        await region_or_404(call, body.region_code)
    command = PutStaff(
        userid=userid,
        name=body.name,
        role=body.role,
        dealer_code=body.dealer_code,
        region_code=body.region_code,
        on_duty=body.on_duty,
        capacity=body.capacity,
        shifts=body.shifts,
        leave=_days(body.leave),
        active=body.active,
        wecom=body.wecom,
    )
    await ordered(call, command, "put_staff", userid, look=lambda: directory.member(userid))
    return answer(Stored(code=userid))


@routes.put("/staff/{userid}/roster", scope=ROSTER, answers={200: Stored})
async def put_roster(call: Call, userid: Userid, body: RosterIn) -> web.StreamResponse:
    """When a member of staff works and how much they take; for their managers too."""
    row = await directory.member(userid)
    if row is None or not (await scope_of(call)).covers(row["dealer_id"]):
        raise NotFound("no such member of staff")
    command = PutStaff(
        userid=userid,
        name=row["name"],
        role=row["role"],
        dealer_code=row["dealer_id"],
        region_code=row["region_id"],
        on_duty=body.on_duty,
        capacity=body.capacity,
        shifts=body.shifts,
        leave=_days(body.leave),
        active=row["active"],
    )
    await ordered(call, command, "put_roster", userid, look=lambda: directory.member(userid))
    return answer(Stored(code=userid))


@routes.put("/models/{code}", scope="org:write", answers={200: Stored})
async def put_model(call: Call, code: Code, body: ModelIn) -> web.StreamResponse:
    """Create or replace a car line."""
    low, high = body.guide_price or (None, None)
    command = PutModel(
        code=code,
        name=body.name,
        aliases=body.aliases,
        price_low=low,
        price_high=high,
        energy=body.energy,
        on_sale=body.on_sale,
        highlights=body.highlights,
    )
    await ordered(call, command, "put_model", code, look=lambda: directory.model(code))
    return answer(Stored(code=code))


def _days(leave: tuple[tuple[date, date], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((first.isoformat(), last.isoformat()) for first, last in leave)


async def _model_codes(call: Call, models: str | list[str] | None) -> object:
    """ "all", or the codes of the models named."""
    if not isinstance(models, list):
        return "all"
    catalogue = call.request.app[INTAKE].catalogue
    return [await catalogue.model_code(name, f"models.{i}") for i, name in enumerate(models)]


async def _check_may_touch(call: Call, userid: str, role: str) -> None:
    """Nobody gives themselves what their own role does not include. Raises a 403 `Refused`."""
    before = await directory.member(userid)
    concerned = role == "ops" or (before is not None and before["role"] == "ops")
    if call.caller.member and concerned and not call.caller.may(ACCOUNTS):
        raise Refused(403, "not_allowed", "only ops make somebody ops, or change them")
