"""A row is run by one worker at a time, in its sender's order, and is never forgotten."""

import asyncio
import sys

import pytest

from db import queue_rows
from db.engine import Database
from db.errors import LeaseLost
from db.models import OutboxJob, Region, Timer
from db.models.queues import RowState
from db.queries import queues
from db.queue_rows import POISON_RUNS, Due, RowRef
from tests.clock import FakeClock
from tests.jobs import a_job, a_message, a_timer

LEASE = 30_000

pytestmark = pytest.mark.usefixtures("database")


async def claim(queue: str, clock: FakeClock, limit: int = 10) -> list[RowRef]:
    return await queue_rows.claim_due(queue, clock.ms(), limit, LEASE)


def test_a_reference_survives_its_way_through_redis() -> None:
    ref = RowRef("outbox", 42, 1_700_000_000_000)
    assert ref.encode() == "outbox:42:1700000000000"
    assert RowRef.decode(ref.encode()) == ref


@pytest.mark.parametrize("text", ["", "outbox:1", "lead:1:2", "outbox:x:2", "outbox:1:2:3"])
def test_a_strange_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # unpacking and int() speak for themselves
        RowRef.decode(text)


async def test_due_rows_are_claimed_oldest_first_and_once(clock: FakeClock) -> None:
    later, sooner = await a_job(clock, due_in_s=2), await a_job(clock, due_in_s=1)
    await a_job(clock, due_in_s=60)
    clock.advance(5)
    assert [ref.id for ref in await claim("urgent", clock)] == [sooner.id, later.id]
    assert await claim("urgent", clock) == []


async def test_a_claim_takes_no_more_than_asked(clock: FakeClock) -> None:
    for _ in range(5):
        await a_job(clock)
    assert len(await claim("urgent", clock, limit=3)) == 3
    assert len(await claim("urgent", clock, limit=3)) == 2


async def test_queues_of_one_table_do_not_mix(clock: FakeClock) -> None:
    await a_job(clock, "campaign")
    assert await claim("urgent", clock) == []
    assert len(await claim("campaign", clock)) == 1


async def test_a_row_is_begun_only_once_by_its_reference(clock: FakeClock) -> None:
    await a_job(clock)
    [ref] = await claim("urgent", clock)
    started = await queue_rows.begin(ref, clock.ms(), LEASE)
    assert started is not None
    assert started.attempts == 1
    assert await queue_rows.begin(ref, clock.ms(), LEASE) is None


async def test_a_reference_stays_spent_even_when_lease_times_meet(clock: FakeClock) -> None:
    await a_job(clock)
    [ref] = await queue_rows.claim_due("urgent", clock.ms(), 1, 60_000)
    clock.advance(30)
    assert await queue_rows.begin(ref, clock.ms(), 30_000) is not None
    assert await queue_rows.begin(ref, clock.ms(), 30_000) is None


async def test_a_lease_that_ran_out_is_claimed_again_and_the_old_holder_is_refused(
    clock: FakeClock,
) -> None:
    await a_job(clock)
    [old] = await claim("urgent", clock)
    clock.advance(31)
    [new] = await claim("urgent", clock)
    assert new.id == old.id
    assert await queue_rows.begin(old, clock.ms(), LEASE) is None
    assert await queue_rows.begin(new, clock.ms(), LEASE) is not None


async def test_finishing_with_a_lost_lease_rolls_the_facts_back(
    database: Database, clock: FakeClock
) -> None:
    await a_job(clock)
    [old] = await claim("urgent", clock)
    clock.advance(31)
    await claim("urgent", clock)

    async def work() -> None:
        await Region.create(code="fact", name="fact")
        await queue_rows.finish(old, clock.ms())

    with pytest.raises(LeaseLost):
        await database.run_tx(work)
    assert not await Region.exists(code="fact")


async def test_a_finished_row_is_done_and_never_claimed_again(clock: FakeClock) -> None:
    job = await a_job(clock)
    [ref] = await claim("urgent", clock)
    await queue_rows.finish(ref, clock.ms())
    clock.advance(hours=1)
    assert await claim("urgent", clock) == []
    await job.refresh_from_db()
    assert (job.state, job.done_at_ms) == (RowState.DONE, clock.ms() - 3_600_000)


async def test_a_row_put_back_runs_at_its_new_time(clock: FakeClock) -> None:
    job = await a_job(clock)
    [ref] = await claim("urgent", clock)
    assert await queue_rows.put_back(ref, clock.ms() + 5000, "Busy: -1", clock.ms())
    assert await claim("urgent", clock) == []
    clock.advance(5)
    assert len(await claim("urgent", clock)) == 1
    await job.refresh_from_db()
    assert job.error == "Busy: -1"


async def test_nobody_puts_back_or_buries_what_is_not_theirs(clock: FakeClock) -> None:
    await a_job(clock)
    [ref] = await claim("urgent", clock)
    assert await queue_rows.begin(ref, clock.ms(), LEASE) is not None
    assert not await queue_rows.put_back(ref, clock.ms(), "late", clock.ms())
    assert not await queue_rows.bury(ref, "late", clock.ms())
    assert not await queue_rows.hand_back(ref)


async def test_an_ended_timer_makes_room_for_the_next_of_its_kind(clock: FakeClock) -> None:
    timer = await a_timer(clock)
    [ref] = await claim("timers", clock)
    await queue_rows.finish(ref, clock.ms())
    await Timer.create(
        queue="timers",
        due_at_ms=clock.ms(),
        created_at_ms=clock.ms(),
        kind=timer.kind,
        lead_id=timer.lead_id,
        open_key=timer.open_key,
    )


