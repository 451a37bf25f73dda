"""All lanes' streams as the relay sees them: how full they are, and whether Redis forgot them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from redis.asyncio import Redis

from worker.queue import SafeStreamBroker

MEMORY_KEY = "leadloop:memory"


@dataclass(frozen=True, slots=True)
class Depths:
    """Entries not yet acknowledged, by lane; `forgot` when Redis was emptied since last time."""

    by_lane: Mapping[str, int]
    forgot: bool


class Streams:
    """What the relay asks of Redis. Every call raises redis or socket errors within 0.5 s."""

    def __init__(self, commands: Redis, brokers: Mapping[str, SafeStreamBroker]) -> None:
        self._commands = commands
        self._brokers = brokers
        self._memory: bytes | None = None

    async def depths(self) -> Depths:
        """Look at all lanes in one round trip."""
        pipe = self._commands.pipeline(transaction=False)
        pipe.setnx(MEMORY_KEY, uuid4().hex)
        pipe.get(MEMORY_KEY)
        for broker in self._brokers.values():
            pipe.xlen(broker.stream)
        _, memory, *lengths = await pipe.execute()
        forgot = self._memory is not None and memory != self._memory
        self._memory = memory
        return Depths(dict(zip(self._brokers, lengths, strict=True)), forgot)

    async def emit(self, lane: str, refs: Sequence[str]) -> None:
        """Hand references to whichever worker takes them first."""
        await self._brokers[lane].emit(refs)
