"""Access tokens, JS tickets and OAuth codes: issued, checked, expired, as the platform does it."""

import secrets
from dataclasses import dataclass

from sandbox.errors import Refused

LIFETIME_S = 7200
OA_PREFIX = "84_"  # real ones start with a number and an underscore; random base64 hardly does
OVERLAP_S = 300.0
CODE_LIFETIME_S = 300.0
FORCED_PER_DAY = 20
FORCED_APART_S = 30.0
CLASSIC_PER_DAY = 2000
DAY_S = 86_400.0
TICKETS_PER_HOUR = {"wecom.jsapi": 400, "wecom.agent_config": 100}


@dataclass(slots=True)
class Token:
    family: str
    value: str
    expires_at: float
    revoked: bool = False

    @property
    def app(self) -> str:
        return self.family.partition(".")[0]


class Allowed:
    """A plain count per period: refuse the n+1st within it."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds
        self._period, self._count = -1, 0

    def use(self, now: float, amount: int = 1) -> None:
        """Count; raises 45009 when the period's number is used up."""
        if int(now // self._seconds) != self._period:
            self._period, self._count = int(now // self._seconds), 0
        if self._count + amount > self._limit:
            raise Refused(45009)
        self._count += amount


class Tokens:
    """All access tokens of both apps. Families: oa.stable, oa.classic, wecom."""

    def __init__(self) -> None:
        self._by_value: dict[str, Token] = {}
        self._current: dict[str, Token] = {}
        self._forced = Allowed(FORCED_PER_DAY, DAY_S)
        self._forced_at = float("-inf")
        self._classic = Allowed(CLASSIC_PER_DAY, DAY_S)

    def stable(self, now: float, *, force: bool) -> tuple[str, int]:
        """The same token until 5 minutes before its end; forcing ends the old one at once."""
        current = self._current.get("oa.stable")
        if force:
            if now - self._forced_at < FORCED_APART_S:
                raise Refused(45011)
            self._forced.use(now)
            self._forced_at = now
            if current:
                current.revoked = True
        elif current and not current.revoked and current.expires_at - now > OVERLAP_S:
            return current.value, int(current.expires_at - now)
        return self._issue("oa.stable", now)

    def classic(self, now: float) -> tuple[str, int]:
        """A new token each time; the one before stays valid for 5 more minutes."""
        self._classic.use(now)
        return self._issue("oa.classic", now)

    def wecom(self, now: float) -> tuple[str, int]:
        """The same token for as long as it is valid."""
        current = self._current.get("wecom")
        if current and not current.revoked and current.expires_at > now:
            return current.value, int(current.expires_at - now)
        return self._issue("wecom", now)

    def _issue(self, family: str, now: float) -> tuple[str, int]:
        old = self._current.get(family)
        if old:
            old.expires_at = min(old.expires_at, now + OVERLAP_S)
        kept = (t for t in self._by_value.values() if t.expires_at > now - LIFETIME_S)
        self._by_value = {token.value: token for token in kept}
        prefix = OA_PREFIX if family.startswith("oa") else ""
        token = Token(family, prefix + secrets.token_urlsafe(96), now + LIFETIME_S)
        self._by_value[token.value] = self._current[family] = token
        return token.value, LIFETIME_S

    def revoke(self, app: str) -> int:
        """End all tokens of one app early (the platform may do so); returns how many."""
        mine = [t for t in self._by_value.values() if t.app == app and not t.revoked]
        for token in mine:
            token.revoked = True
        return len(mine)

    @staticmethod
    def app_of(value: str) -> str | None:
        """Whose token this looks like, even one from before a restart; None when there is none."""
        if not value:
            return None
        return "oa" if value.startswith(OA_PREFIX) else "wecom"

    def check(self, value: str, app: str, now: float) -> None:
        """Raises 41001, 40001 or 40014, 42001."""
        if not value:
            raise Refused(41001)
        token = self._by_value.get(value)
        if token is None or token.app != app or token.revoked:
            raise Refused(40001 if app == "oa" else 40014)
        if token.expires_at <= now:
            raise Refused(42001)


@dataclass(slots=True)
class Code:
    app: str
    person: str
    scope: str
    issued_at: float
    snapshot: bool = False
    used: bool = False


class Codes:
    """OAuth codes: once, within five minutes."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}

    def issue(
        self, app: str, person: str, scope: str, now: float, *, snapshot: bool = False
    ) -> str:
        fresh = (item for item in self._codes.items() if now - item[1].issued_at < 3600)
        self._codes = dict(fresh)
        value = secrets.token_urlsafe(24)
        self._codes[value] = Code(app, person, scope, now, snapshot)
        return value

    def redeem(self, value: str, app: str, now: float) -> Code:
        """Raises 40029 unknown (WeCom: anything wrong), 40163 used, 42003 too old."""
        code = self._codes.get(value)
        if code is None or code.app != app:
            raise Refused(40029)
        if code.used:
            raise Refused(40163 if app == "oa" else 40029)
        if now - code.issued_at >= CODE_LIFETIME_S:
            raise Refused(42003 if app == "oa" else 40029)
        code.used = True
        return code


class Tickets:
    """JS-SDK tickets: oa.jsapi, and for WeCom the corp's and the app's, limited per hour."""

    def __init__(self) -> None:
        self._tickets: dict[str, tuple[str, float]] = {}
        self._allowed = {kind: Allowed(n, 3600.0) for kind, n in TICKETS_PER_HOUR.items()}

    def get(self, kind: str, now: float) -> dict[str, object]:
        """The answer of a ticket call. Raises 45009."""
        if kind in self._allowed:
            self._allowed[kind].use(now)
        value, expires_at = self._tickets.get(kind, ("", 0.0))
        if expires_at <= now:
            value, expires_at = secrets.token_urlsafe(64), now + LIFETIME_S
            self._tickets[kind] = (value, expires_at)
        left = int(expires_at - now)
        return {"errcode": 0, "errmsg": "ok", "ticket": value, "expires_in": left}
