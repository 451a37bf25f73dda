"""How the rules of a scope came to be: every version of its overrides."""

from typing import Any

from db.models import PolicyVersion

_COLUMNS = ("version", "overrides", "created_at", "created_by", "note")


async def newest(scope: str) -> dict[str, Any] | None:
    rows = await PolicyVersion.filter(scope=scope).order_by("-version").limit(1).values(*_COLUMNS)
    return rows[0] if rows else None


async def version(scope: str, number: int) -> dict[str, Any] | None:
    rows = await PolicyVersion.filter(scope=scope, version=number).values(*_COLUMNS)
    return rows[0] if rows else None


async def versions(scope: str, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Versions, newest first, from below `before` on."""
    rows = PolicyVersion.filter(scope=scope)
    if before is not None:
        rows = rows.filter(version__lt=before)
    return await rows.order_by("-version").limit(limit).values(*_COLUMNS)
