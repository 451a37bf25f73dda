"""Where a dealer stands in the organisation, and what staff are called."""

from collections.abc import Collection
from typing import Any

from db.models import Dealer, Region, Staff
from db.queries.scope import RowScope


async def find_dealer(code: str) -> Dealer | None:
    return await Dealer.get_or_none(code=code)


async def region_exists(code: str) -> bool:
    return await Region.exists(code=code)


async def find_staff(userid: str) -> Staff | None:
    return await Staff.get_or_none(userid=userid)


async def staff_names(userids: Collection[str]) -> dict[str, str]:
    """Names by userid, of those that exist."""
    rows = await Staff.filter(userid__in=list(userids)).values("userid", "name")
    return {row["userid"]: row["name"] for row in rows}


async def dealer_name(code: str) -> str:
    dealer = await Dealer.get_or_none(code=code)
    return dealer.name if dealer else ""


async def is_on_duty(userid: str) -> bool:
    return await Staff.exists(userid=userid, on_duty=True)


async def colleagues(dealer_code: str) -> list[dict[str, Any]]:
    """Active staff of a dealer who can hold leads, by userid."""
    people = Staff.filter(dealer_id=dealer_code, role__in=["adviser", "dcc"], active=True)
    return await people.order_by("userid").values("userid", "name", "role", "on_duty")


async def open_dealers(scope: RowScope) -> list[dict[str, Any]]:
    """Dealers of the scope that take leads, by city and name."""
    dealers = Dealer.filter(open=True)
    if scope.dealer_codes is not None:
        dealers = dealers.filter(code__in=list(scope.dealer_codes))
    return await dealers.order_by("city", "name").values("code", "name", "city")
