"""The few Redis operations that tokens need, each answered in half a second or not at all.

With Redis away every process works for itself: reads find nothing, locks are granted, writes are
dropped. After a failure Redis is left alone for a few seconds, so a hanging one costs half a
second once and not once per call.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

TIMEOUT_S = 0.5
LEAVE_ALONE_S = 5.0

_DELETE_IF_EQUAL = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class SharedStore:
    """Small texts under a name, shared by all processes while Redis is there."""

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._away_until = 0.0

    async def read(self, key: str) -> str | None:
        """The text under `key`; None when there is none or Redis is away."""
        found = await self._ask(lambda redis: redis.get(key))
        return found.decode() if isinstance(found, bytes) else found

    async def is_gone(self, key: str) -> bool:
        """Whether Redis is there and has nothing under `key`."""
        there = await self._ask(lambda redis: redis.exists(key), when_away=1)
        return not there

    async def write(self, key: str, text: str, ttl_s: float) -> None:
        """Keep `text` for `ttl_s` seconds."""
        await self._ask(lambda redis: redis.set(key, text, px=_ms(ttl_s)))

    async def claim(self, key: str, ticket: str, ttl_s: float) -> bool:
        """Take the lock `key`; True also when Redis is away, since nobody can be asked then."""
        claimed = await self._ask(
            lambda redis: redis.set(key, ticket, px=_ms(ttl_s), nx=True), when_away=True
        )
        return bool(claimed)

    async def delete_if_equal(self, key: str, text: str) -> None:
        """Delete `key` only while it still holds `text`: never what somebody newer put there."""
        await self._ask(lambda redis: redis.eval(_DELETE_IF_EQUAL, 1, key, text))

    async def _ask(self, call: Callable[[Redis], Awaitable[Any]], when_away: Any = None) -> Any:
        now = asyncio.get_running_loop().time()
        if self._redis is None or now < self._away_until:
            return when_away
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await call(self._redis)
        except (RedisError, OSError, TimeoutError):
            self._away_until = now + LEAVE_ALONE_S
            return when_away


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))
