"""Who calls, what they may do, and which rows they may see."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import hdrs, web

from api.errors import Refused
from db.queries.api_keys import find_key, note_use

CACHED_S = 5.0
USE_NOTED_EVERY = timedelta(minutes=1)
KEY_BYTES = 32
MOST_CACHED = 1000
ALL_SCOPES = frozenset({"leads:write", "leads:read", "org:write", "ops", "admin"})
ADMIN = "admin"
PART_OF = {
    "leads:work": "leads:write",
    "console": "ops",
    "roster": "org:write",
    "policies": "org:write",
    "people": ADMIN,
    "keys": ADMIN,
    "accounts": ADMIN,
}
"""Scopes that keys have as part of another; staff may have them alone."""


@dataclass(frozen=True, slots=True)
class Member:
    """The member of staff behind a session, and which session it is."""

    userid: str
    name: str
    role: str
    dealer_code: str | None
    region_code: str | None
    on_duty: bool
    session_id: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` stands in the timeline: `api:KEYNAME` or `staff:USERID`.

    The codes limit which rows are seen: those of the dealers named and of the dealers in the
    regions named. Both None: every row. `own_rows_only`: of these, what the member holds and
    what nobody holds.
    """

    name: str
    scopes: frozenset[str]
    dealer_codes: frozenset[str] | None = None
    region_codes: frozenset[str] | None = None
    member: Member | None = None
    own_rows_only: bool = False

    def may(self, scope: str) -> bool:
        return bool(self.scopes & {scope, PART_OF.get(scope), ADMIN})

    @property
    def sees_everything(self) -> bool:
        return self.dealer_codes is None and self.region_codes is None


Authenticator = Callable[[web.Request], Awaitable[Caller | None]]
"""One way to recognise a caller; None: this request carries nothing of that kind."""

AUTHENTICATORS = web.AppKey("authenticators", list[Authenticator])


def new_key() -> str:
    """A random key, to be shown once."""
    return f"ll_{secrets.token_urlsafe(KEY_BYTES)}"


def key_hash(key: str) -> str:
    """The form in which a key is kept. Keys are long and random, so one SHA-256 is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


async def authenticate(request: web.Request) -> Caller:
    """The caller of a request that needs one. Raises a 401 `Refused`."""
    for recognise in request.app[AUTHENTICATORS]:
        if caller := await recognise(request):
            return caller
    raise _unauthenticated("sign in, or send an API key: Authorization: Bearer KEY", "")


def check_scope(caller: Caller, scope: str) -> None:
    """Raise a 403 `Refused` unless the caller's key includes `scope`."""
    if not caller.may(scope):
        wanted = PART_OF.get(scope, scope)
        challenge = f'Bearer realm="leadloop", error="insufficient_scope", scope="{wanted}"'
        raise Refused(
            403,
            "missing_scope",
            f"this needs the scope {wanted}",
            {hdrs.WWW_AUTHENTICATE: challenge},
        )


@dataclass(slots=True)
class ApiKeys:
    """Bearer keys, looked up by hash. A revoked key works for five seconds more at most."""

    bootstrap_hash: str | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[float, Caller]] = field(default_factory=dict)

    async def __call__(self, request: web.Request) -> Caller | None:
        """The caller with this key; None without one; a 401 `Refused` for a wrong one."""
        kind, _, key = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            return None
        caller = await self._find(key_hash(key.strip()))
        if caller is None:
            raise _unauthenticated("this API key is not known", ', error="invalid_token"')
        return caller

    async def _find(self, hashed: str) -> Caller | None:
        if self.bootstrap_hash and hmac.compare_digest(hashed, self.bootstrap_hash):
            return Caller("api:bootstrap", ALL_SCOPES)
        now = self.monotonic()
        until, caller = self._known.get(hashed, (0.0, None))
        if caller and now < until:
            return caller
        row = await find_key(hashed)
        if row is None:
            self._known.pop(hashed, None)
            return None
        used_at, at = row["last_used_at"], self.clock()
        if used_at is None or at - used_at >= USE_NOTED_EVERY:
            await note_use(row["id"], at)
        if len(self._known) >= MOST_CACHED:
            self._known.clear()
        caller = Caller(f"api:{row['name']}", frozenset(row["scopes"]))
        self._known[hashed] = (now + CACHED_S, caller)
        return caller


def _unauthenticated(detail: str, challenge: str) -> Refused:
    headers: dict[str, str] = {hdrs.WWW_AUTHENTICATE: f'Bearer realm="leadloop"{challenge}'}
    return Refused(401, "unauthenticated", detail, headers)
