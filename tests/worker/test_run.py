"""Whatever is due runs once and soon, whoever is killed, stalled or emptied meanwhile."""

import asyncio
import os
import signal
import sys
import time

import pytest
import redis

from bot.wechat.errors import Busy
from db import queue_rows
from db.engine import Database
from db.models import InboxMessage, OutboxJob, Timer
from db.models.queues import RowState
from db.queries import queues
from db.queue_rows import RowRef
from tests.clock import FakeClock
from tests.eventually import eventually
from tests.jobs import a_job, a_message, a_timer
from tests.redis_server import RedisServer
from tests.worker.conftest import Hire

WITHOUT_REDIS = None


@pytest.fixture(params=["through Redis", "without Redis"])
def way(request: pytest.FixtureRequest) -> str | None:
    """The same promises hold on both ways."""
    if request.param == "without Redis":
        return WITHOUT_REDIS
    url: str = request.getfixturevalue("redis_url")
    return url


async def test_due_rows_of_every_queue_are_run_once(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    for queue in ("urgent", "normal", "campaign", "reactions"):
        await a_job(clock, queue)
    await a_message(clock)
    await a_timer(clock)
    _, desk = await hire(way)
    await eventually(lambda: len(desk.done) == 6)
    for table in (OutboxJob, InboxMessage, Timer):
        assert not await table.exclude(state=RowState.DONE).exists()
    assert len(desk.begun) == 6


async def test_work_just_committed_is_run_without_waiting_for_a_poll(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    worker, desk = await hire(way)
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await a_job(clock)
    worker.wake()
    await eventually(lambda: len(desk.done) == 1)
    assert time.monotonic() - began < 0.4


async def test_a_later_row_is_run_when_its_time_comes(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    await a_job(clock, due_in_s=60)
    worker, desk = await hire(way)
    await asyncio.sleep(0.1)
    assert desk.begun == []
    clock.advance(60)
    worker.wake()
    await eventually(lambda: len(desk.done) == 1)


async def test_many_workers_share_the_work_and_repeat_none(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    desks = [(await hire(way))[1] for _ in range(3)]
    jobs = [(await a_job(clock)).id for _ in range(60)]
    await eventually(lambda: sum(len(desk.done) for desk in desks) >= 60)
    assert sorted(id_ for desk in desks for id_ in desk.begun) == jobs


async def test_a_redelivered_reference_is_run_once(
    hire: Hire, redis_url: str, clock: FakeClock
) -> None:
    await a_job(clock)
    [ref] = await queue_rows.claim_due("urgent", clock.ms(), 1, 30_000)
    worker, desk = await hire(redis_url)
    await worker._brokers["urgent"].emit([ref.encode()] * 5)
    with redis.Redis.from_url(redis_url) as client:
        await eventually(lambda: client.xlen("leadloop:{urgent}") == 0)
    assert desk.begun == [ref.id]


async def test_messages_of_one_sender_are_run_in_their_order_one_at_a_time(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    running: list[int] = []

    async def before(ref: RowRef) -> None:
        running.append(ref.id)
        await asyncio.sleep(0.005)
        assert running == [ref.id]
        running.remove(ref.id)

    sent = [(await a_message(clock, "ann")).id for _ in range(6)]
    _, desk = await hire(way, before)
    await eventually(lambda: len(desk.done) == 6)
    assert desk.done == sent


async def test_a_failed_run_is_put_back_and_tried_again(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    async def before(_ref: RowRef) -> None:
        if len(desk.begun) == 1:
            raise Busy("wecom", "message/send", -1)

    job = await a_job(clock)
    worker, desk = await hire(way, before)

    async def waits_again() -> bool:
        await job.refresh_from_db()
        return job.state == RowState.READY and job.error == "Busy: -1"

    await eventually(waits_again)
    clock.advance(10)
    worker.wake()
    await eventually(lambda: desk.done == [job.id])


async def test_a_run_that_does_not_end_is_cut_off_before_its_lease_is(
    hire: Hire, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.run.RUN_LIMIT_S", 0.05)

    async def before(_ref: RowRef) -> None:
        await asyncio.sleep(60)

    job = await a_job(clock)
    await hire(WITHOUT_REDIS, before)

    async def was_cut_off() -> bool:
        await job.refresh_from_db()
        return job.error == "TimeoutError"

    await eventually(was_cut_off)


async def test_a_flood_of_campaign_work_does_not_hold_up_urgent_work(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    stuck = asyncio.Event()

    async def before(ref: RowRef) -> None:
        if ref.id != urgent:
            await stuck.wait()

    urgent = 0
    for _ in range(30):
        await a_job(clock, "campaign")
    worker, desk = await hire(way, before)
    await eventually(lambda: len(desk.begun) == 10)
    urgent = (await a_job(clock, "urgent")).id
    worker.wake()
    await eventually(lambda: desk.done == [urgent])
    assert len(desk.begun) == 11, "a lane runs no more than its width"
    stuck.set()
    await eventually(lambda: len(desk.done) == 31)


async def test_a_paused_queue_stands_still_and_the_others_run(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    await queues.pause("campaign", "ops", clock())
    await a_job(clock, "campaign")
    urgent = await a_job(clock, "urgent")
    worker, desk = await hire(way)
    await eventually(lambda: desk.done == [urgent.id])
    await asyncio.sleep(0.1)
    assert desk.begun == [urgent.id]
    await queues.resume("campaign")
    worker.wake()
    await eventually(lambda: len(desk.done) == 2)


async def test_a_row_on_its_way_when_its_queue_is_paused_runs_as_soon_as_it_goes_on(
    hire: Hire, redis_url: str, clock: FakeClock
) -> None:
    await a_job(clock)
    [ref] = await queue_rows.claim_due("urgent", clock.ms(), 1, 30_000)
    await queues.pause("urgent", "ops", clock())
    worker, desk = await hire(redis_url)
    await worker._brokers["urgent"].emit([ref.encode()])

    async def is_ready_again() -> bool:
        return await OutboxJob.filter(id=ref.id, state=RowState.READY).exists()

    await eventually(is_ready_again)
    await queues.resume("urgent")
    worker.wake()
    await eventually(lambda: desk.done == [ref.id])


async def test_stopping_lets_the_running_row_finish_and_takes_no_new_one(
    hire: Hire, way: str | None, clock: FakeClock
) -> None:
    go = asyncio.Event()

    async def before(_ref: RowRef) -> None:
        await go.wait()

    first = await a_job(clock)
    worker, desk = await hire(way, before)
    await eventually(lambda: desk.begun == [first.id])
    stopping = asyncio.create_task(worker.stop(grace_s=5))
    await asyncio.sleep(0.05)
    await a_job(clock)
    worker.wake()
    go.set()
    await stopping
    assert desk.done == desk.begun == [first.id]


async def test_a_row_stopped_in_its_run_waits_for_the_next_worker(
    hire: Hire, way: str | None, clock: FakeClock, database: Database
) -> None:
    async def before(_ref: RowRef) -> None:
        await asyncio.sleep(60)

    job = await a_job(clock)
    worker, desk = await hire(way, before)
    await eventually(lambda: desk.begun == [job.id])
    await worker.stop(grace_s=0)

    async def is_free() -> bool:
        await job.refresh_from_db()
        return (job.state, job.unfinished, job.error) == (RowState.READY, 0, "Stopped")

    await eventually(is_free)


async def test_redis_killed_and_back_costs_no_row(
    hire: Hire, redis_server: RedisServer, clock: FakeClock
) -> None:
    worker, desk = await hire(redis_server.url)
    for _ in range(10):
        await a_job(clock)
    await eventually(lambda: len(desk.done) >= 3)
    redis_server.kill()
    await a_job(clock)
    worker.wake()
    await asyncio.sleep(0.1)
    clock.advance(31)
    worker.wake()
    await eventually(lambda: len(desk.done) == 11)
    redis_server.start()
    await a_job(clock)
    await eventually(lambda: len(desk.done) == 12)
    assert len(desk.begun) == 12


async def test_a_redis_that_was_never_there_is_not_needed(
    hire: Hire, clock: FakeClock, tmp_path: object
) -> None:
    worker, desk = await hire(f"unix://{tmp_path}/nobody.sock")
    await a_job(clock)
    worker.wake()
    await asyncio.sleep(0.05)
    clock.advance(3)
    worker.wake()
    await eventually(lambda: len(desk.done) == 1)


async def test_a_frozen_redis_is_worked_around(
    hire: Hire, redis_server: RedisServer, clock: FakeClock
) -> None:
    worker, desk = await hire(redis_server.url)
    await a_job(clock)
    await eventually(lambda: len(desk.done) == 1)
    redis_server.freeze()
    await a_job(clock)
    worker.wake()
    await asyncio.sleep(0.7)
    clock.advance(3)
    worker.wake()
    await eventually(lambda: len(desk.done) == 2)
    redis_server.thaw()
    await a_job(clock)
    await eventually(lambda: len(desk.done) == 3)
    assert len(desk.begun) == 3


async def test_a_process_without_lanes_only_hands_over(
    hire: Hire, redis_url: str, clock: FakeClock
) -> None:
    serving, idle_desk = await hire(redis_url, run_lanes=False)
    _, desk = await hire(redis_url)
    await a_job(clock)
    serving.wake()
    await eventually(lambda: len(desk.done) == 1)
    assert idle_desk.begun == []


async def test_what_a_killed_process_was_running_is_run_by_another(
    hire: Hire, database_url: str, clock: FakeClock
) -> None:
    jobs = [(await a_job(clock)).id for _ in range(5)]
    script = (
        "import asyncio, sys\n"
        "from datetime import UTC, datetime\n"
        "from db.engine import Database\n"
        "from worker.run import Worker\n"
        "clock = lambda: datetime.fromtimestamp(int(sys.argv[2]) / 1000, UTC)\n"
        "async def hang(ref):\n"
        "    print(ref.id, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "async def main():\n"
        "    database = await Database.open(sys.argv[1])\n"
        "    await Worker(database, None, {'outbox': hang}, clock).start()\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    victim = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, database_url, str(clock.ms())),
        stdout=asyncio.subprocess.PIPE,
    )
    assert victim.stdout is not None
    for _ in jobs:
        while not (await victim.stdout.readline()).strip().isdigit():
            continue  # a log line
    os.kill(victim.pid, signal.SIGKILL)
    await victim.wait()
    worker, desk = await hire(WITHOUT_REDIS)
    await asyncio.sleep(0.05)
    assert desk.begun == [], "the leases still stand"
    clock.advance(31)
    worker.wake()
    await eventually(lambda: sorted(desk.done) == jobs)
