"""One live access token per app: fetched once for everybody, and never in a storm.

A token is kept in the process and shared through Redis. In a process one caller fetches while the
others wait; between processes a Redis lock does the same. What fails is remembered (see breaker)
and told to everybody who asks until the pause is over. JS-SDK tickets, which live by the same
rules, use the same class.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from redis.asyncio import Redis

from bot.wechat.breaker import Pause, next_pause
from bot.wechat.envelope import Channel
from bot.wechat.errors import WeChatError
from bot.wechat.shared_store import SharedStore

RENEW_EARLY_S = 300  # stable_token hands out the next token only in the last five minutes
YOUNG_S = 60  # a token refused this soon after fetching was never good
LOCK_TTL_S = 15.0  # longer than one fetch may take
REMEMBER_FAILURES_S = 600.0  # after the pause, so that the next failure pauses longer
PATIENCE_S = 3.0  # for another process to finish its fetch
POLL_S = 0.05

Clock = Callable[[], datetime]
Fetch = Callable[[], Awaitable[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its times in epoch seconds; `renew_at` lies before WeChat's own expiry."""

    value: str = field(repr=False)
    fetched_at: float
    renew_at: float

    @classmethod
    def from_text(cls, text: str | None) -> "Token | None":
        """Read what the shared store holds; None for nothing or for anything else."""
        try:
            return cls(**json.loads(text)) if text else None
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class TokenState:
    """What ops may see of a token."""

    key: str
    age_s: float | None
    paused_until: datetime | None
    last_error: int | None
    egress_ip: str


class TokenSource:
    """Gives the current token of one app; `fetch` returns (token, expires_in_s) or raises.

    `key` names the app in Redis and holds no secret. `api` is the endpoint `fetch` calls.
    """

    def __init__(
        self,
        key: str,
        fetch: Fetch,
        *,
        channel: Channel,
        api: str,
        redis: Redis | None,
        clock: Clock,
    ) -> None:
        self._key = f"leadloop:wechat:{key}"
        self._fetch = fetch
        self._channel: Channel = channel
        self._api = api
        self._store = SharedStore(redis)
        self._clock = clock
        self._turn = asyncio.Lock()
        self._held: Token | None = None
        self._refused = ""
        self._refused_at = float("-inf")
        self._pause: Pause | None = None

    async def get(self) -> str:
        """Return a token to call with.

        Raises ConfigurationAlarm (or another lasting refusal) while only a person can mend it,
        and TryLater while WeChat cannot be asked: no call was made then, so all can be repeated.
        """
        if self._held and self._is_usable(self._held):
            return self._held.value
        async with self._turn:
            if not (self._held and self._is_usable(self._held)):
                if self._pause and await self._store.is_gone(self._pause_key):
                    self._pause = None  # ended in another process
                self._respect_pause()
                self._held = await self._renew()
            return self._held.value

    async def invalidate(self, bad: str) -> bool:
        """Forget `bad`, here and in Redis, unless a newer token has already replaced it.

        False means: do not try again. `bad` was fetched a moment ago because its predecessor had
        been refused too, so fetching does not help; it is kept for a minute to spare WeChat.
        """
        held = self._held
        if held and held.value == bad:
            now_s = self._clock().timestamp()
            if max(now_s - held.fetched_at, now_s - self._refused_at) < YOUNG_S:
                return False
            self._held, self._refused_at = None, now_s
        self._refused = bad
        shared = await self._store.read(self._key)
        if shared and (token := Token.from_text(shared)) and token.value == bad:
            await self._store.delete_if_equal(self._key, shared)
        return True

    async def reset(self) -> None:
        """Ask WeChat again at the next call, whatever the pause: somebody has mended it."""
        self._pause = None
        if shared := await self._store.read(self._pause_key):
            await self._store.delete_if_equal(self._pause_key, shared)

    def state(self) -> TokenState:
        """The token's age in seconds and the current pause, without asking anybody."""
        now, pause = self._clock(), self._pause
        return TokenState(
            key=self._key,
            age_s=now.timestamp() - self._held.fetched_at if self._held else None,
            paused_until=pause.until_at if pause and pause.remaining_s(now) else None,
            last_error=pause.code if pause else None,
            egress_ip=pause.egress_ip if pause else "",
        )

    @property
    def pause(self) -> Pause | None:
        """The pause that is on now."""
        on = self._pause and self._pause.remaining_s(self._clock())
        return self._pause if on else None

    @property
    def fetched_at(self) -> float | None:
        """When the token in use was fetched (epoch seconds)."""
        return self._held.fetched_at if self._held else None

    @property
    def _pause_key(self) -> str:
        return f"{self._key}:pause"

    def _is_usable(self, token: Token) -> bool:
        return self._clock().timestamp() < token.renew_at and token.value != self._refused

    async def _renew(self) -> Token:
        ticket, lock = secrets.token_hex(8), f"{self._key}:lock"
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while not await self._store.claim(lock, ticket, LOCK_TTL_S):
            if asyncio.get_running_loop().time() > deadline:
                break  # its holder is slow or dead; a second fetch does no harm
            await asyncio.sleep(POLL_S)
        try:
            token = Token.from_text(await self._store.read(self._key))
            if token and self._is_usable(token):
                return token
            self._pause = Pause.from_text(await self._store.read(self._pause_key)) or self._pause
            self._respect_pause()
            return await self._fetch_for_all()
        finally:
            await self._store.delete_if_equal(lock, ticket)

    async def _fetch_for_all(self) -> Token:
        try:
            value, expires_in_s = await self._fetch()
        except WeChatError as error:
            await self._begin_pause(error)
            self._respect_pause()
            raise
        if self._pause:
            await self.reset()
        self._refused = ""  # WeChat has just vouched for whatever it gave
        now_s = self._clock().timestamp()
        usable_s = max(expires_in_s - RENEW_EARLY_S, min(expires_in_s, 60))
        token = Token(value, now_s, now_s + usable_s)
        await self._store.write(self._key, json.dumps(asdict(token)), usable_s)
        return token

    async def _begin_pause(self, error: WeChatError) -> None:
        now = self._clock()
        self._pause = next_pause(self._pause, now, error)
        keep_s = self._pause.remaining_s(now) + REMEMBER_FAILURES_S
        await self._store.write(self._pause_key, self._pause.to_text(), keep_s)

    def _respect_pause(self) -> None:
        """While a pause lasts, say again what WeChat said."""
        if self._pause and self._pause.remaining_s(self._clock()):
            raise self._pause.refusal(self._channel, self._api, self._clock())
