"""The only place that creates background tasks: named, watched, and gone at the end."""

from __future__ import annotations

import asyncio
import contextvars
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0

_log = structlog.get_logger(__name__)


class Nursery:
    """Owns background tasks. What fails is logged; what must live is started again."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` once in the background, outside any transaction of the caller."""
        task = asyncio.create_task(work, name=name, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def keep(self, name: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Task[Any]:
        """Run `work` for as long as we live: when it ends or fails it is started again."""
        return self.start(name, self._keep(name, work))

    async def _keep(self, name: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        pause = FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.wait([self.start(name, work())])
            pause = FIRST_PAUSE_S if loop.time() - began > LONGEST_PAUSE_S else pause * 2
            await asyncio.sleep(min(pause, LONGEST_PAUSE_S))

    async def stop(self) -> None:
        """Cancel whatever is left and wait until it is gone."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=1)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("task.failed", task=task.get_name(), **describe(error))


def describe(error: BaseException) -> dict[str, str]:
    """What may be logged of an error: its class and where it arose, never its words."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "where": where}
