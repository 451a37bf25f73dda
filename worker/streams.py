"""All lanes' streams as the relay sees them: how full they are, and whether Redis is there.

What was given to Redis and may still be in it is remembered, so that an emptied Redis costs one
look instead of a lease.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from uuid import uuid4

import structlog
from redis.asyncio import Redis

from db import queue_rows
from db.errors import StorageDown
from db.queue_rows import RowRef
from worker.nursery import Nursery
from worker.queue import SafeStreamBroker
from worker.redis_link import REDIS_AWAY

MEMORY_KEY = "leadloop:memory"
STREAM_ROOM = 200
"""References a lane's stream holds at most, unacknowledged: more would only grow old there."""

PROBE_EVERY_S = 1.0
REMEMBERED = 10_000

_log = structlog.get_logger(__name__)


class Streams:
    """Redis as a carrier that may go away, come back, and forget. Never raises for that."""

    def __init__(
        self,
        commands: Redis,
        brokers: Mapping[str, SafeStreamBroker],
        clock_ms: Callable[[], int],
        nursery: Nursery,
    ) -> None:
        self._commands = commands
        self._brokers = brokers
        self._clock_ms = clock_ms
        self._nursery = nursery
        self._memory: bytes | None = None
        self._away_since_ms: int | None = None
        self._in_transit: deque[RowRef] = deque(maxlen=REMEMBERED)

    @property
    def carrying(self) -> bool:
        """Whether something we gave to Redis may still be there."""
        return bool(self._in_transit)

    @property
    def away_for_ms(self) -> int:
        """How long Redis has been away; 0 while it answers."""
        return 0 if self._away_since_ms is None else self._clock_ms() - self._away_since_ms

    async def rooms(self) -> dict[str, int]:
        """How many references each lane's stream can take; none while Redis is away."""
        if self._away_since_ms is not None:
            return {}
        try:
            return await self._look()
        except REDIS_AWAY as error:
            self._went(error)
            return {}

    async def emit(self, lane: str, refs: list[RowRef]) -> None:
        """Give references to whichever worker takes them first; refused ones are ready again."""
        if self._away_since_ms is not None:
            await self._release(refs)
            return
        try:
            await self._brokers[lane].emit([ref.encode() for ref in refs])
        except REDIS_AWAY as error:
            self._went(error)
            await self._release(refs)
        else:
            self._in_transit.extend(refs)
            _log.debug("relay.emitted", lane=lane, rows=len(refs))

    async def _look(self) -> dict[str, int]:
        """All lanes in one round trip. A changed memory says that Redis was emptied."""
        pipe = self._commands.pipeline(transaction=False)
        pipe.setnx(MEMORY_KEY, uuid4().hex)
        pipe.get(MEMORY_KEY)
        for broker in self._brokers.values():
            pipe.xlen(broker.stream)
        _, memory, *lengths = await pipe.execute()
        forgot = self._memory is not None and memory != self._memory
        self._memory = memory
        if forgot:
            await self._take_back()
        while self._in_transit and self._in_transit[0].lease <= self._clock_ms():
            self._in_transit.popleft()  # its lease ran out: the table knows
        return {
            lane: max(0, STREAM_ROOM - length)
            for lane, length in zip(self._brokers, lengths, strict=True)
        }

    async def _take_back(self) -> None:
        """What we had given and nobody has begun is ready again."""
        lost = list(self._in_transit)
        self._in_transit.clear()
        _log.warning("relay.redis_forgot", rows=len(lost))
        await self._release(lost)

    async def _release(self, refs: list[RowRef]) -> None:
        try:
            for ref in refs:
                await queue_rows.hand_back(ref)
        except StorageDown:
            _log.warning("relay.not_released", rows=len(refs))  # their leases run out

    def _went(self, error: Exception) -> None:
        self._away_since_ms = self._clock_ms()
        _log.warning("relay.redis_away", error=type(error).__name__)
        self._nursery.start("relay.probe", self._probe())

    async def _probe(self) -> None:
        """Ask Redis once a second whether it is back."""
        while self._away_since_ms is not None:
            await asyncio.sleep(PROBE_EVERY_S)
            try:
                await self._look()
            except REDIS_AWAY:
                continue
            self._away_since_ms = None
            _log.info("relay.redis_back")
