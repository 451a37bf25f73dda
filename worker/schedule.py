"""Duties done again and again: each by itself, one run at a time, never all at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from worker.nursery import Nursery, describe
from worker.retry import failure_of

JITTER = 0.1

_log = structlog.get_logger(__name__)
_random = random.SystemRandom()


@dataclass(slots=True)
class Duty:
    """Something to do every `every_s` seconds."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[object]]
    runs: int = 0
    failures: int = 0


class Schedule:
    """The duties of one process. Several processes may do the same duty at the same time."""

    def __init__(self, nursery: Nursery) -> None:
        self._nursery = nursery
        self.duties: dict[str, Duty] = {}

    def every(self, seconds: float, name: str, run: Callable[[], Awaitable[object]]) -> None:
        """Add a duty; it begins with `start`, or at once if that was before."""
        self.duties[name] = Duty(name, seconds, run)

    def start(self) -> None:
        """Begin all duties, each at its own random moment of its first period."""
        for duty in self.duties.values():
            self._nursery.keep(f"duty {duty.name}", partial(self._loop, duty))

    async def _loop(self, duty: Duty) -> None:
        await asyncio.sleep(duty.every_s * _random.random())
        while True:
            await self.do(duty.name)
            await asyncio.sleep(duty.every_s * (1 + JITTER * (2 * _random.random() - 1)))

    async def do(self, name: str) -> None:
        """Do one duty now. Its failure is logged and counted."""
        duty = self.duties[name]
        duty.runs += 1
        if error := await failure_of(duty.run()):
            duty.failures += 1
            _log.error("duty.failed", duty=name, **describe(error))
