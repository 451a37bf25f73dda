"""How often it may be tried to sign in: counted in the database, so over all processes.

A try is counted before it is looked at: a thousand at once are no more than one after another.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from aiohttp import hdrs

from api.errors import Refused
from db.queries import sign_in_counts as stored

WINDOW_MS = 15 * 60 * 1000
PER_ACCOUNT = {"password": 10, "code": 5}
PER_ADDRESS = 50
IPV6_NETWORK = 64
"""One customer of a provider has that many addresses of their own."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Tries for one account by one kind of proof (`password`, `code`), and from one address."""

    clock: Callable[[], datetime]

    async def count(self, kind: str, userid: str, address: str) -> bool:
        """Count a try; True when it is the last one for now. Raises a 429 `Refused`."""
        keys = {_of_account(kind, userid): PER_ACCOUNT[kind], _of_address(address): PER_ADDRESS}
        now_ms = int(self.clock().timestamp() * 1000)
        known = await stored.tries(keys, now_ms)
        waits = [until - now_ms for key, (n, until) in known.items() if n >= keys[key]]
        if waits:
            raise _too_often(max(waits))
        counts = {key: await stored.count(key, now_ms, now_ms + WINDOW_MS) for key in keys}
        if any(counts[key] > most for key, most in keys.items()):
            raise _too_often(WINDOW_MS)
        return any(counts[key] == most for key, most in keys.items())

    async def passed(self, kind: str, userid: str, address: str) -> None:
        """The try was good: the account begins anew, the address has not used one up."""
        await self.forget(userid, kind)
        await stored.take_back(_of_address(address))

    async def forget(self, userid: str, *kinds: str) -> None:
        """Let an account be tried again at once."""
        for kind in kinds:
            await stored.forget(_of_account(kind, userid))


def _too_often(wait_ms: int) -> Refused:
    seconds = max(1, -(-wait_ms // 1000))
    return Refused(
        429, "too_often", "too many tries; wait a while", {hdrs.RETRY_AFTER: str(seconds)}
    )


def _of_account(kind: str, userid: str) -> str:
    """A hash, since a password is now and then typed where the account belongs."""
    return f"{kind}:{hashlib.sha256(userid.encode('utf-8', 'surrogateescape')).hexdigest()}"


def _of_address(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return "from:unknown"
    if found.version == 6:
        found = ip_network((found, IPV6_NETWORK), strict=False).network_address
    return f"from:{found}"
