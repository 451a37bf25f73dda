"""An API that WeChat refuses for a lasting reason is left alone for a while: one gate for each.

An address that is not on the list, a permission not granted, a quota used up: what comes meanwhile
is told the same without a call, and waits. Each process finds out for itself. When a person has
mended it, or a call has gone through, the others learn it from Redis.
"""

import secrets
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.wechat.breaker import Pause, next_pause
from bot.wechat.envelope import Channel
from bot.wechat.errors import (
    ConfigurationAlarm,
    QuotaUsedUp,
    RecipientQuotaUsedUp,
    WeChatError,
)
from bot.wechat.shared_store import SharedStore
from bot.wechat.tokens import Clock

OPENED_KEPT_S = 86_400.0  # no pause is longer


@dataclass(frozen=True, slots=True)
class Stop:
    """No call of `api` before `until` (epoch seconds) because of `code`."""

    api: str
    until: float
    code: int
    egress_ip: str = ""


def closes(error: WeChatError) -> bool:
    """Whether asking again at once is pointless, whoever the message is for."""
    if isinstance(error, RecipientQuotaUsedUp):
        return False
    return isinstance(error, ConfigurationAlarm | QuotaUsedUp)


class Gates:
    """The gates of one app; `key` is what its key in Redis begins with."""

    def __init__(self, key: str, channel: Channel, redis: Redis | None, clock: Clock) -> None:
        self._key = f"leadloop:wechat:{key}:opened"
        self._channel: Channel = channel
        self._store = SharedStore(redis)
        self._clock = clock
        self._closed: dict[str, tuple[Pause, str | None]] = {}

    async def enter(self, api: str) -> None:
        """Return if the API may be called; else raise again what WeChat said, with the wait."""
        pause, seen = self._closed.get(api, (None, None))
        if pause is None or not pause.remaining_s(self._clock()):
            return
        if await self._store.read(self._key) not in (None, seen):
            self._closed.pop(api, None)
            return
        raise pause.refusal(self._channel, api, self._clock())

    async def refused(self, api: str, error: WeChatError) -> None:
        """Close the gate after this answer, for longer each time."""
        before, _ = self._closed.get(api, (None, None))
        pause = next_pause(before, self._clock(), error)
        self._closed[api] = pause, await self._store.read(self._key)

    async def passed(self, api: str) -> None:
        """A call went through: what closed this gate is mended."""
        if api in self._closed:
            await self.open_all()

    async def open_all(self) -> None:
        """Somebody has mended it: let the next calls try, here and in the other processes."""
        self._closed.clear()
        await self._store.write(self._key, secrets.token_hex(8), OPENED_KEPT_S)

    def stops(self) -> list[Stop]:
        """What is closed now."""
        now = self._clock()
        return [
            Stop(api, pause.until, pause.code, pause.egress_ip)
            for api, (pause, _) in self._closed.items()
            if pause.remaining_s(now)
        ]
