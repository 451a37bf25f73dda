"""API keys: which one has this hash, which there are, when they were last used."""

from datetime import datetime
from typing import Any

from db.models import ApiKey

_COLUMNS = ("id", "name", "scopes", "created_at", "created_by", "last_used_at", "revoked_at")


async def find_key(key_hash: str) -> dict[str, Any] | None:
    """A key that is not revoked, or None."""
    keys = ApiKey.filter(key_hash=key_hash, revoked_at__isnull=True)
    rows = await keys.values("id", "name", "scopes", "last_used_at")
    return rows[0] if rows else None


async def note_use(key_id: int, at: datetime) -> None:
    """The key was used just now."""
    await ApiKey.filter(id=key_id).update(last_used_at=at)


async def key(key_id: int) -> dict[str, Any] | None:
    rows = await ApiKey.filter(id=key_id).values(*_COLUMNS)
    return rows[0] if rows else None


async def keys(before_id: int | None, limit: int) -> list[dict[str, Any]]:
    """Keys, newest first, from below `before_id` on; those that count first."""
    rows = ApiKey.all() if before_id is None else ApiKey.filter(id__lt=before_id)
    return await rows.order_by("-id").limit(limit).values(*_COLUMNS)
