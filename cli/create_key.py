"""`create-key`: a random API key, shown once; only its hash is kept."""

import secrets

import bootstrap
from api.auth import ALL_SCOPES, key_hash
from cli.storage import database_needed
from cli.trouble import CannotStart
from domain.commands import CreateApiKey
from domain.errors import DomainError
from settings import Settings

KEY_BYTES = 32


async def create(settings: Settings, name: str, scopes: list[str]) -> str:
    """Register a new key and return it. Raises CannotStart."""
    if unknown := sorted(set(scopes) - ALL_SCOPES):
        known = ", ".join(sorted(ALL_SCOPES))
        raise CannotStart(f"no such scope: {', '.join(unknown)}; there are {known}")
    key = f"ll_{secrets.token_urlsafe(KEY_BYTES)}"
    command = CreateApiKey(name, key_hash(key), tuple(sorted(set(scopes))))
    try:
        with database_needed(settings):
            async with bootstrap.desk(settings) as desk:
                await desk.bus.execute(command)
    except DomainError as refusal:
        raise CannotStart(refusal.detail) from refusal
    return key
