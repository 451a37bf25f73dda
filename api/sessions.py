"""Sessions of staff: a random, signed id in a cookie; whose it is stands in Redis.

Redis may forget a session: WeCom then signs the person in again without asking them.
"""

import hashlib
import json
import secrets
from collections.abc import Awaitable
from typing import Any, TypeVar

from redis.exceptions import RedisError

from api.errors import Refused
from api.signing import Signer

COOKIE = "leadloop_session"
LIFETIME_S = 12 * 3600
_PREFIX = "leadloop:session:"
T = TypeVar("T")


class SessionsAway(Refused):
    """Redis cannot be asked who this is: later it can."""

    def __init__(self) -> None:
        super().__init__(503, "sessions_away", "sessions cannot be read now; try again")


class Sessions:
    """Whose session a cookie is. All raise `SessionsAway` while Redis is away."""

    def __init__(self, redis: Any, signer: Signer) -> None:
        self._redis = redis
        self._signer = signer

    async def start(self, userid: str) -> str:
        """A new session; returns the cookie's value."""
        number = secrets.token_urlsafe(32)
        held = json.dumps({"userid": userid})
        await self._ask(lambda redis: redis.set(_key(number), held, ex=LIFETIME_S))
        return self._signer.sign(number)

    async def find(self, cookie: str) -> str | None:
        """The userid; None for a cookie that is not ours, or a session that is over."""
        number = self._signer.read(cookie)
        if number is None:
            return None
        held = await self._ask(lambda redis: redis.get(_key(number)))
        return str(json.loads(held)["userid"]) if held else None

    async def end(self, cookie: str) -> None:
        """Sign out. Ending a session twice is ending it once."""
        if number := self._signer.read(cookie):
            await self._ask(lambda redis: redis.delete(_key(number)))

    async def _ask(self, call: Any) -> Any:
        if self._redis is None:
            raise SessionsAway
        try:
            answered: Awaitable[Any] = call(self._redis)
            return await answered
        except (RedisError, OSError, TimeoutError):
            raise SessionsAway from None


def _key(number: str) -> str:
    """Redis holds a hash: whoever reads it there cannot sign in with it."""
    return _PREFIX + hashlib.sha256(number.encode()).hexdigest()
