"""The relay finds what is due, overfills nothing, and knows when Redis went or forgot."""

from collections.abc import AsyncIterator

import pytest
import redis

from db.engine import Database
from db.models import OutboxJob
from db.models.queues import RowState
from db.queue_rows import TABLE_OF, RowRef
from tests.clock import FakeClock
from tests.eventually import eventually
from tests.jobs import a_job
from tests.redis_server import RedisServer
from worker.lanes import LANE_OF, WIDTHS, Lane
from worker.nursery import Nursery
from worker.queue import SafeStreamBroker
from worker.redis_link import connect
from worker.relay import Relay
from worker.streams import Streams

URGENT = "leadloop:{urgent}"


@pytest.fixture
async def nursery() -> AsyncIterator[Nursery]:
    kept = Nursery()
    yield kept
    await kept.stop()


@pytest.fixture
async def streams(
    redis_server: RedisServer, clock: FakeClock, nursery: Nursery
) -> AsyncIterator[Streams]:
    client = connect(redis_server.url)
    brokers = {lane: SafeStreamBroker(lane, client, client) for lane in WIDTHS}
    yield Streams(client, brokers, clock.ms, nursery)
    await client.aclose()


@pytest.fixture
def ran() -> list[int]:
    return []


@pytest.fixture
def lanes(nursery: Nursery, ran: list[int]) -> dict[str, Lane]:
    async def run(ref: RowRef) -> None:
        ran.append(ref.id)

    return {name: Lane(name, width, run, nursery) for name, width in WIDTHS.items()}


@pytest.fixture
def relay(
    sqlite_database: Database,
    clock: FakeClock,
    streams: Streams,
    lanes: dict[str, Lane],
) -> Relay:
    return Relay(clock.ms, streams=streams, lanes=lanes)


def in_stream(server: RedisServer) -> int:
    with redis.Redis.from_url(server.url) as client:
        return int(client.xlen(URGENT))  # type: ignore[arg-type]


async def ready() -> int:
    return await OutboxJob.filter(state=RowState.READY).count()


async def test_every_queue_has_a_lane() -> None:
    assert set(LANE_OF) == set(TABLE_OF)
    assert set(LANE_OF.values()) == set(WIDTHS)


async def test_due_rows_are_handed_to_redis_and_others_stay(
    relay: Relay, redis_server: RedisServer, clock: FakeClock
) -> None:
    await a_job(clock)
    await a_job(clock, due_in_s=60)
    await relay.tick()
    assert in_stream(redis_server) == 1
    assert await ready() == 1


async def test_with_nothing_due_the_next_look_is_when_something_will_be(
    relay: Relay, clock: FakeClock
) -> None:
    assert await relay.tick() == pytest.approx(0.5)
    await a_job(clock, due_in_s=0.2)
    assert await relay.tick() == pytest.approx(0.2)


async def test_an_idle_look_does_not_touch_redis(relay: Relay, redis_server: RedisServer) -> None:
    redis_server.kill()
    assert await relay.tick() > 0


async def test_a_full_stream_takes_no_more(
    relay: Relay, redis_server: RedisServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.streams.STREAM_ROOM", 3)
    for _ in range(5):
        await a_job(clock)
    while not await relay.tick():
        continue
    assert in_stream(redis_server) == 3
    assert await ready() == 2


async def test_an_emptied_redis_gets_everything_again_at_the_next_look(
    relay: Relay, redis_server: RedisServer, clock: FakeClock
) -> None:
    await a_job(clock)
    await relay.tick()
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    await relay.tick()
    await relay.tick()
    assert in_stream(redis_server) == 1


async def test_a_row_handed_to_a_vanishing_redis_is_ready_again_at_once(
    relay: Relay, streams: Streams, redis_server: RedisServer, clock: FakeClock
) -> None:
    await a_job(clock)
    await streams.rooms()
    redis_server.kill()
    await relay.tick()
    assert await ready() == 1


async def test_rows_run_here_once_redis_is_away_for_long_enough(
    relay: Relay, redis_server: RedisServer, clock: FakeClock, ran: list[int]
) -> None:
    redis_server.kill()
    job = await a_job(clock)
    await relay.tick()
    clock.advance(1)
    await relay.tick()
    assert ran == []
    clock.advance(1)
    await relay.tick()
    await eventually(lambda: ran == [job.id])


async def test_the_relay_goes_back_to_redis_by_itself(
    relay: Relay,
    redis_server: RedisServer,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("worker.streams.PROBE_EVERY_S", 0.01)
    redis_server.kill()
    await a_job(clock)
    await relay.tick()
    redis_server.start()

    async def is_handed_over() -> bool:
        await relay.tick()
        return in_stream(redis_server) == 1

    await eventually(is_handed_over)


async def test_without_redis_a_lane_gets_no_more_than_it_can_run(
    sqlite_database: Database, clock: FakeClock, lanes: dict[str, Lane]
) -> None:
    relay = Relay(clock.ms, streams=None, lanes=lanes)
    for _ in range(WIDTHS["campaign"] + 5):
        await a_job(clock, "campaign")
    await relay.tick()
    assert await ready() == 5


async def test_a_process_that_only_emits_leaves_rows_alone_while_redis_is_away(
    sqlite_database: Database,
    clock: FakeClock,
    streams: Streams,
    redis_server: RedisServer,
) -> None:
    relay = Relay(clock.ms, streams=streams, lanes={})
    redis_server.kill()
    await a_job(clock)
    for _ in range(3):
        await relay.tick()
        clock.advance(5)
    assert await ready() == 1
