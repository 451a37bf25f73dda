"""The record of what staff did at the console."""

from datetime import datetime
from typing import Any

from db.models import AuditEntry

_COLUMNS = ("id", "at", "actor", "action", "target", "data")


async def write(
    at: datetime, actor: str, action: str, target: str, data: dict[str, object]
) -> None:
    """Keep one entry. `data` must hold no phone."""
    await AuditEntry.create(at=at, actor=actor, action=action, target=target, data=data)


async def entries(before_id: int | None, limit: int) -> list[dict[str, Any]]:
    """Entries, newest first, from below `before_id` on."""
    rows = AuditEntry.all() if before_id is None else AuditEntry.filter(id__lt=before_id)
    return await rows.order_by("-id").limit(limit).values(*_COLUMNS)
