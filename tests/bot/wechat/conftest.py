"""A fake WeChat, sockets to it, and a Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from redis.asyncio import Redis

from tests.bot.wechat.fake_wechat import FakeWeChat, start_fake_wechat


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWeChat]:
    """WeChat as this test wants it."""
    fake, server = await start_fake_wechat()
    yield fake
    await server.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """The session the clients are given."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """An empty Redis, as the clients are given it."""
    async with Redis.from_url(redis_url) as client:
        yield client
