"""What Redis carries arrives: whoever dies, stalls or forgets on the way."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from taskiq import AckableMessage

from tests.redis_server import RedisServer
from worker.queue import MAX_DELIVERIES, SafeStreamBroker
from worker.redis_link import connect

IDLE_MS = 60


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    connected = connect(redis_url, timeout_s=2)
    yield connected
    await connected.aclose()


def a_broker(client: Redis, idle_ms: int = IDLE_MS) -> SafeStreamBroker:
    return SafeStreamBroker("urgent", client, client, idle_ms=idle_ms, block_ms=20)


def ref_in(delivery: AckableMessage, broker: SafeStreamBroker) -> str:
    assert isinstance(delivery.data, bytes)
    return str(broker.formatter.loads(delivery.data).args[0])


async def ack(delivery: AckableMessage) -> None:
    answer = delivery.ack()
    assert answer is not None
    await answer


async def test_references_arrive_in_order_and_leave_nothing_behind(client: Redis) -> None:
    broker = a_broker(client)
    await broker.emit(["outbox:1:1", "outbox:2:1"])
    listening = broker.listen()
    for expected in ("outbox:1:1", "outbox:2:1"):
        delivery = await anext(listening)
        assert ref_in(delivery, broker) == expected
        await ack(delivery)
    assert await client.xlen(broker.stream) == 0


async def test_what_a_dead_consumer_held_goes_to_another_without_new_messages(
    client: Redis,
) -> None:
    dead, living = a_broker(client), a_broker(client)
    await dead.emit(["outbox:1:1"])
    await anext(dead.listen())
    async with asyncio.timeout(3):
        delivery = await anext(living.listen())
    assert ref_in(delivery, living) == "outbox:1:1"


async def test_a_long_run_is_not_taken_over_while_its_heart_beats(client: Redis) -> None:
    busy, idle = a_broker(client, idle_ms=300), a_broker(client, idle_ms=300)
    await busy.emit(["outbox:1:1"])
    await anext(busy.listen())
    beating = asyncio.create_task(busy.heartbeat())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await anext(idle.listen())
    beating.cancel()


async def test_what_every_consumer_dies_of_goes_to_the_dead_stream(client: Redis) -> None:
    sender = a_broker(client, idle_ms=5)
    await sender.emit(["outbox:1:1"])
    for _ in range(MAX_DELIVERIES):
        async with asyncio.timeout(3):
            await anext(a_broker(client, idle_ms=5).listen())
        await asyncio.sleep(0.01)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await anext(a_broker(client, idle_ms=5).listen())
    assert await client.xlen(sender.dead) == 1
    assert await client.xlen(sender.stream) == 0


async def test_listening_survives_an_emptied_redis(client: Redis) -> None:
    broker = a_broker(client)
    listening = broker.listen()
    first = asyncio.ensure_future(anext(listening))
    await asyncio.sleep(0.1)
    await client.flushall()
    await broker.emit(["outbox:1:1"])
    async with asyncio.timeout(3):
        assert ref_in(await first, broker) == "outbox:1:1"


async def test_listening_waits_for_a_redis_that_is_killed_or_not_there_yet(
    redis_server: RedisServer,
) -> None:
    redis_server.kill()
    client = connect(redis_server.url)
    broker = a_broker(client)
    delivery = asyncio.ensure_future(anext(broker.listen()))
    await asyncio.sleep(0.1)
    redis_server.start()
    await broker.emit(["outbox:1:1"])
    async with asyncio.timeout(5):
        assert ref_in(await delivery, broker) == "outbox:1:1"
    await client.aclose()


async def test_an_acknowledgement_lost_with_redis_does_not_raise(
    redis_server: RedisServer,
) -> None:
    client = connect(redis_server.url)
    broker = a_broker(client)
    await broker.emit(["outbox:1:1"])
    delivery = await anext(broker.listen())
    redis_server.kill()
    await ack(delivery)
    await client.aclose()


async def test_a_retired_consumer_is_forgotten_by_the_group(client: Redis) -> None:
    broker = a_broker(client)
    await broker.emit(["outbox:1:1"])
    delivery = await anext(broker.listen())
    await ack(delivery)
    await broker.retire()
    assert await client.xinfo_consumers(broker.stream, "leadloop") == []


async def test_a_cancelled_reader_ends_wherever_the_cancellation_finds_it(
    redis_url: str,
) -> None:
    """Stopping right after the start would hang for ever if one cancellation got lost."""
    for steps in range(0, 45, 3):
        commands, reading = connect(redis_url), connect(redis_url, 3)
        broker = SafeStreamBroker("cancelled", commands, reading, block_ms=50)
        listening = broker.listen()
        reader = asyncio.create_task(anext(listening))  # type: ignore[arg-type]
        for _ in range(steps):
            await asyncio.sleep(0)
        reader.cancel()
        done, _ = await asyncio.wait([reader], timeout=5)
        assert done, f"cancelled after {steps} steps"
        await listening.aclose()
        await commands.aclose()
        await reading.aclose()
