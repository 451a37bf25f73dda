"""`create-key`: a random API key, shown once; only its hash is kept."""

import secrets

import bootstrap
from api.auth import ALL_SCOPES, key_hash
from domain.commands import CreateApiKey
from settings import Settings

KEY_BYTES = 32


class UnknownScope(ValueError):
    """The text names the scopes there are."""


def check_scopes(scopes: list[str]) -> None:
    """Raise UnknownScope for a scope nobody would check."""
    if unknown := sorted(set(scopes) - ALL_SCOPES):
        known = ", ".join(sorted(ALL_SCOPES))
        raise UnknownScope(f"no such scope: {', '.join(unknown)}; there are {known}")


async def create(settings: Settings, name: str, scopes: list[str]) -> str:
    """Register a new key and return it. Raises CannotStart and UnknownScope."""
    key = f"ll_{secrets.token_urlsafe(KEY_BYTES)}"
    async with bootstrap.desk(settings) as desk:
        await desk.bus.execute(CreateApiKey(name, key_hash(key), tuple(sorted(set(scopes)))))
    return key
