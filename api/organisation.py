"""The organisation and the catalogue: whole rows, created or replaced."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, JsonValue

from api.app_parts import INTAKE
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
from api.routing import Call, Routes, answer
from api.scoping import dealer_or_404, region_or_404
from domain.commands import PutDealer, PutModel, PutRegion, PutStaff

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
        description="`always`, or weekday → spans.",
        examples=[{"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}],
    )
    models: Literal["all"] | Annotated[list[Text64], Field(max_length=MOST_LISTED)] | None = "all"
    open: bool = True
    quota: Count = Field(default=0, description="Share of the city's leads; 0: none agreed.")
    quality: Annotated[float, Field(ge=0, le=100)] = 1.0


class StaffIn(Body):
    """A member of staff, at a dealer or for a region."""

    name: Name64
    role: Role
    dealer_code: Code | None = None
    region_code: Code | None = None
    on_duty: bool = True
    capacity: Annotated[int, Field(ge=0, le=10_000)] = 60
    shifts: JsonValue = Field(default=None, description="Weekday → spans; null: no timetable.")
    leave: Annotated[tuple[tuple[Day, Day], ...], Field(max_length=MOST_LISTED)] = ()
    active: bool = True


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
    await call.deps.bus.execute(PutRegion(code, body.name, body.parent))
    return answer(Stored(code=code))


@routes.put("/dealers/{code}", scope="org:write", answers={200: Stored})
async def put_dealer(call: Call, code: Code, body: DealerIn) -> web.StreamResponse:
    """Create or replace a dealer."""
    await dealer_or_404(call, code)
    await call.deps.bus.execute(
        PutDealer(
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
    )
    return answer(Stored(code=code))


@routes.put("/staff/{userid}", scope="org:write", answers={200: Stored})
async def put_staff(call: Call, userid: Userid, body: StaffIn) -> web.StreamResponse:
    """Create or replace a member of staff. Who is not active any more hands their leads over."""
    if body.dealer_code:
        await dealer_or_404(call, body.dealer_code)
    if body.region_code:
        await region_or_404(call, body.region_code)
    await call.deps.bus.execute(
        PutStaff(
            userid=userid,
            name=body.name,
            role=body.role,
            dealer_code=body.dealer_code,
            region_code=body.region_code,
            on_duty=body.on_duty,
            capacity=body.capacity,
            shifts=body.shifts,
            leave=tuple((first.isoformat(), last.isoformat()) for first, last in body.leave),
            active=body.active,
        )
    )
    return answer(Stored(code=userid))


@routes.put("/models/{code}", scope="org:write", answers={200: Stored})
async def put_model(call: Call, code: Code, body: ModelIn) -> web.StreamResponse:
    """Create or replace a car line."""
    low, high = body.guide_price or (None, None)
    await call.deps.bus.execute(
        PutModel(
            code=code,
            name=body.name,
            aliases=body.aliases,
            price_low=low,
            price_high=high,
            energy=body.energy,
            on_sale=body.on_sale,
            highlights=body.highlights,
        )
    )
    return answer(Stored(code=code))


async def _model_codes(call: Call, models: str | list[str] | None) -> object:
    """ "all", or the codes of the models named."""
    if not isinstance(models, list):
        return "all"
    catalogue = call.request.app[INTAKE].catalogue
    return [await catalogue.model_code(name, f"models.{i}") for i, name in enumerate(models)]
