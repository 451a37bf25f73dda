"""Carry row references through Redis Streams so that a crash, a stall or a flush loses none.

`SafeStreamBroker` is a taskiq broker; taskiq-redis' own one strands what a killed worker held,
lets streams grow for ever, and does not come back from an emptied Redis. Delivery is at least
once: the lease in the database decides who really runs a row.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from taskiq import AckableMessage
from taskiq.abc.broker import AsyncBroker
from taskiq.message import BrokerMessage, TaskiqMessage

from worker.redis_link import REDIS_AWAY

GROUP = "leadloop"
TASK = "row"
BLOCK_MS = 1000
IDLE_MS = 10_000
MAX_DELIVERIES = 5
DEAD_KEPT = 1000
RECONNECT_S = 0.5

_log = structlog.get_logger(__name__)
Entry = tuple[bytes, dict[Any, Any]]


class SafeStreamBroker(AsyncBroker):
    """One lane's stream. `commands` must answer fast; `reading` must outlast `BLOCK_MS`."""

    def __init__(
        self,
        lane: str,
        commands: Redis,
        reading: Redis,
        *,
        read_count: int = 10,
        idle_ms: int = IDLE_MS,
        block_ms: int = BLOCK_MS,
    ) -> None:
        super().__init__()
        self.stream = f"leadloop:{{{lane}}}"
        self.dead = f"{self.stream}:dead"
        self._lane = lane
        self._commands = commands
        self._reading = reading
        self._read_count = read_count
        self._idle_ms = idle_ms
        self._block_ms = block_ms
        self._me = uuid4().hex
        self._held: set[bytes] = set()
        self._look_back_at = 0.0

    async def kick(self, message: BrokerMessage) -> None:
        """Put one taskiq message on the stream. Raises redis or socket errors."""
        await self._commands.xadd(self.stream, {b"data": message.message})

    async def emit(self, refs: Sequence[str]) -> None:
        """Put many references on the stream in one round trip. Raises redis or socket errors."""
        pipe = self._commands.pipeline(transaction=False)
        for ref in refs:
            message = TaskiqMessage(task_id=ref, task_name=TASK, labels={}, args=[ref], kwargs={})
            pipe.xadd(self.stream, {b"data": self.formatter.dumps(message).message})
        await pipe.execute()

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Yield deliveries for ever; an absent, emptied or restarted Redis is waited for."""
        with suppress(*REDIS_AWAY):
            await self._reading.ping()  # redis-py loses a cancellation that meets it connecting
        while True:
            _heed_cancellation()
            try:
                entries = await self._fetch()
            except ResponseError as error:
                if "NOGROUP" in str(error):
                    entries = await self._declare_group()
                else:
                    entries = await self._wait_for_redis(error)
            except REDIS_AWAY as error:
                entries = await self._wait_for_redis(error)
            for entry_id, fields in entries:
                self._held.add(entry_id)
                yield AckableMessage(data=fields.get(b"data", b""), ack=self._acker(entry_id))

    async def heartbeat(self) -> None:
        """Keep what runs here from being taken over, for ever. Run beside `listen`."""
        while True:
            await asyncio.sleep(self._idle_ms / 3000)
            if not self._held:
                continue
            try:
                await self._commands.xclaim(
                    self.stream, GROUP, self._me, 0, list(self._held), justid=True
                )
            except REDIS_AWAY as error:
                _log.info("queue.heartbeat_missed", lane=self._lane, error=type(error).__name__)

    async def _fetch(self) -> list[Entry]:
        now = asyncio.get_running_loop().time()
        if now >= self._look_back_at:
            self._look_back_at = now + self._idle_ms / 2000
            if abandoned := await self._take_over():
                return abandoned
        found: Any = await self._reading.xreadgroup(
            GROUP, self._me, {self.stream: ">"}, count=self._read_count, block=self._block_ms
        )
        return found[0][1] if found else []

    async def _take_over(self) -> list[Entry]:
        """Claim what a dead consumer left; what kills every consumer goes to the dead stream."""
        answer: Any = await self._commands.xautoclaim(
            self.stream, GROUP, self._me, self._idle_ms, count=self._read_count
        )
        entries: list[Entry] = [entry for entry in answer[1] if entry[1]]
        if not entries:
            return []
        pending: Any = await self._commands.xpending_range(
            self.stream, GROUP, entries[0][0], entries[-1][0], len(entries), self._me
        )
        tried = {p["message_id"]: p["times_delivered"] for p in pending}
        fatal = [entry for entry in entries if tried.get(entry[0], 0) > MAX_DELIVERIES]
        for entry_id, fields in fatal:
            await self._remove(entry_id, bury=fields)
        _log.info("queue.taken_over", lane=self._lane, entries=len(entries), dead=len(fatal))
        return [entry for entry in entries if entry not in fatal]

    async def _remove(self, entry_id: bytes, bury: dict[Any, Any] | None = None) -> None:
        """Acknowledge and delete as one step: a stream never grows and never half forgets."""
        pipe = self._commands.pipeline(transaction=True)
        if bury is not None:
            pipe.xadd(self.dead, bury, maxlen=DEAD_KEPT)
        pipe.xack(self.stream, GROUP, entry_id)
        pipe.xdel(self.stream, entry_id)
        await pipe.execute()

    def _acker(self, entry_id: bytes) -> Callable[[], Awaitable[None]]:
        async def ack() -> None:
            self._held.discard(entry_id)
            try:
                await self._remove(entry_id)
            except REDIS_AWAY as error:  # delivered again later, and then refused by its lease
                _log.info("queue.ack_missed", lane=self._lane, error=type(error).__name__)

        return ack

    async def _declare_group(self) -> list[Entry]:
        """Make the stream and its group, from the first entry on. Nothing to deliver yet."""
        try:
            await self._commands.xgroup_create(self.stream, GROUP, id="0", mkstream=True)
            _log.info("queue.group_made", lane=self._lane)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                return await self._wait_for_redis(error)
        except REDIS_AWAY as error:
            return await self._wait_for_redis(error)
        return []

    async def _wait_for_redis(self, error: Exception) -> list[Entry]:
        _log.warning("queue.redis_away", lane=self._lane, error=type(error).__name__)
        await asyncio.sleep(RECONNECT_S)
        return []

    async def retire(self) -> None:
        """Leave the group, so that consumers of past processes do not pile up."""
        if not self._held:
            try:
                await self._commands.xgroup_delconsumer(self.stream, GROUP, self._me)
            except REDIS_AWAY:
                _log.info("queue.left_unsaid", lane=self._lane)


def _heed_cancellation() -> None:
    """Before Python 3.12 `asyncio.wait_for`, in redis-py, can swallow a cancellation.

    taskiq cancels a reader once and waits for it: without this, stopping would hang for ever.
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError
