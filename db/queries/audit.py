"""The record of what people and keys did: written once, read in parts, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

from db.models import AuditEntry

_COLUMNS = (
    "id",
    "at",
    "actor",
    "action",
    "target",
    "data",
    "address",
    "agent",
)
LONGEST_TARGET = 80
Line = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from; empty where that is not known."""

    address: str = ""
    agent: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None: does not matter."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def write(
    at: datetime,
    actor: str,
    action: str,
    target: str,
    data: dict[str, object],
    origin: Origin = NOWHERE,
) -> None:
    """Keep one entry. Nothing in it may hold a phone."""
    await AuditEntry.create(
        at=at,
        actor=actor,
        action=action,
        target=target[:LONGEST_TARGET],
        data=data,
        address=origin.address,
        agent=origin.agent,
    )


async def entries(wanted: Wanted, after: Line | None, limit: int) -> list[dict[str, Any]]:
    """Entries, newest first, that come after this line of the list."""
    given = {
        "actor": wanted.actor,
        "action": wanted.action,
        "target": wanted.target,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
    }
    rows = AuditEntry.filter(**{name: value for name, value in given.items() if value is not None})
    if after is not None:
        at, row_id = after
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=row_id), at__lte=at)
    return await rows.order_by("-at", "-id").limit(limit).values(*_COLUMNS)
