"""One market from the first customer to the last: played, watched, counted."""

import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any

from db.models import OutboxJob
from domain.business_hours import days_off
from market.chance import Chance
from market.crowd import Crowd
from market.customers import draw
from market.figures import Counts, Figures, count, figures_of
from market.floor import Floor
from market.numbers import Numbers
from market.product import Product, product_on
from market.seasons import ZONE, arrivals
from market.town import organise, region_manager, rules, staff_of
from market.watch import Watch
from market.world import World

OFTEN = timedelta(minutes=10)
DAY = timedelta(days=1)
POOLS_EVERY_DAYS = 14
TAIL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """What to play. `without`: sla, remarketing, both or neither."""

    seed: int
    leads: int
    days: int
    without: frozenset[str] = frozenset()
    tail_days: int = TAIL_DAYS
    """So long the market goes on after the last customer came."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it; `rate` is how much faster than real time it went."""

    plan: Plan
    counts: Counts
    violations: int
    examples: tuple[str, ...]
    looks: dict[str, int]
    refused: dict[str, int]
    orders: int
    took_s: float
    rate: float

    @property
    def figures(self) -> Figures:
        return figures_of(self.counts)

    def as_json(self) -> dict[str, Any]:
        told = asdict(self) | {"figures": asdict(self.figures)}
        told["plan"]["without"] = sorted(self.plan.without)
        return told


async def play(plan: Plan, numbers: Numbers, url: str) -> Played:
    """Play a market on a migrated, empty database."""
    began = time.perf_counter()
    start = datetime.combine(numbers.demand.start, clock_time(8), ZONE)
    async with product_on(url, start) as product:
        world = _world(plan, numbers, product)
        watch = Watch(product)
        await _build(world, plan)
        _connect(world, watch)
        end = start + timedelta(days=plan.days + plan.tail_days)
        await _go_on(world, watch, end)
        await watch.pools()
        counted = await count(world)
    took_s = time.perf_counter() - began
    return Played(
        plan=plan,
        counts=counted,
        violations=watch.count,
        examples=tuple(f"{v.at.isoformat()} {v.rule}: {v.what}" for v in watch.found),
        looks=watch.looks,
        refused=dict(product.refused),
        orders=product.orders,
        took_s=round(took_s, 1),
        rate=round((end - start).total_seconds() / took_s),
    )


def _world(plan: Plan, numbers: Numbers, product: Product) -> World:
    chance = Chance(plan.seed)
    stores = staff_of(plan.leads, plan.days, chance, numbers)
    moments = arrivals(
        plan.leads, plan.days, numbers.demand, chance, lambda day: day in days_off(day.year)
    )
    lives = [draw(n, at, len(stores), chance, numbers) for n, at in enumerate(moments)]
    region = region_manager(chance, numbers)
    workers = {worker.userid: worker for store in stores.values() for worker in store}
    return World(product, chance, numbers, lives, stores, {**workers, region.userid: region})


async def _build(world: World, plan: Plan) -> None:
    region = world.workers["region-manager"]
    for command in organise(world.stores, region, world.numbers):
        await world.product.order(command)
    for command in rules(plan.without):
        await world.product.order(command)
    if world.product.refused:
        raise RuntimeError(f"the market could not be built: {dict(world.product.refused)}")


def _connect(world: World, watch: Watch) -> None:
    """Phones are switched on, and customers set out."""
    floor = Floor(world)
    crowd = Crowd(world, floor)

    async def arrived(job: OutboxJob) -> None:
        await watch.leaving(job)
        await (crowd.touched(job) if job.name == "touch" else floor.told(job))

    world.product.platform.arrived = arrived
    crowd.arrive()


async def _go_on(world: World, watch: Watch, end: datetime) -> None:
    """Whatever comes next: a row of the product, a plan of somebody, or a duty."""
    product, duty, midnight, days = world.product, world.now, world.now, 0
    while world.now < end:
        planned = world.next_at
        coming = [at for at in (product.due_at, planned, duty) if at is not None]
        at = min(min(coming), end)
        product.clock.now = max(at, world.now)
        if product.due_at and product.due_at <= world.now:
            await product.settle()
        elif planned and planned <= world.now:
            _, act = world.next_plan(world.now + timedelta(microseconds=1)) or (None, None)
            if act:
                await act()
        elif duty <= world.now:
            await product.often()
            if duty.minute == 0 and duty.hour % 2 == 0:
                await product.hourly()
            duty += OFTEN
            if duty - midnight >= DAY:
                await product.settle()
                midnight, days = midnight + DAY, days + 1
                await _nightly(world, watch, days)


async def _nightly(world: World, watch: Watch, days: int) -> None:
    await world.product.daily()
    await world.product.settle()
    await watch.at_rest()
    if days % POOLS_EVERY_DAYS == 0:
        await watch.pools()
