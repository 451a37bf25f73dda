"""The nightly comparison of all pools: batch after batch, with pauses, once a day, resumable."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from domain.commands import ComparePools
from handlers.bus import Bus
from handlers.pool_check import Compared

FROM_HOUR = 3
"""From when in the local night it is due; whoever was down then does it later that day."""
BATCH = 500
PAUSE_S = 0.05

_log = structlog.get_logger(__name__)


class PoolCheck:
    """One process's part of the duty; several share a night's customers between them."""

    def __init__(
        self,
        bus: Bus,
        clock: Callable[[], datetime],
        tz: str,
        count: Callable[[int, int], None],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._zone = ZoneInfo(tz)
        self._count = count
        self._sleep = sleep
        self._done = ""

    async def run(self) -> None:
        """Go on with today's round, if it is time and not yet over."""
        local = self._clock().astimezone(self._zone)
        day = local.date().isoformat()
        if local.hour < FROM_HOUR or day == self._done:
            return
        while not (await self._compare(day)).finished:
            await self._sleep(PAUSE_S)
        self._done = day

    async def _compare(self, day: str) -> Compared:
        found: Compared = await self._bus.execute(ComparePools(day, BATCH))
        self._count(found.checked, len(found.wrong))
        for customer_id in found.wrong:
            _log.error("pool.differed", customer=customer_id, day=day)
        return found
