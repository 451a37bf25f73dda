"""Background tasks are watched while they live and gone at the end."""

import asyncio
from contextvars import ContextVar

import pytest
from structlog.testing import capture_logs

from worker.nursery import Nursery


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.nursery.FIRST_PAUSE_S", 0.001)


async def test_a_failing_task_is_logged_with_its_name_but_not_its_words() -> None:
    async def work() -> None:
        raise LookupError("13800001234")

    nursery = Nursery()
    with capture_logs() as logs:
        await asyncio.wait([nursery.start("digest", work())])
        await asyncio.sleep(0)
    [line] = logs
    assert (line["event"], line["task"], line["error"]) == ("task.failed", "digest", "LookupError")
    assert "13800001234" not in str(line)


async def test_what_must_live_is_started_again() -> None:
    starts: list[int] = []
    again = asyncio.Event()

    async def work() -> None:
        starts.append(1)
        if len(starts) == 3:
            again.set()
        raise LookupError

    nursery = Nursery()
    nursery.keep("relay", work)
    async with asyncio.timeout(3):
        await again.wait()
    await nursery.stop()


async def test_stopping_leaves_no_task() -> None:
    nursery = Nursery()
    tasks = [nursery.start("a", asyncio.sleep(60)), nursery.keep("b", lambda: asyncio.sleep(60))]
    await asyncio.sleep(0)
    await nursery.stop()
    assert all(task.done() for task in tasks)


async def test_a_task_does_not_inherit_what_its_caller_was_in() -> None:
    inside: ContextVar[str] = ContextVar("inside", default="nothing")
    inside.set("a transaction")

    async def work() -> str:
        return inside.get()

    assert await Nursery().start("a", work()) == "nothing"
