"""Which dealers' rows may be seen."""

from collections.abc import Collection
from dataclasses import dataclass

from db.models import Dealer, Region


@dataclass(frozen=True, slots=True)
class RowScope:
    """The dealers whose rows are visible; None: every row, also those without a dealer."""

    dealer_codes: frozenset[str] | None = None

    def covers(self, dealer_code: str | None) -> bool:
        return self.dealer_codes is None or dealer_code in self.dealer_codes


EVERYTHING = RowScope()


async def row_scope(
    dealer_codes: Collection[str] | None, region_codes: Collection[str] | None
) -> RowScope:
    """The named dealers and those of the named regions and their sub-regions."""
    if dealer_codes is None and region_codes is None:
        return EVERYTHING
    named = set(dealer_codes or ())
    if region_codes:
        named |= await dealers_in(region_codes)
    return RowScope(frozenset(named))


async def dealers_in(region_codes: Collection[str]) -> set[str]:
    """Codes of the dealers in these regions and everything below them."""
    regions = await _with_sub_regions(set(region_codes))
    found = await Dealer.filter(region_id__in=list(regions)).values_list("code", flat=True)
    return set(found)  # type: ignore[arg-type]


async def _with_sub_regions(regions: set[str]) -> set[str]:
    rows = await Region.filter(parent_code__isnull=False).values("code", "parent_code")
    grown = True
    while grown:
        below = {row["code"] for row in rows if row["parent_code"] in regions} - regions
        grown = bool(below)
        regions |= below
    return regions
