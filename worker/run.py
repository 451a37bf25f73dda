"""The worker of one process: relay and lanes together, started and stopped as one.

`manage.py run` and `manage.py worker` run rows; `manage.py serve` has a worker without lanes,
which only emits what it just committed, so that a push does not wait for another process's poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog
from redis.asyncio import Redis
from taskiq.receiver import Receiver

from bot.spans import Spans, no_spans
from db import queue_rows
from db.engine import Database
from db.errors import StorageDown
from db.queue_rows import RowRef, Started
from db.tries import STOPPED
from worker import retry
from worker.lanes import WIDTHS, Lane
from worker.nursery import Nursery
from worker.queue import TASK, SafeStreamBroker
from worker.redis_link import connect
from worker.relay import Relay
from worker.schedule import Schedule
from worker.streams import Streams

RUN_LEASE_MS = 30_000
RUN_LIMIT_S = 25.0
READING_S = 3.0

Handler = Callable[[RowRef], Awaitable[None]]
_log = structlog.get_logger(__name__)


class Worker:
    """Runs due rows with `handlers`, one by table name ("inbox", "outbox", "timer").

    A handler does its work and calls `queue_rows.finish(ref, …)` in the same transaction.
    `sole`: no other process works on this database, so what a dead predecessor held is free.
    """

    def __init__(
        self,
        database: Database,
        redis_url: str | None,
        handlers: Mapping[str, Handler],
        clock: Callable[[], datetime],
        *,
        run_lanes: bool = True,
        sole: bool = False,
        spans: Spans = no_spans,
    ) -> None:
        self._spans = spans
        self._database = database
        self._handlers = handlers
        self._clock = clock
        self._sole = sole
        self.nursery = Nursery()
        self.schedule = Schedule(self.nursery)
        self._lanes = (
            {name: Lane(name, width, self._run, self.nursery) for name, width in WIDTHS.items()}
            if run_lanes
            else {}
        )
        self._redis: list[Redis] = []
        self._brokers = self._make_brokers(redis_url) if redis_url else {}
        self.relay = Relay(self._clock_ms, streams=self._make_streams(), lanes=self._lanes)
        self._finish = asyncio.Event()
        self._listening: list[asyncio.Task[None]] = []

    def _make_brokers(self, url: str) -> dict[str, SafeStreamBroker]:
        commands, reading = connect(url), connect(url, READING_S)
        self._redis = [commands, reading]
        return {
            name: SafeStreamBroker(name, commands, reading, read_count=width)
            for name, width in WIDTHS.items()
        }

    def _make_streams(self) -> Streams | None:
        if not self._brokers:
            return None
        return Streams(self._redis[0], self._brokers, self._clock_ms, self.nursery)

    def wake(self) -> None:
        """Say that work was just committed here."""
        self.relay.wake()

    async def start(self) -> None:
        """Begin to run what is due. Neither database nor Redis has to be there yet."""
        if self._sole:
            await self._free_predecessor()
        for name, lane in self._lanes.items():
            if broker := self._brokers.get(name):
                self.nursery.keep(f"{name}.heartbeat", broker.heartbeat)
                self._listening.append(
                    self.nursery.start(f"{name}.receiver", self._receive(broker, lane))
                )
        if self._lanes or self._brokers:
            self.nursery.keep("relay", self.relay.run)
        self.schedule.start()
        _log.info("worker.started", lanes=sorted(self._lanes), redis=bool(self._brokers))

    async def stop(self, grace_s: float = 10.0) -> None:
        """Take nothing new, let what runs finish for `grace_s` seconds, leave the rest."""
        end = asyncio.get_running_loop().time() + grace_s
        await self.relay.stop()
        self._finish.set()
        if self._listening:
            await asyncio.wait(self._listening, timeout=grace_s)
        rest = max(0.0, end - asyncio.get_running_loop().time())
        await asyncio.gather(*(lane.drain(rest) for lane in self._lanes.values()))
        await self.nursery.stop()
        for broker in self._brokers.values():
            await broker.retire()
        for client in self._redis:
            await client.aclose()
        _log.info("worker.stopped")

    async def _receive(self, broker: SafeStreamBroker, lane: Lane) -> None:
        """taskiq's receiver: as many deliveries at a time as the lane is wide."""

        async def deliver(ref: str) -> None:
            await lane.deliver(ref)

        broker.register_task(deliver, task_name=TASK)
        receiver = Receiver(
            broker, validate_params=False, max_async_tasks=lane.width, run_startup=False
        )
        await receiver.listen(self._finish)

    async def _free_predecessor(self) -> None:
        try:
            freed = await queue_rows.free_all(self._clock_ms())
        except StorageDown:
            return
        _log.info("worker.freed", rows=freed)

    async def _run(self, ref: RowRef) -> None:
        """One delivery: prove the lease, run the handler, settle what went wrong."""
        try:
            started = await queue_rows.begin(ref, self._clock_ms(), RUN_LEASE_MS)
            if started is None:
                await queue_rows.hand_back(ref)  # still ours only if its queue was paused
        except StorageDown:
            return
        if started is not None:
            try:
                await retry.attempt(lambda: self._handle(started), started, self._clock_ms)
            except asyncio.CancelledError:
                now = self._clock_ms()
                self._database.spawn(queue_rows.put_back(started.ref, now, STOPPED, now))
                raise
        self.relay.ended(ref.table)

    async def _handle(self, started: Started) -> None:
        async with asyncio.timeout(RUN_LIMIT_S):
            row, tries = started.ref, started.attempts
            with self._spans("job", queue=started.queue, row=row.encode(), attempts=tries):
                await self._handlers[row.table](row)

    def _clock_ms(self) -> int:
        return round(self._clock().timestamp() * 1000)


def _task(lane: Lane) -> Callable[[str], Awaitable[None]]:
    """A plain function: taskiq renames what it registers, and a method cannot be renamed."""

    async def deliver(text: str) -> None:
        await lane.deliver(text)

    return deliver
