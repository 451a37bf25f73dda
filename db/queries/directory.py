"""The organisation and the catalogue as plain values: listed, and looked at for changes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Count

from db.models import Assignment, CarModel, Dealer, Region, Staff

REGION = ("code", "name", "parent_code")
DEALER = (
    "code",
    "name",
    "region_id",
    "city",
    "address",
    "lat",
    "lng",
    "phone",
    "hours",
    "models",
    "open",
    "quota",
    "quality",
)
STAFF = (
    "userid",
    "name",
    "role",
    "dealer_id",
    "region_id",
    "on_duty",
    "capacity",
    "shifts",
    "leave",
    "active",
    "wecom",
)
MODEL = (
    "code",
    "name",
    "aliases",
    "price_low",
    "price_high",
    "energy",
    "on_sale",
    "highlights",
)


@dataclass(frozen=True, slots=True)
class Within:
    """Whose rows; None: everybody's."""

    dealer_codes: Collection[str] | None = None
    region_codes: Collection[str] = ()


async def region(code: str) -> dict[str, Any] | None:
    return await _one(Region.filter(code=code), REGION)


async def dealer(code: str) -> dict[str, Any] | None:
    return await _one(Dealer.filter(code=code), DEALER)


async def member(userid: str) -> dict[str, Any] | None:
    return await _one(Staff.filter(userid=userid), STAFF)


async def model(code: str) -> dict[str, Any] | None:
    return await _one(CarModel.filter(code=code), MODEL)


async def regions() -> list[dict[str, Any]]:
    """Every region, by code."""
    return await Region.all().order_by("code").values(*REGION)


async def models() -> list[dict[str, Any]]:
    """Every car line, what is on sale first."""
    return await CarModel.all().order_by("-on_sale", "code").values(*MODEL)


async def dealers(
    within: Within, words: str, region_code: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Dealers by code; `words` are part of a code, a name or a city."""
    rows = Dealer.all() if after is None else Dealer.filter(code__gt=after)
    if within.dealer_codes is not None:
        rows = rows.filter(code__in=list(within.dealer_codes))
    if region_code:
        rows = rows.filter(region_id=region_code)
    if words:
        found = (Q(code__icontains=words), Q(name__icontains=words), Q(city__icontains=words))
        rows = rows.filter(Q(*found, join_type=Q.OR))
    return await rows.order_by("code").limit(limit).values(*DEALER, "region__name")


async def staff(
    within: Within, wanted: dict[str, Any], words: str, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Staff by userid. `wanted`: column → value. `words`: a userid, or how a name begins."""
    rows = Staff.filter(**wanted) if after is None else Staff.filter(**wanted, userid__gt=after)
    if within.dealer_codes is not None:
        theirs = Q(dealer_id__in=list(within.dealer_codes))
        rows = rows.filter(theirs | Q(region_id__in=list(within.region_codes)))
    if words:
        rows = rows.filter(Q(userid=words) | Q(name__startswith=words))
    return (
        await rows.order_by("userid").limit(limit).values(*STAFF, "dealer__name", "region__name")
    )


async def staff_counts(dealer_codes: Collection[str]) -> dict[str, tuple[int, int]]:
    """Dealer → active staff, and how many of them are switched on."""
    people = Staff.filter(dealer_id__in=list(dealer_codes), active=True)
    rows = await people.values("dealer_id", "on_duty")
    counts: dict[str, tuple[int, int]] = {}
    for row in rows:
        total, on_duty = counts.get(row["dealer_id"], (0, 0))
        counts[row["dealer_id"]] = (total + 1, on_duty + bool(row["on_duty"]))
    return counts


async def held_counts(userids: Collection[str]) -> dict[str, int]:
    """Userid → leads held now."""
    running = Assignment.filter(staff_id__in=list(userids), ended_at__isnull=True)
    rows = await running.annotate(n=Count("id")).group_by("staff_id").values("staff_id", "n")
    return {row["staff_id"]: int(row["n"]) for row in rows}


async def dealer_counts() -> dict[str, int]:
    """Region → dealers in it."""
    rows = Dealer.filter(region_id__isnull=False).annotate(n=Count("code")).group_by("region_id")
    return {row["region_id"]: int(row["n"]) for row in await rows.values("region_id", "n")}


async def _one(rows: Any, columns: tuple[str, ...]) -> dict[str, Any] | None:
    found: list[dict[str, Any]] = await rows.values(*columns)
    return found[0] if found else None
