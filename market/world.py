"""What everybody in the market shares: the time, the luck, the plans, and who is who."""

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from db.models import Lead
from market.advisers import Worker, at_work
from market.chance import Chance
from market.customers import Life
from market.numbers import Numbers
from market.product import Product

Act = Callable[[], Awaitable[object]]
MODELS = ("tayron", "magotan", "sagitar", "id4-crozz")


@dataclass(slots=True)
class World:
    """One market as it goes on. Plans of the same moment are carried out as they were made."""

    product: Product
    chance: Chance
    numbers: Numbers
    lives: list[Life]
    stores: dict[str, list[Worker]] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    customer_of: dict[int, int] = field(default_factory=dict)
    """Customer of the product → number of the life behind it."""
    lead_of: dict[int, int] = field(default_factory=dict)
    """Lead → number of the life behind it."""
    _plans: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _made: "count[int]" = field(default_factory=count)

    @property
    def now(self) -> datetime:
        return self.product.clock.now

    def plan(self, at: datetime, act: Act) -> None:
        heapq.heappush(self._plans, (max(at, self.now), next(self._made), act))

    def next_plan(self, until: datetime) -> tuple[datetime, Act] | None:
        """Take the next plan, if it is for before `until`."""
        if not self._plans or self._plans[0][0] >= until:
            return None
        at, _, act = heapq.heappop(self._plans)
        return at, act

    @property
    def next_at(self) -> datetime | None:
        return self._plans[0][0] if self._plans else None

    def worked(self, worker: Worker, minutes: float, *about: object) -> datetime:
        """When this member comes to it: so many minutes of work are the median."""
        staff = self.numbers.staff
        taken = self.chance.around(minutes, staff.spread, "takes", worker.userid, *about)
        return at_work(worker, self.now, taken, staff)

    async def life_of(self, lead_id: int) -> Life | None:
        """Who is behind a lead, also one that the product opened by itself."""
        if lead_id not in self.lead_of:
            lead = await Lead.get(id=lead_id)
            if lead.customer_id not in self.customer_of:
                return None
            self.lead_of[lead_id] = self.customer_of[lead.customer_id]
        return self.lives[self.lead_of[lead_id]]


def soon(world: World, minutes: float) -> datetime:
    """So many minutes from now."""
    return world.now + timedelta(minutes=minutes)
