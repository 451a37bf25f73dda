"""How customers move between the pools: how many are where, come, go, and how long they stay.

All of it from the history of moves. A stay counts for the dealer, source and model of the lead
that counted when it began.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from tortoise.expressions import RawSQL, Subquery
from tortoise.functions import Count

from db.models import (
    Assignment,
    CarModel,
    Dealer,
    HandOver,
    Lead,
    PoolCheck,
    PoolDifference,
    PoolMove,
    Region,
)
from db.queries.stats import Selection

MOST_SAMPLED = 5000
COLUMNS = {"source": "source", "model": "model_code", "dealer": "dealer_code"}
REGION = "region"
GROUPINGS = (*COLUMNS, REGION)


@dataclass(frozen=True, slots=True)
class Flow:
    """Moves of one local day from one pool (empty: new here) into another."""

    day: str
    before: str
    pool: str
    count: int


@dataclass(frozen=True, slots=True)
class Dwell:
    """Stays in a pool that ended in the period; the median is of the newest 5,000 at most."""

    pool: str
    left: int
    median_s: float | None


async def sizes(chosen: Selection) -> dict[str, int]:
    """How many customers are in each pool at the end of the period."""
    return {pool: count for (pool,), count in (await _standing(chosen, "pool")).items()}


async def flows(chosen: Selection) -> list[Flow]:
    """Moves of the period, by day, oldest first."""
    found = [Flow(*row) for row in await _grouped(_moves(chosen), "day", "before", "pool")]
    return sorted(found, key=lambda flow: (flow.day, flow.before, flow.pool))


async def dwells(chosen: Selection, pools: Iterable[str]) -> list[Dwell]:
    """How long customers stayed in each pool before they left it in the period."""
    return [await _dwell(chosen, pool) for pool in pools]


async def _dwell(chosen: Selection, pool: str) -> Dwell:
    ended = PoolMove.filter(pool=pool, left_at__gte=chosen.since, left_at__lt=chosen.until)
    ended = _within(ended, chosen)
    newest = ended.order_by("-left_at").limit(MOST_SAMPLED)
    stayed = [int(s) for s in await newest.values_list("stayed_s", flat=True)]
    left = len(stayed) if len(stayed) < MOST_SAMPLED else await ended.count()
    return Dwell(pool, left, median(stayed) if stayed else None)


async def hand_overs(chosen: Selection) -> dict[str, int]:
    """How often each link was handed the conversation in the period."""
    rows = _held(HandOver.filter(at__gte=chosen.since, at__lt=chosen.until), chosen)
    if chosen.source or chosen.model:
        wanted = {"source": chosen.source, "model_code": chosen.model}
        leads = Lead.filter(**{name: value for name, value in wanted.items() if value})
        rows = rows.filter(lead_id__in=Subquery(leads.values("id")))
    return dict(await _grouped(rows, "link"))


@dataclass(slots=True)
class Part:
    """One source, model, dealer or region: who is where now, who came and went in the period."""

    key: str
    title: str
    sizes: Counter[str]
    entered: Counter[str]
    left: Counter[str]


async def parts(chosen: Selection, by: str, most: int) -> list[Part]:
    """The figures broken down, the biggest first; the key is empty where nothing is known."""
    column = COLUMNS.get(by, COLUMNS["dealer"])
    sizes_of: dict[str, Counter[str]] = defaultdict(Counter)
    entered: dict[str, Counter[str]] = defaultdict(Counter)
    left: dict[str, Counter[str]] = defaultdict(Counter)
    place = await _regions() if by == REGION else {}
    for (key, pool), count in (await _standing(chosen, column, "pool")).items():
        sizes_of[_key(key, by, place)][pool] += count
    for key, before, pool, count in await _grouped(_moves(chosen), column, "before", "pool"):
        entered[_key(key, by, place)][pool] += count
        left[_key(key, by, place)][before] += count
    keys = sorted(
        {*sizes_of, *entered}, key=lambda k: (-sizes_of[k].total(), -entered[k].total(), k)
    )[:most]
    titles = await _titles(by, keys)
    return [Part(k, titles.get(k, k), sizes_of[k], entered[k], left[k]) for k in keys]


def _key(value: str, by: str, place: dict[str, str]) -> str:
    return place.get(value, "") if by == REGION else value


async def _grouped(rows: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Counts by these columns, unknown as empty.

    SQLite takes a plain column for an order that some index has, and reads all of that one.
    """
    named = {f"{column}_": RawSQL(f"COALESCE(\"{column}\", '')") for column in columns}
    counted = rows.annotate(**named, n=Count("id")).group_by(*named)
    return list(await counted.values_list(*named, "n"))


async def _regions() -> dict[str, str]:
    rows = Dealer.filter(region_id__isnull=False).values_list("code", "region_id")
    return dict(await rows)


async def _titles(by: str, keys: list[str]) -> dict[str, str]:
    named: dict[str, Any] = {"dealer": Dealer, "model": CarModel, REGION: Region}
    if by not in named:
        return {}
    return dict(await named[by].filter(code__in=keys).values_list("code", "name"))


async def last_check() -> PoolCheck | None:
    """The newest nightly round that came to its end."""
    return await PoolCheck.filter(finished_at__isnull=False).order_by("-day").first()


async def differences(limit: int) -> list[PoolDifference]:
    """What the nightly rounds found, newest first."""
    return await PoolDifference.all().order_by("-id").limit(limit)


async def _standing(chosen: Selection, *columns: str) -> Counter[tuple[Any, ...]]:
    """Stays at the end of the period, counted: those that are not over, with those that ended
    since and without those that began since. Each of the three is one range of one index."""
    found: Counter[tuple[Any, ...]] = Counter()
    for rows, sign in (
        (PoolMove.filter(left_at__isnull=True), 1),
        (PoolMove.filter(left_at__gte=chosen.until), 1),
        (PoolMove.filter(at__gte=chosen.until), -1),
    ):
        for *key, count in await _grouped(_within(rows, chosen), *columns):
            found[tuple(key)] += sign * count
    return found


def _moves(chosen: Selection) -> Any:
    return _within(PoolMove.filter(at__gte=chosen.since, at__lt=chosen.until), chosen)


def _within(rows: Any, chosen: Selection) -> Any:
    """Stays of the lead that counted when they began."""
    if chosen.source:
        rows = rows.filter(source=chosen.source)
    if chosen.model:
        rows = rows.filter(model_code=chosen.model)
    return _held(rows, chosen)


def _held(rows: Any, chosen: Selection) -> Any:
    if chosen.dealer_codes is not None:
        rows = rows.filter(dealer_code__in=list(chosen.dealer_codes))
    if chosen.staff:
        held = Assignment.filter(staff_id=chosen.staff).values("lead_id")
        theirs = Lead.filter(id__in=Subquery(held)).values("customer_id")
        rows = rows.filter(customer_id__in=Subquery(theirs))
    return rows
