"""What an adviser most likely meant instead, offered for one tap on what was just recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

MOST = 4
"""Offers beside the buttons that take back or change anything else."""

HOUR = 10
"""A day that is offered for the next call means this hour of it."""

NEAREST: Mapping[str, str] = {
    "connected": "unreachable",
    "unreachable": "connected",
    "refused": "unreachable",
    "appointment": "connected",
    "visited": "test_drive",
    "test_drive": "visited",
    "quoted": "connected",
    "ordered": "quoted",
    "dormant": "connected",
    "note": "connected",
}
"""The result a record is most easily taken for."""

GOES_ON = frozenset({"connected", "appointment", "visited", "test_drive", "quoted", "note"})
"""Results after which level and next call are worth a question."""

CALLED_AGAIN = GOES_ON | {"unreachable"}
DAYS_AHEAD = (1, 3, 7)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What stands on file now: the record's result, the lead's level and its next call."""

    result: str
    level: str
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One change: a result's code, a level's code, or days until the next call."""

    kind: Literal["result", "level", "next"]
    value: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.value}"


def offers(said: Recorded, levels: Sequence[str], now: datetime, tz: str) -> list[Offer]:
    """At most four, none of them what is on file already. `levels`: hottest first."""
    found = [Offer("result", NEAREST[said.result])] if said.result in NEAREST else []
    if said.result in GOES_ON:
        found += [Offer("level", code) for code in _neighbours(said.level, levels)]
    if said.result in CALLED_AGAIN:
        found.append(Offer("next", str(_other_day(said.next_at, now, tz))))
    return found[:MOST]


def day_at(days: int, now: datetime, tz: str) -> datetime:
    """The usual hour so many days from now."""
    local = now.astimezone(ZoneInfo(tz)) + timedelta(days=days)
    return local.replace(hour=HOUR, minute=0, second=0, microsecond=0)


def _neighbours(level: str, levels: Sequence[str]) -> list[str]:
    """The levels just above and below; the two hottest for a lead that has none yet."""
    if level not in levels:
        return list(levels[:2])
    here = levels.index(level)
    near = [i for i in (here - 1, here + 1, here + 2, here - 2) if 0 <= i < len(levels)]
    return [levels[i] for i in sorted(near[:2])]


def _other_day(next_at: datetime | None, now: datetime, tz: str) -> int:
    """The first usual day that is not the one on file."""
    zone = ZoneInfo(tz)
    away = (next_at.astimezone(zone).date() - now.astimezone(zone).date()).days if next_at else 0
    return next(days for days in DAYS_AHEAD if days != away)
