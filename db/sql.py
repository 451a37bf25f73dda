"""Plain SQL on whichever database is open, inside the running transaction if there is one."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from tortoise.connection import get_connection


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Run one statement with `$1`, `$2`… bound and return its rows (also those of RETURNING)."""
    connection = get_connection("default")
    if connection.capabilities.dialect == "sqlite":
        sql = _numbered(sql)
    return await connection.execute_query_dict(sql, list(values))


async def take_turn(name: str) -> None:
    """Let no other transaction into the same turn until this one ends.

    For transactions that lock many rows in no particular order; SQLite has one writer anyway.
    """
    if dialect() == "postgres":
        await rows("SELECT pg_advisory_xact_lock(hashtext($1))", name)


def dialect() -> Literal["sqlite", "postgres"]:
    """Which SQL is spoken here."""
    spoken = get_connection("default").capabilities.dialect
    return "sqlite" if spoken == "sqlite" else "postgres"


def moment(at: datetime) -> datetime | str:
    """A time as plain SQL compares it: SQLite keeps them as text."""
    return at if dialect() == "postgres" else at.astimezone(UTC).isoformat(sep=" ")


@lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    """SQLite writes the same parameters as `?1`, `?2`…"""
    return re.sub(r"\$(\d+)", r"?\1", sql)
