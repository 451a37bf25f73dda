"""Sessions of staff: a random, signed id in a cookie; whose it is stands in the database.

Ending one deletes its row, so it is over at the next request, in every process.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.errors import Refused
from api.signing import Signer
from db.queries import sessions as stored
from db.queries.audit import NOWHERE, Origin

COOKIE = "leadloop_session"
LIFETIME_S = 12 * 3600
SEEN_NOTED_EVERY = timedelta(minutes=1)
WECOM, QR, PASSWORD = "wecom", "qr", "password"
"""Ways to sign in: inside WeCom, its code on a desktop's screen, an account of our own."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in; `limited` until they have chosen a password of their own."""

    id: int
    userid: str
    limited: bool


class Sessions:
    """Whose session a cookie is."""

    def __init__(self, signer: Signer, clock: Callable[[], datetime]) -> None:
        self._signer = signer
        self._clock = clock

    async def start(
        self, userid: str, way: str = WECOM, origin: Origin = NOWHERE, *, limited: bool = False
    ) -> str:
        """A new session; returns the cookie's value. A 503 `Refused` where none can be signed."""
        if not self._signer.can_sign:
            raise Refused(503, "not_configured", "there is no secret to sign sessions with")
        number, now = secrets.token_urlsafe(32), self._clock()
        times = (now, now + timedelta(seconds=LIFETIME_S))
        await stored.start(_hash(number), userid, way, times, origin, limited=limited)
        return self._signer.sign(number)

    async def find(self, cookie: str) -> Session | None:
        """None for a cookie that is not ours, or a session that is over."""
        number = self._signer.read(cookie)
        row = await stored.find(_hash(number), self._clock()) if number else None
        if row is None:
            return None
        if self._clock() - row.seen_at >= SEEN_NOTED_EVERY:
            await stored.note_seen(row.id, self._clock())
        return Session(row.id, row.userid, row.limited)

    async def end(self, cookie: str) -> None:
        """Sign out. Ending a session twice is ending it once."""
        if number := self._signer.read(cookie):
            await stored.end(_hash(number))


def _hash(number: str) -> str:
    """Whoever reads the table cannot sign in with what stands there."""
    return hashlib.sha256(number.encode("utf-8", "surrogateescape")).hexdigest()
