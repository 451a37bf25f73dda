"""Where a dealer stands in the organisation."""

from db.models import Dealer, Region


async def find_dealer(code: str) -> Dealer | None:
    return await Dealer.get_or_none(code=code)


async def region_exists(code: str) -> bool:
    return await Region.exists(code=code)
