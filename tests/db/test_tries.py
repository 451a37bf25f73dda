"""A job tells of each run that failed, whatever ended it; a success at once writes nothing."""

from __future__ import annotations

import os

import pytest

from db import queue_rows, tries
from db.models import OutboxJob, Timer
from db.models.queues import RowState
from db.queries import dead_letters
from db.queries.dead_letters import Letters, row_id
from db.queue_rows import POISON_RUNS, RowRef
from tests.clock import FakeClock
from tests.jobs import a_job, a_timer

LEASE = 30_000

pytestmark = pytest.mark.usefixtures("database")


async def begun(queue: str, clock: FakeClock) -> RowRef:
    """The one row that is due, begun."""
    [ref] = await queue_rows.claim_due(queue, clock.ms(), 1, LEASE)
    started = await queue_rows.begin(ref, clock.ms(), LEASE)
    assert started is not None
    return started.ref


async def put_off(clock: FakeClock, error: str) -> None:
    """A run of one second that fails and is tried again five seconds later."""
    ref = await begun("urgent", clock)
    clock.advance(1)
    assert await queue_rows.put_back(ref, clock.ms() + 5000, error, clock.ms())
    clock.advance(5)


async def story_of(job: OutboxJob | Timer) -> list[tuple[object, object, object]]:
    await job.refresh_from_db()
    return [(told["number"], told["then"], told["error"]) for told in job.tries or []]


async def test_a_first_success_writes_nothing(clock: FakeClock) -> None:
    job = await a_job(clock)
    await queue_rows.finish(await begun("urgent", clock), clock.ms())
    await job.refresh_from_db()
    assert (job.state, job.tries) == (RowState.DONE, None)


async def test_each_failure_is_told_and_the_success_after_them(clock: FakeClock) -> None:
    job = await a_job(clock)
    start = clock.ms()
    await put_off(clock, "Busy: -1")
    await put_off(clock, "TryLater: 45009")
    await queue_rows.finish(await begun("urgent", clock), clock.ms())

    assert await story_of(job) == [
        (1, "later", "Busy: -1"),
        (2, "later", "TryLater: 45009"),
        (3, "done", ""),
    ]
    assert job.tries is not None
    first = job.tries[0]
    assert (first["at_ms"], first["took_ms"], first["next_ms"]) == (
        start + 1000,
        1000,
        start + 6000,
    )
    assert str(first["process"]).endswith(f":{os.getpid()}")


async def test_what_people_did_is_part_of_the_story(clock: FakeClock) -> None:
    job = await a_job(clock)
    await queue_rows.bury(await begun("urgent", clock), "OurBug: 40003", clock.ms())
    assert await dead_letters.retry("urgent", row_id("outbox", job.id), clock.ms())
    await put_off(clock, "Busy: -1")
    clock.advance(-5)
    assert await dead_letters.run_waiting(Letters("urgent"), clock.ms()) == 1
    await queue_rows.bury(await begun("urgent", clock), "OurBug: 40003", clock.ms())
    assert await dead_letters.discard_all(Letters("urgent"), clock.ms()) == 1
    assert [then for _, then, _ in await story_of(job)] == [
        *("dead", "retried", "later", "retried", "dead", "discarded")
    ]


async def test_failures_are_counted_without_waits_and_anew_after_a_retry(clock: FakeClock) -> None:
    job = await a_job(clock)
    for error in ("Busy: -1", "QuotaUsedUp: 45009", "Busy: -1"):
        await put_off(clock, error)
    ref = await begun("urgent", clock)
    assert await queue_rows.failed_before(ref, {"QuotaUsedUp"}) == 2
    await queue_rows.bury(ref, "OurBug: 40003", clock.ms())
    assert await dead_letters.retry("urgent", row_id("outbox", job.id), clock.ms())
    await put_off(clock, "Busy: -1")
    assert await queue_rows.failed_before(await begun("urgent", clock), {"QuotaUsedUp"}) == 1


async def test_the_newest_are_kept(clock: FakeClock) -> None:
    job = await a_job(clock)
    for number in range(tries.MOST + 3):
        await put_off(clock, f"Busy: {number}")
    story = await story_of(job)
    assert len(story) == tries.MOST
    assert (story[0], story[-1]) == ((4, "later", "Busy: 3"), (33, "later", "Busy: 32"))


async def test_a_run_that_never_ended_is_told_by_who_finds_it(clock: FakeClock) -> None:
    timer = await a_timer(clock)
    await begun("timers", clock)
    clock.advance(31)
    await begun("timers", clock)
    assert await queue_rows.free_all(clock.ms()) == 1
    assert await story_of(timer) == [(1, "lost", "ProcessDied"), (2, "lost", "ProcessDied")]
    assert timer.tries is not None
    assert "process" not in timer.tries[0]


async def test_waiting_in_vain_for_a_worker_is_no_run(clock: FakeClock) -> None:
    job = await a_job(clock)
    await queue_rows.claim_due("urgent", clock.ms(), 1, LEASE)
    clock.advance(31)
    await queue_rows.claim_due("urgent", clock.ms(), 1, LEASE)
    assert await story_of(job) == []


async def test_what_kills_its_process_every_time_says_so(clock: FakeClock) -> None:
    job = await a_job(clock)
    for _ in range(POISON_RUNS):
        await begun("urgent", clock)
        clock.advance(31)
    assert await queue_rows.claim_due("urgent", clock.ms(), 1, LEASE) == []
    story = await story_of(job)
    assert [then for _, then, _ in story] == ["lost"] * (POISON_RUNS - 1) + ["dead"]
    assert str(story[-1][2]).startswith("Poison")


async def test_nobody_tells_a_story_of_what_is_not_theirs(clock: FakeClock) -> None:
    job = await a_job(clock)
    [old] = await queue_rows.claim_due("urgent", clock.ms(), 1, LEASE)
    assert await queue_rows.begin(old, clock.ms(), LEASE) is not None
    assert not await queue_rows.put_back(old, clock.ms(), "late", clock.ms())
    assert await story_of(job) == []
