"""One address says how to reach Redis; whatever it is, a call ends in time."""

import asyncio
import time

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import RedisError

from tests.eventually import eventually
from tests.redis_server import RedisServer
from tests.sentinels import watched_redis
from worker.redis_link import REDIS_AWAY, connect


async def test_a_frozen_redis_is_given_up_after_half_a_second(redis_server: RedisServer) -> None:
    client = connect(redis_server.url)
    await client.ping()
    redis_server.freeze()
    began = time.monotonic()
    with pytest.raises(REDIS_AWAY):
        await client.xadd("stream", {"a": "b"})
    assert time.monotonic() - began < 2
    redis_server.thaw()
    async with asyncio.timeout(2):
        assert await client.ping()
    await client.aclose()


async def test_an_absent_redis_is_reported(tmp_path: object) -> None:
    client = connect(f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(REDIS_AWAY):
        await client.ping()
    await client.aclose()


async def test_sentinel_addresses_name_every_sentinel_and_the_service() -> None:
    client = connect("redis+sentinel://user:pa%40ss@one:1,two:2/orders/3")
    pool = client.connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    assert pool.service_name == "orders"
    found = [s.connection_pool.connection_kwargs for s in pool.sentinel_manager.sentinels]
    assert [(known["host"], known["port"]) for known in found] == [("one", 1), ("two", 2)]
    assert pool.connection_kwargs["password"] == "pa@ss"
    assert pool.connection_kwargs["db"] == 3
    await client.aclose()


async def test_an_unreachable_sentinel_is_reported_like_an_absent_redis() -> None:
    client = connect("redis+sentinel://127.0.0.1:1/orders")
    with pytest.raises((RedisError, OSError)):
        await client.ping()
    await client.aclose()


async def test_a_cluster_address_makes_a_cluster_client() -> None:
    assert isinstance(connect("redis+cluster://127.0.0.1:1"), RedisCluster)


async def test_when_the_primary_is_lost_the_same_client_finds_its_successor() -> None:
    with watched_redis() as redis:
        client = connect(redis.url)
        await client.set("known", "before")
        await client.wait(1, 1000)
        redis.primary.kill()
        await eventually(lambda: _written(client), within_s=20)
        assert await client.get("known") == b"before"
        await client.aclose()


async def _written(client: Redis) -> bool:
    """Whether a write is taken; whatever the answer, it comes soon."""
    began = time.monotonic()
    try:
        return bool(await client.set("new", "after"))
    except REDIS_AWAY:
        return False
    finally:
        assert time.monotonic() - began < 2
