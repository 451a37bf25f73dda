"""Passwords as argon2id hashes, made and compared beside the event loop, a few at a time."""

import asyncio
import secrets
from base64 import b32encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.errors import Refused
from domain.password import normal

AT_ONCE = 2
WAIT_S = 5.0
TEMPORARY_BYTES = 10
DECOY = (
    "$argon2id$v=19$m=65536,t=3,p=4$4R4ZXUpYZPYTIfWHuj1QrQ$"
    "yaNq93CF4AsH5sfsMuqeQCOB63dM/AB+AXuHMvnjysU"
)
"""The hash of nothing anybody knows: who has no account is answered as slowly as who has one."""


class Passwords:
    """Each takes 64 MiB and a core for a moment, so the rest waits. Raises a 503 `Refused`."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """The form in which a password is kept."""
        return str(await self._beside(self._hasher.hash, _bytes(password)))

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether this is the password; None never matches, and takes as long."""
        good = await self._beside(self._verify, hashed or DECOY, _bytes(password))
        return bool(good) and hashed is not None

    def _verify(self, hashed: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _beside(self, work: object, *values: object) -> object:
        try:
            async with asyncio.timeout(WAIT_S):
                await self._turns.acquire()
        except TimeoutError:
            raise Refused(503, "busy", "too many are signing in; try again") from None
        try:
            return await asyncio.to_thread(work, *values)  # type: ignore[arg-type]
        finally:
            self._turns.release()


def temporary() -> str:
    """A password to be told once, maybe on the phone, and changed at the first sign-in."""
    letters = b32encode(secrets.token_bytes(TEMPORARY_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _bytes(password: str) -> bytes:
    return normal(password).encode("utf-8", "surrogatepass")
