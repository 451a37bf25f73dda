"""Which API key has this hash?"""

from typing import Any

from db.models import ApiKey


async def find_key(key_hash: str) -> dict[str, Any] | None:
    """Name and scopes of a key that is not revoked, or None."""
    rows = await ApiKey.filter(key_hash=key_hash, revoked_at__isnull=True).values("name", "scopes")
    return rows[0] if rows else None
