"""Duties come again and again, one run at a time, and outlive their failures."""

import asyncio

from structlog.testing import capture_logs

from worker.nursery import Nursery
from worker.schedule import Schedule


async def test_a_duty_comes_again_and_never_overlaps_itself() -> None:
    running, most, runs = 0, 0, 0
    enough = asyncio.Event()

    async def work() -> None:
        nonlocal running, most, runs
        running, runs = running + 1, runs + 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        if runs == 4:
            enough.set()

    nursery = Nursery()
    schedule = Schedule(nursery)
    schedule.every(0.001, "tidy", work)
    schedule.start()
    async with asyncio.timeout(3):
        await enough.wait()
    await nursery.stop()
    assert most == 1


async def test_a_failing_duty_is_counted_and_logged_without_its_words() -> None:
    async def work() -> None:
        raise LookupError("13800001234")

    schedule = Schedule(Nursery())
    schedule.every(60, "tidy", work)
    with capture_logs() as logs:
        await schedule.do("tidy")
        await schedule.do("tidy")
    duty = schedule.duties["tidy"]
    assert (duty.runs, duty.failures) == (2, 2)
    assert "13800001234" not in str(logs)
