"""What a market came to: one row of the comparison, from the product's rows and the truth."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from db import sql
from market.customers import Life
from market.seasons import ZONE
from market.world import World

HOPELESS = timedelta(days=30)
"""A buyer nobody of ours spoke with in so long before the decision is a wasted lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """What is the same number in one town and in the comparison."""

    leads: int
    orders: int
    won_back: int
    touches: int
    replies: int
    opted_out: int
    calls: int
    taken_up: int
    recycled: int
    defeated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Tallies):
    """What was counted in one town, or in several together."""

    waits: tuple[float, ...]
    """Minutes of opening hours to the first call, of those who were called, in order."""
    decided: int
    wasted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Tallies):
    """Shares are of all customers unless said otherwise; minutes are of opening hours."""

    never_called: float
    called_in_30_minutes: float
    first_response_median: float | None
    first_response_p90: float | None
    buyers_decided: int
    wasted: float
    conversion: float


async def count(world: World) -> Counts:
    """Count one town."""
    decided = [life for life in world.lives if life.decided]
    return Counts(
        leads=len(world.lives),
        waits=tuple(await _first_responses(world)),
        decided=len(decided),
        wasted=sum(_is_wasted(life) for life in decided),
        orders=await _number(_ORDERS),
        won_back=await _number(_WON_BACK),
        touches=await _number("SELECT COUNT(*) FROM touch"),
        replies=await _number("SELECT COUNT(*) FROM touch WHERE answered_at IS NOT NULL"),
        opted_out=await _number("SELECT COUNT(*) FROM customer WHERE opted_out_at IS NOT NULL"),
        calls=await _number("SELECT COUNT(*) FROM call_task WHERE state = 'done'"),
        taken_up=await _number("SELECT COUNT(*) FROM call_task WHERE outcome = 'interested'"),
        recycled=await _number("SELECT COUNT(*) FROM timeline_event WHERE kind = 'recycled'"),
        defeated=await _number("SELECT COUNT(*) FROM lead WHERE state = 'defeated'"),
    )


def together(towns: Iterable[Counts]) -> Counts:
    """Several towns as one market."""
    every = list(towns)
    summed = {
        field.name: sum(getattr(one, field.name) for one in every)
        for field in fields(Counts)
        if field.name != "waits"
    }
    return Counts(waits=tuple(sorted(w for one in every for w in one.waits)), **summed)


def figures_of(c: Counts) -> Figures:
    """Shares, medians and numbers."""
    return Figures(
        never_called=(c.leads - len(c.waits)) / c.leads,
        called_in_30_minutes=bisect_left(c.waits, 30.0001) / c.leads,
        first_response_median=_quantile(c.waits, c.leads, 0.5),
        first_response_p90=_quantile(c.waits, c.leads, 0.9),
        buyers_decided=c.decided,
        wasted=c.wasted / max(1, c.decided),
        conversion=c.orders / c.leads,
        **{field.name: getattr(c, field.name) for field in fields(Tallies)},
    )


_ORDERS = "SELECT COUNT(DISTINCT lead_id) FROM follow_up WHERE result = 'ordered'"
_WON_BACK = """SELECT COUNT(DISTINCT l.id) FROM lead l
    JOIN follow_up f ON f.lead_id = l.id AND f.result = 'ordered'
    WHERE l.attribution IN ('won_back', 'converted')"""


async def _number(query: str) -> int:
    (row,) = await sql.rows(query)
    return int(next(iter(row.values())))


def _is_wasted(life: Life) -> bool:
    """Somebody who was going to buy, did so elsewhere, and whom nobody had spoken with lately."""
    if life.decided != "elsewhere" or life.decided_at is None:
        return False
    return life.talked_at is None or life.decided_at - life.talked_at > HOPELESS


async def _first_responses(world: World) -> list[float]:
    """Minutes of opening hours from each customer's first lead to the first try, in order."""
    rows = await sql.rows(
        """SELECT l.customer_id AS customer, MIN(f.occurred_at) AS at FROM follow_up f
           JOIN lead l ON l.id = f.lead_id WHERE f.result <> 'note' GROUP BY l.customer_id"""
    )
    opens, closes = world.numbers.staff.hours
    waits = []
    for row in rows:
        number = world.customer_of.get(row["customer"])
        if number is not None:
            begun = world.lives[number].seen.at
            waits.append(round(_open_minutes(begun, _moment(row["at"]), opens, closes), 1))
    return sorted(waits)


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _open_minutes(start: datetime, end: datetime, opens: int, closes: int) -> float:
    """Minutes of daily opening hours between two moments."""

    def since_epoch(at: datetime) -> float:
        local = at.astimezone(ZONE)
        today = (local.hour - opens) * 60 + local.minute + local.second / 60
        return local.toordinal() * (closes - opens) * 60 + min(
            max(today, 0.0), (closes - opens) * 60
        )

    return max(0.0, since_epoch(end) - since_epoch(start))


def _quantile(waits: tuple[float, ...], of: int, share: float) -> float | None:
    """None: more than that many were never called."""
    place = int(share * of)
    return round(waits[place], 1) if place < len(waits) else None