async def test_a_timer_put_back_keeps_its_place(clock: FakeClock) -> None:
    timer = await a_timer(clock)
    [ref] = await claim("timers", clock)
    await queue_rows.put_back(ref, clock.ms() + 1000, "Busy", clock.ms())
    await timer.refresh_from_db()
    assert timer.open_key is not None


async def test_of_one_sender_only_the_oldest_open_message_is_claimed(clock: FakeClock) -> None:
    first, second = await a_message(clock, "ann"), await a_message(clock, "ann")
    other = await a_message(clock, "bob")
    refs = await claim("inbox", clock)
    assert [ref.id for ref in refs] == [first.id, other.id]
    assert await claim("inbox", clock) == []
    await queue_rows.finish(refs[0], clock.ms())
    assert [ref.id for ref in await claim("inbox", clock)] == [second.id]


async def test_a_failing_message_holds_the_later_ones_of_its_sender_until_buried(
    clock: FakeClock,
) -> None:
    await a_message(clock, "ann")
    second = await a_message(clock, "ann")
    [ref] = await claim("inbox", clock)
    await queue_rows.put_back(ref, clock.ms() + 5000, "Busy", clock.ms())
    assert await claim("inbox", clock) == []
    clock.advance(5)
    [ref] = await claim("inbox", clock)
    await queue_rows.bury(ref, "Broken", clock.ms())
    assert [ref.id for ref in await claim("inbox", clock)] == [second.id]


async def test_a_row_that_kills_its_process_every_time_is_buried(clock: FakeClock) -> None:
    job = await a_job(clock)
    for _ in range(POISON_RUNS):
        [ref] = await claim("urgent", clock)
        assert await queue_rows.begin(ref, clock.ms(), LEASE) is not None
        clock.advance(31)
    assert await claim("urgent", clock) == []
    await job.refresh_from_db()
    assert job.state == RowState.DEAD
    assert job.error.startswith("Poison")


async def test_a_row_that_fails_in_order_is_no_poison(clock: FakeClock) -> None:
    await a_job(clock)
    for _ in range(POISON_RUNS + 2):
        [ref] = await claim("urgent", clock)
        started = await queue_rows.begin(ref, clock.ms(), LEASE)
        assert started is not None
        await queue_rows.put_back(started.ref, clock.ms(), "Busy", clock.ms())
    [ref] = await claim("urgent", clock)
    assert await queue_rows.begin(ref, clock.ms(), LEASE) is not None
    clock.advance(31)
    assert len(await claim("urgent", clock)) == 1


async def test_waiting_in_redis_for_long_is_no_poison(clock: FakeClock) -> None:
    await a_job(clock)
    for _ in range(POISON_RUNS + 2):
        assert len(await claim("urgent", clock)) == 1
        clock.advance(31)


async def test_a_paused_queue_is_not_claimed_and_not_begun(clock: FakeClock) -> None:
    await a_job(clock)
    await a_job(clock)
    [ref] = await claim("urgent", clock, limit=1)
    await queues.pause("urgent", "ops", clock())
    assert await queue_rows.begin(ref, clock.ms(), LEASE) is None
    assert await claim("urgent", clock) == []
    assert "urgent" not in await queue_rows.next_due()
    await queues.resume("urgent")
    clock.advance(31)
    assert len(await claim("urgent", clock)) == 2


async def test_the_next_look_is_when_something_falls_due(clock: FakeClock) -> None:
    assert await queue_rows.next_due() == {}
    await a_job(clock, "campaign", due_in_s=7)
    await a_timer(clock)
    [ref] = await claim("timers", clock)
    assert await queue_rows.next_due() == {
        "campaign": Due(clock.ms() + 7000, None),
        "timers": Due(None, ref.lease),
    }


async def test_what_a_dead_predecessor_held_is_free_at_once(clock: FakeClock) -> None:
    await a_job(clock)
    [old] = await claim("urgent", clock)
    assert await queue_rows.free_all(clock.ms()) == 1
    [new] = await claim("urgent", clock)
    assert await queue_rows.begin(old, clock.ms(), LEASE) is None
    assert await queue_rows.begin(new, clock.ms(), LEASE) is not None


async def test_claimers_at_once_never_get_the_same_row(clock: FakeClock) -> None:
    for _ in range(60):
        await a_job(clock)
    batches = await asyncio.gather(*(claim("urgent", clock, limit=10) for _ in range(12)))
    ids = [ref.id for batch in batches for ref in batch]
    assert len(ids) == len(set(ids))
    ids += [ref.id for ref in await claim("urgent", clock, limit=60)]
    assert sorted(ids) == sorted(job.id for job in await OutboxJob.all())


async def test_processes_claiming_at_once_never_get_the_same_row(
    database_url: str, clock: FakeClock
) -> None:
    for _ in range(200):
        await a_job(clock)
    script = (
        "import asyncio, sys\n"
        "from db import queue_rows\n"
        "from db.engine import Database\n"
        "async def main():\n"
        "    database = await Database.open(sys.argv[1])\n"
        "    work = lambda: queue_rows.claim_due('urgent', int(sys.argv[2]), 7, 30000)\n"
        "    while refs := await database.run_tx(work):\n"
        "        print(*(ref.id for ref in refs))\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    claimers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script, database_url, str(clock.ms())),
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    outputs = [(await claimer.communicate())[0] for claimer in claimers]
    ids = [int(word) for output in outputs for word in output.split()]
    assert len(ids) == len(set(ids)) == 200
