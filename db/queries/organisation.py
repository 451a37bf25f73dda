"""Where a dealer stands in the organisation, and what staff are called."""

from collections.abc import Collection

from db.models import Dealer, Region, Staff


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
