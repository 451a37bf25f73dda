"""Reference data, kept in memory: dealers, models and rules seldom change and are asked for a lot.

For conversations and pages, which only read. Inside of a transaction nothing comes from here: a
decision asks the tables. The process that changes one of these rows forgets at once; the others
learn of it within two seconds. The rows are everybody's: change none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from tortoise.connection import get_connection

from db import sql
from db.models import CarModel, Dealer, PolicyVersion

FRESH_S = 2.0
_NEWEST = "SELECT max(id) AS id FROM policy_version GROUP BY scope"


@dataclass(slots=True)
class _Kept:
    """One database's rows as they were at `read_at` (monotonic seconds)."""

    read_at: float = float("-inf")
    changes: int = 0
    dealers: Mapping[str, Dealer] = field(default_factory=dict)
    models: Mapping[str, CarModel] = field(default_factory=dict)
    overrides: Mapping[str, dict[str, object]] = field(default_factory=dict)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


_kept: WeakKeyDictionary[object, _Kept] = WeakKeyDictionary()


async def dealers() -> Mapping[str, Dealer]:
    """All dealers by code, also closed ones, in order of code."""
    return (await _fresh()).dealers


async def models() -> Mapping[str, CarModel]:
    """The catalogue by code, in order of code."""
    return (await _fresh()).models


async def overrides() -> Mapping[str, dict[str, object]]:
    """The policy overrides in force, by scope."""
    return (await _fresh()).overrides


def forget() -> None:
    """One of these rows was changed here: the next look reads all of them again."""
    for kept in _kept.values():
        kept.read_at = float("-inf")
        kept.changes += 1


async def _fresh() -> _Kept:
    kept = _kept.setdefault(get_connection("default"), _Kept())
    if time.monotonic() - kept.read_at > FRESH_S:
        async with kept.reading:
            if time.monotonic() - kept.read_at > FRESH_S:
                await _read(kept)
    return kept


async def _read(kept: _Kept) -> None:
    begun, changes = time.monotonic(), kept.changes
    newest = [row["id"] for row in await sql.rows(_NEWEST)]
    rules = await PolicyVersion.filter(id__in=newest) if newest else []
    kept.overrides = {row.scope: row.overrides for row in rules}
    kept.dealers = {row.code: row for row in await Dealer.all().order_by("code")}
    kept.models = {row.code: row for row in await CarModel.all().order_by("code")}
    if kept.changes == changes:  # else something changed while it was read
        kept.read_at = begun
