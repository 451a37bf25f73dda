"""Lanes: bounded work that cannot starve other work. A campaign waits for campaigns only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from db.queue_rows import RowRef
from worker.nursery import Nursery

LANE_OF = {
    "inbox": "urgent",
    "urgent": "urgent",
    "timers": "urgent",
    "normal": "normal",
    "reactions": "normal",
    "campaign": "campaign",
    "webhooks": "webhooks",
}
"""Queue → lane. The order of the queues is the order in which a lane serves them."""

TURNS = {"inbox": "inbox", "webhooks": "webhook_delivery"}
"""Queue → table of rows that wait for others of theirs to end: the end of one frees the next."""

WIDTHS = {"urgent": 20, "normal": 20, "campaign": 10, "webhooks": 40}
"""How many rows of a lane one process runs at the same time."""


class Lane:
    """Runs rows, never more than `width` at a time, however they came."""

    def __init__(
        self, name: str, width: int, run: Callable[[RowRef], Awaitable[None]], nursery: Nursery
    ) -> None:
        self.name = name
        self.width = width
        self._run = run
        self._nursery = nursery
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def free(self) -> int:
        """How many more rows may start now."""
        return max(0, self.width - len(self._running))

    def start(self, ref: RowRef) -> None:
        """Run a row claimed by this very process, without Redis."""
        self._running.add(self._nursery.start(f"row {ref.encode()}", self._counted(ref)))

    async def deliver(self, text: str) -> None:
        """Run a row that came through Redis (a taskiq task)."""
        await self._counted(RowRef.decode(text))

    async def _counted(self, ref: RowRef) -> None:
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._running.add(task)
        try:
            await self._run(ref)
        finally:
            self._running.discard(task)

    async def drain(self, grace_s: float) -> None:
        """Let what runs finish; cancel what is still running after `grace_s` seconds."""
        if self._running:
            await asyncio.wait(self._running, timeout=grace_s)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=1)
