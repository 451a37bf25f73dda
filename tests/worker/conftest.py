"""Workers for tests: what ran is written down, and all of it ends with the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import pytest

from db import queue_rows
from db.engine import Database
from db.queue_rows import RowRef
from tests.clock import FakeClock
from worker.run import Worker

Before = Callable[[RowRef], Awaitable[None]]


async def _nothing(_ref: RowRef) -> None:
    """What a handler does before it finishes its row, unless the test says otherwise."""


class Desk:
    """Handlers of all tables: note each run, do `before`, finish the row."""

    def __init__(self, database: Database, clock: FakeClock, before: Before) -> None:
        self.database = database
        self.clock = clock
        self.before = before
        self.begun: list[int] = []
        self.done: list[int] = []

    async def __call__(self, ref: RowRef) -> None:
        self.begun.append(ref.id)
        await self.before(ref)
        await self.database.run_tx(lambda: queue_rows.finish(ref, self.clock.ms()))
        self.done.append(ref.id)


class Hire(Protocol):
    """Start a worker that is stopped after the test."""

    async def __call__(
        self, redis_url: str | None, before: Before = ..., *, run_lanes: bool = ...
    ) -> tuple[Worker, Desk]: ...


@pytest.fixture
async def hire(database: Database, clock: FakeClock) -> AsyncIterator[Hire]:
    workers: list[Worker] = []

    async def start(
        redis_url: str | None, before: Before = _nothing, *, run_lanes: bool = True
    ) -> tuple[Worker, Desk]:
        desk = Desk(database, clock, before)
        tables = dict.fromkeys(("inbox", "outbox", "timer"), desk)
        worker = Worker(database, redis_url, tables, clock, run_lanes=run_lanes)
        workers.append(worker)
        await worker.start()
        return worker, desk

    yield start
    for worker in workers:
        await worker.stop(grace_s=0)
