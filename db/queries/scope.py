"""Which dealers' rows may be seen."""

from collections.abc import Collection
from dataclasses import dataclass

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from db.models import Assignment, Dealer, Lead, Region
from domain.lead import CLOSED, LeadState

UNHELD = (LeadState.SEA, LeadState.WAITING)


@dataclass(frozen=True, slots=True)
class RowScope:
    """The dealers whose rows are visible; None: every row, also those without a dealer.

    With `userid` only what this member holds, closed themself, or could take.
    """

    dealer_codes: frozenset[str] | None = None
    userid: str | None = None

    def covers(self, dealer_code: str | None) -> bool:
        return self.dealer_codes is None or dealer_code in self.dealer_codes


EVERYTHING = RowScope()


def visible_leads(scope: RowScope) -> QuerySet[Lead]:
    """The leads of a scope."""
    leads = Lead.all()
    if scope.dealer_codes is not None:
        leads = leads.filter(dealer_id__in=list(scope.dealer_codes))
    if scope.userid is not None:
        leads = leads.filter(_theirs(scope.userid))
    return leads


def _theirs(userid: str) -> Q:
    mine = Assignment.filter(staff_id=userid)
    held = mine.filter(ended_at__isnull=True).values("lead_id")
    ended_by_them = mine.filter(end_reason__in=[str(s) for s in CLOSED]).values("lead_id")
    return (
        Q(state__in=[str(s) for s in UNHELD])
        | Q(id__in=Subquery(held))
        | Q(closed_at__isnull=False, id__in=Subquery(ended_by_them))
    )


async def row_scope(
    dealer_codes: Collection[str] | None,
    region_codes: Collection[str] | None,
    userid: str | None = None,
) -> RowScope:
    """The named dealers and those of the named regions and their sub-regions."""
    if dealer_codes is None and region_codes is None:
        return EVERYTHING
    named = set(dealer_codes or ())
    if region_codes:
        named |= await dealers_in(region_codes)
    return RowScope(frozenset(named), userid)


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
