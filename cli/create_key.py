"""`create-key`: a random API key, shown once; only its hash is kept."""

import bootstrap
from api.auth import ALL_SCOPES, key_hash, new_key
from cli.storage import database_needed
from cli.trouble import CannotStart
from domain.commands import CreateApiKey
from domain.errors import DomainError
from settings import Settings


async def create(settings: Settings, name: str, scopes: list[str]) -> str:
    """Register a new key and return it. Raises CannotStart."""
    if unknown := sorted(set(scopes) - ALL_SCOPES):
        known = ", ".join(sorted(ALL_SCOPES))
        raise CannotStart(f"no such scope: {', '.join(unknown)}; there are {known}")
    key = new_key()
    command = CreateApiKey(name, key_hash(key), tuple(sorted(set(scopes))))
    try:
        with database_needed(settings):
            async with bootstrap.desk(settings) as desk:
                await desk.bus.execute(command)
    except DomainError as refusal:
        raise CannotStart(refusal.detail) from refusal
    return key
