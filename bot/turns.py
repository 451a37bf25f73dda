"""Whoever is written to is written to one message at a time, in one process."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from bot.wechat.envelope import Channel
from bot.wechat.errors import HeldBack
from db.models import OutboxJob
from db.queries.talks import is_behind

PATIENCE_S = 8.0
"""A run has 25 seconds for everything. Who waits behind slow sends makes room for others, and
what then ends by its time limit was really being sent."""
AGAIN_AFTER_S = 1.0
LONGEST_TURN_S = 60
"""Between two looks whether a message's turn has come; they begin a second apart."""


class Turns:
    """The turns of all receivers of one API."""

    def __init__(self, channel: Channel, api: str) -> None:
        self._channel: Channel = channel
        self._api = api
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, receiver: Hashable) -> AsyncIterator[None]:
        """Hold this receiver's turn. Raises `HeldBack` when it takes too long to come."""
        lock = self._locks.setdefault(receiver, asyncio.Lock())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await lock.acquire()
        except TimeoutError:
            raise self._held_back(AGAIN_AFTER_S) from None
        try:
            yield
        finally:
            lock.release()

    async def after_earlier(self, job: OutboxJob) -> None:
        """Raises `HeldBack` while an earlier message of the conversation is on its way to them."""
        if await is_behind(job):
            raise self._held_back(min(job.attempts, LONGEST_TURN_S))

    def _held_back(self, wait_s: float) -> HeldBack:
        return HeldBack(self._channel, self._api, None, retry_after_s=wait_s)
