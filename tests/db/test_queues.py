"""Ops see what stands in the queues and can pause, retry, discard and tidy."""

import pytest

from db import queue_rows
from db.models import OutboxJob
from db.queries import dead_letters as letters
from db.queries import queues
from db.queries.dead_letters import Letters
from db.queries.queues import QueueView
from tests.clock import FakeClock
from tests.jobs import a_job, a_message

pytestmark = pytest.mark.usefixtures("database")


async def view(name: str, clock: FakeClock) -> QueueView:
    return next(queue for queue in await queues.overview(clock.ms()) if queue.name == name)


async def a_dead_job(clock: FakeClock, queue: str = "urgent") -> OutboxJob:
    job = await a_job(clock, queue)
    [ref] = await queue_rows.claim_due(queue, clock.ms(), 1, 1000)
    await queue_rows.bury(ref, "OurBug: 40003", clock.ms())
    return job


async def test_every_queue_is_shown_even_when_empty(clock: FakeClock) -> None:
    names = [queue.name for queue in await queues.overview(clock.ms())]
    assert names == ["inbox", "urgent", "normal", "campaign", "reactions", "timers", "webhooks"]


async def test_rows_are_counted_by_what_they_wait_for(clock: FakeClock) -> None:
    for _ in range(2):
        await a_job(clock)
    await a_job(clock, due_in_s=60)
    clock.advance(5)
    [ref] = await queue_rows.claim_due("urgent", clock.ms(), 1, 30_000)
    seen = await view("urgent", clock)
    assert (seen.ready, seen.scheduled, seen.active, seen.failed, seen.done) == (1, 1, 1, 0, 0)
    assert seen.oldest_ready_seconds == 5.0
    await queue_rows.finish(ref, clock.ms())
    assert (await view("urgent", clock)).done == 1


async def test_a_lease_that_ran_out_counts_as_ready(clock: FakeClock) -> None:
    await a_job(clock)
    await queue_rows.claim_due("urgent", clock.ms(), 1, 1000)
    clock.advance(2)
    seen = await view("urgent", clock)
    assert (seen.ready, seen.active) == (1, 0)


async def test_a_second_attempt_counts_as_retried(clock: FakeClock) -> None:
    await a_job(clock)
    for _ in range(2):
        [ref] = await queue_rows.claim_due("urgent", clock.ms(), 1, 1000)
        started = await queue_rows.begin(ref, clock.ms(), 1000)
        assert started is not None
        await queue_rows.put_back(started.ref, clock.ms(), "Busy", clock.ms())
    assert (await view("urgent", clock)).retried == 1


async def test_dead_letters_are_listed_newest_first_page_by_page(clock: FakeClock) -> None:
    jobs = [await a_dead_job(clock) for _ in range(3)]
    page, cursor = await letters.jobs(Letters("urgent"), "failed", clock.ms(), None, 2)
    assert [row.id for row in page] == [f"outbox-{job.id}" for job in reversed(jobs[1:])]
    assert (page[0].error, page[0].kind, page[0].queue) == ("OurBug: 40003", "lead_card", "urgent")
    rest, end = await letters.jobs(Letters("urgent"), "failed", clock.ms(), cursor, 2)
    assert [row.id for row in rest] == [f"outbox-{jobs[0].id}"]
    assert end is None


async def test_a_dead_message_is_listed_with_its_encrypted_payload(clock: FakeClock) -> None:
    await a_message(clock)
    [ref] = await queue_rows.claim_due("inbox", clock.ms(), 1, 1000)
    await queue_rows.bury(ref, "Broken", clock.ms())
    [row], _ = await letters.jobs(Letters("inbox"), "failed", clock.ms())
    assert row.payload == b"encrypted"


async def test_a_retried_dead_letter_runs_again(clock: FakeClock) -> None:
    job = await a_dead_job(clock)
    assert await letters.retry("urgent", f"outbox-{job.id}", clock.ms())
    assert len(await queue_rows.claim_due("urgent", clock.ms(), 1, 1000)) == 1
    assert not await letters.retry("urgent", f"outbox-{job.id}", clock.ms())


async def test_a_discarded_dead_letter_is_gone_for_good(clock: FakeClock) -> None:
    job = await a_dead_job(clock)
    assert await letters.discard("urgent", f"outbox-{job.id}", clock.ms())
    assert await letters.jobs(Letters("urgent"), "failed", clock.ms()) == ([], None)
    assert not await letters.retry("urgent", f"outbox-{job.id}", clock.ms())


@pytest.mark.parametrize(
    "odd", ["", "outbox-", "outbox-x", "inbox-1", "timer-1", "outbox-" + "9" * 40]
)
async def test_an_id_of_another_kind_finds_nothing(clock: FakeClock, odd: str) -> None:
    await a_dead_job(clock)
    assert not await letters.retry("urgent", odd, clock.ms())
    assert not await letters.discard("urgent", odd, clock.ms())


async def test_a_dead_letter_is_only_reached_through_its_own_queue(clock: FakeClock) -> None:
    job = await a_dead_job(clock, "campaign")
    assert not await letters.discard("urgent", f"outbox-{job.id}", clock.ms())


async def test_a_pause_is_seen_and_can_be_said_twice(clock: FakeClock) -> None:
    await queues.pause("urgent", "ops", clock())
    await queues.pause("urgent", "ops", clock())
    assert (await view("urgent", clock)).paused
    await queues.resume("urgent")
    await queues.resume("urgent")
    assert not (await view("urgent", clock)).paused


async def test_only_old_finished_rows_are_deleted(clock: FakeClock) -> None:
    for _ in range(3):
        await a_job(clock)
    await a_dead_job(clock)
    for ref in await queue_rows.claim_due("urgent", clock.ms(), 2, 1000):
        await queue_rows.finish(ref, clock.ms())
    assert await queues.purge_done(clock.ms()) == 0
    clock.advance(days=1)
    assert await queues.purge_done(clock.ms(), limit=1) == 1
    assert await queues.purge_done(clock.ms()) == 1
    assert await OutboxJob.all().count() == 2
