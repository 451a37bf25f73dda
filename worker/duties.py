"""What the workers do by the clock, whether anybody asked or not: each duty is an order or two.

Every worker has all of them; the orders are idempotent, so that two workers at once do no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from db.purging import purge
from db.queries.calling import dealers_that_call
from db.queries.waiting import dealers_with_waiting_leads
from domain.calling_commands import PickCalls
from domain.campaign_commands import (
    ArmTouches,
    LetGoTouches,
    MeasureCampaigns,
    RefillCampaigns,
)
from domain.commands import Command, DrainDealerQueue, ForgetIdleTalks, WriteDigests
from handlers.bus import Bus
from handlers.digests import digests_due
from worker.pool_check import PoolCheck
from worker.schedule import Schedule

TOUCHES_EVERY_S = 2.0
DRAIN_EVERY_S = 5.0
DIGESTS_EVERY_S = 60.0
IDLE_EVERY_S = 60.0
CALLS_EVERY_S = 300.0
CAMPAIGNS_EVERY_S = 300.0
POOLS_EVERY_S = 600.0
PURGE_EVERY_S = 3600.0
CALLS_BETWEEN = range(7, 12)
"""Local hours in which the day's calls are chosen: before the work begins, or late once."""


class Duties:
    """One worker's share. `pools_compared(checked, wrong)` hears of each batch of the night."""

    def __init__(
        self,
        bus: Bus,
        clock: Callable[[], datetime],
        tz: str,
        pools_compared: Callable[[int, int], None],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._zone = ZoneInfo(tz)
        self._tz = tz
        self._pool_check = PoolCheck(bus, clock, tz, pools_compared)
        self._done: dict[str, date] = {}

    def take_up(self, schedule: Schedule) -> None:
        """Put all of them on a schedule."""
        schedule.every(TOUCHES_EVERY_S, "touches", self.arm_touches)
        schedule.every(DRAIN_EVERY_S, "drain", self.drain_queues)
        schedule.every(DIGESTS_EVERY_S, "digests", self.write_digests)
        schedule.every(IDLE_EVERY_S, "idle_talks", self.forget_idle_talks)
        schedule.every(CALLS_EVERY_S, "calls", self.pick_calls)
        schedule.every(CAMPAIGNS_EVERY_S, "campaigns", self.tend_campaigns)
        schedule.every(POOLS_EVERY_S, "pools", self._pool_check.run)
        schedule.every(PURGE_EVERY_S, "purge", self.purge)

    async def arm_touches(self) -> None:
        """Let the touches of campaigns that are due now be sent."""
        await self._bus.execute(ArmTouches())

    async def drain_queues(self) -> None:
        """Shifts start and places come free: give waiting leads to whoever can take them."""
        for code in await dealers_with_waiting_leads():
            await self._bus.execute(DrainDealerQueue(code))

    async def write_digests(self) -> None:
        """Write the summaries that are due."""
        for kind in await digests_due(self._clock(), self._tz):
            await self._once_today(f"digest {kind}", WriteDigests(kind))

    async def forget_idle_talks(self) -> None:
        """End the conversations with the bot that nobody has gone on with."""
        await self._bus.execute(ForgetIdleTalks())

    async def pick_calls(self) -> None:
        """Choose whom each dealer calls again today."""
        if self._local().hour in CALLS_BETWEEN:
            for code in await dealers_that_call():
                await self._once_today(f"calls {code}", PickCalls(code))

    async def tend_campaigns(self) -> None:
        """Let campaigns find who is new in their segments, and count what they have brought."""
        await self._bus.execute(RefillCampaigns())
        await self._bus.execute(LetGoTouches())
        await self._bus.execute(MeasureCampaigns())

    async def purge(self) -> None:
        """Delete what has been kept long enough."""
        await purge(self._clock())

    async def _once_today(self, what: str, order: Command) -> None:
        """Spare the database an order that this process has had done today."""
        today = self._local().date()
        if self._done.get(what) != today:
            await self._bus.execute(order)
            self._done[what] = today

    def _local(self) -> datetime:
        return self._clock().astimezone(self._zone)
