"""The pools in figures: who is where, who comes and goes, how long they stay, what becomes of
them; and whether the nightly round found everybody where the facts say."""

from collections import Counter
from dataclasses import replace
from typing import Literal

from aiohttp import web
from pydantic import Field

from api.fields import Code, Source, View, iso
from api.routing import Call, Routes, answer
from api.stats import StatsQuery, selection, share
from db.queries import pool_stats as stored
from db.queries import stats as customers
from db.queries.pool_stats import Flow, Part
from domain.pools import POOLS
from texts.labels import source_text

routes = Routes("stats")

DAY_S = 86_400
MOST_GROUPS = 200
SHOWN_DIFFERENCES = 50


class PoolsQuery(StatsQuery):
    """The same, of one source or model, broken down by one thing if asked."""

    by: Literal["source", "model", "region", "dealer"] | None = None
    source: Source | None = None
    model: Code | None = None


class PoolFlow(View):
    """One pool on one local day."""

    day: str
    pool: str
    entered: int
    left: int


class Dwell(View):
    """Stays that ended in the period; the median is of the newest 5,000."""

    pool: str
    left: int
    median_days: float | None


class Conversion(View):
    """Where those went who left a pool; `before` is null for who is new."""

    before: str | None
    pool: str
    count: int
    share: float


class HandOvers(View):
    """How often the conversation changed hands."""

    to_dealer: int
    to_brand: int


class PoolGroup(View):
    """One source, model, region or dealer; the key is null where nothing is known."""

    key: str | None
    title: str
    customers: int
    sizes: dict[str, int]
    entered: dict[str, int]
    left: dict[str, int]


class NightlyCheck(View):
    """The newest round that worked out every customer's pool again."""

    day: str
    checked: int
    differences: int
    finished_at: str


class Pools(View):
    """`customers`, `pools` and `links`: those met in the period, as they stand now. `sizes`: all
    who are in a pool at the end of the period. The rest: moves of the period."""

    since: str = Field(serialization_alias="from")
    until: str = Field(serialization_alias="to")
    customers: int
    pools: dict[str, int]
    links: dict[str, int]
    sizes: dict[str, int]
    flows: list[PoolFlow]
    dwell: list[Dwell]
    conversions: list[Conversion]
    hand_overs: HandOvers
    by: str | None
    groups: list[PoolGroup]
    check: NightlyCheck | None


class Difference(View):
    """A customer who was kept in one pool while the facts said another; put right at `at`."""

    customer_id: str
    kept: str = Field(description="Empty: in no pool at all.")
    kept_link: str
    pool: str
    link: str
    at: str


class Differences(View):
    """Newest first."""

    items: list[Difference]


@routes.get("/stats/pools", scope="leads:read", answers={200: Pools})
async def get_pools(call: Call, query: PoolsQuery) -> web.StreamResponse:
    """How many customers are in each pool, and how they move."""
    chosen = await selection(call, query)
    chosen = replace(chosen, source=query.source, model=query.model)
    met = await customers.customers_by("pool", chosen)
    moved = await stored.flows(chosen)
    over = await stored.hand_overs(chosen)
    groups = await stored.parts(chosen, query.by, MOST_GROUPS) if query.by else []
    return answer(
        Pools(
            since=iso(chosen.since),
            until=iso(chosen.until),
            customers=sum(met.values()),
            pools=_of_each_pool(met),
            links=await customers.customers_by("link", chosen),
            sizes=_of_each_pool(await stored.sizes(chosen)),
            flows=_flows(moved),
            dwell=[
                Dwell(pool=d.pool, left=d.left, median_days=_days(d.median_s))
                for d in await stored.dwells(chosen, POOLS)
            ],
            conversions=_conversions(moved),
            hand_overs=HandOvers(to_dealer=over.get("dealer", 0), to_brand=over.get("brand", 0)),
            by=query.by,
            groups=[_group(part, query.by) for part in groups],
            check=await _check(),
        )
    )


@routes.get("/stats/pools/differences", scope="ops", answers={200: Differences})
async def get_differences(call: Call) -> web.StreamResponse:
    """Whom the nightly rounds found in a wrong pool."""
    return answer(
        Differences(
            items=[
                Difference(
                    customer_id=str(row.customer_id),
                    kept=row.kept,
                    kept_link=row.kept_link,
                    pool=row.pool,
                    link=row.link,
                    at=iso(row.at),
                )
                for row in await stored.differences(SHOWN_DIFFERENCES)
            ]
        )
    )


def _of_each_pool(found: dict[str, int] | Counter[str]) -> dict[str, int]:
    return {pool: found.get(pool, 0) for pool in POOLS}


def _flows(moved: list[Flow]) -> list[PoolFlow]:
    entered: Counter[tuple[str, str]] = Counter()
    left: Counter[tuple[str, str]] = Counter()
    for flow in moved:
        entered[flow.day, flow.pool] += flow.count
        left[flow.day, flow.before] += flow.count
    return [
        PoolFlow(day=day, pool=pool, entered=entered[day, pool], left=left[day, pool])
        for day, pool in sorted({*entered, *left})
        if pool
    ]


def _conversions(moved: list[Flow]) -> list[Conversion]:
    """Commonest first, pool by pool in their order, newcomers before all."""
    counts: Counter[tuple[str, str]] = Counter()
    leaving: Counter[str] = Counter()
    for flow in moved:
        counts[flow.before, flow.pool] += flow.count
        leaving[flow.before] += flow.count
    order = ("", *POOLS)
    ranked = sorted(counts.items(), key=lambda item: (order.index(item[0][0]), -item[1]))
    return [
        Conversion(
            before=before or None,
            pool=pool,
            count=count,
            share=share(count, leaving[before]) or 0.0,
        )
        for (before, pool), count in ranked
    ]


def _group(part: Part, by: str | None) -> PoolGroup:
    return PoolGroup(
        key=part.key or None,
        title=source_text(part.key) if by == "source" else part.title,
        customers=part.sizes.total(),
        sizes=_of_each_pool(part.sizes),
        entered=_of_each_pool(part.entered),
        left=_of_each_pool(part.left),
    )


async def _check() -> NightlyCheck | None:
    found = await stored.last_check()
    if found is None or found.finished_at is None:
        return None
    return NightlyCheck(
        day=found.day,
        checked=found.checked,
        differences=found.differences,
        finished_at=iso(found.finished_at),
    )


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / DAY_S, 2)
