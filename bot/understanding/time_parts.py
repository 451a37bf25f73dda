"""The pieces a time is said in: days, parts of the day, hours, distances from now."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from bot.understanding.numbers import parse_number
from texts import lexicon

PieceKind = Literal["day", "part", "clock", "after", "vague"]
_NEAR_PAST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day; `again_days` later it comes round again (0: it does not)."""

    day: date
    again_days: int = 0
    by_number: bool = False
    weekend: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """One recognised piece. Only the field of its kind is set."""

    kind: PieceKind
    start: int
    end: int
    day: Day | None = None
    hours: tuple[int, int, int] | None = None
    clock: tuple[int, int] | None = None
    minutes: int = 0
    dotted: bool = False


def find_pieces(text: str, now: datetime) -> list[Piece]:
    """All pieces in normalised text, left to right, the longest where some overlap."""
    found = [piece for name in _patterns() for piece in _read(name, text, now)]
    found.sort(key=lambda p: (p.start, -p.end, p.dotted))
    kept: list[Piece] = []
    for piece in found:
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
        elif piece.end - piece.start > kept[-1].end - kept[-1].start:
            kept[-1] = piece
    return kept


def _read(name: str, text: str, now: datetime) -> Iterator[Piece]:
    for match in _patterns()[name].finditer(text):
        piece = _piece(name, match, now)
        if piece is not None:
            yield piece


def _piece(name: str, match: re.Match[str], now: datetime) -> Piece | None:
    """The piece a pattern found, or None if its numbers are impossible (32nd, 25 o'clock)."""
    start, end = match.span()
    data = lexicon.load("times")
    match name:
        case "part" | "short_part":
            hours = {**data["parts"], **data["short_parts"]}[match["word"]]
            return Piece("part", start, end, hours=tuple(hours))
        case "clock" | "colon" | "dotted_clock":
            clock = _clock(match)
            dotted = name == "dotted_clock"
            return clock and Piece("clock", start, end, clock=clock, dotted=dotted)
        case "after" | "after_passing" | "after_on_the_way":
            minutes = _distance(name, match)
            kind: PieceKind = "after" if minutes else "vague"
            return Piece(kind, start, end, minutes=minutes)
        case "vague":
            return Piece("vague", start, end)
    try:
        day = _DAYS[name](match.groupdict(), now.date(), data)
    except (ValueError, OverflowError):
        return None
    return Piece("day", start, end, day=day)


def _clock(match: re.Match[str]) -> tuple[int, int] | None:
    groups = match.groupdict()
    hour = _int(groups.get("first") or _first_of_pair(groups["hour"]))
    minute = 30 if groups.get("half") else _int(groups.get("minute") or "0")
    if groups.get("quarter"):
        minute = 15 * _int(groups["quarter"])
    if hour == 1 and _is_a_little(match):
        return None
    return (hour, minute) if 0 <= hour <= 24 and 0 <= minute < 60 else None


def _is_a_little(match: re.Match[str]) -> bool:
    """ "早一点" is "a little earlier", not one o'clock."""
    data = lexicon.load("times")["marks"]
    before = match.string[max(0, match.start() - 1) : match.start()]
    return match.group() in data["little_words"] and re.search(data["little"], before) is not None


def _distance(name: str, match: re.Match[str]) -> int:
    """Minutes from now, or 0 where it is a manner of speaking ("过两天") or a month ("6月后")."""
    data = lexicon.load("times")
    written, unit = match["count"], match["unit"]
    by_calendar = data["units"][unit] == data["marks"]["month_minutes"]
    if _first_of_pair(written) != written or (by_calendar and not match["measure"]):
        return 0
    some = name == "after_passing" and written == data["marks"]["two_means_some"]
    if some and data["units"][unit] >= 1440:
        return 0
    half = lexicon.load("numbers")["marks"]["half"]
    count = 0.5 if written == half else parse_number(written) or 0.0
    return int((count + (0.5 if match["half"] else 0)) * data["units"][unit])


def _int(written: str) -> int:
    value = parse_number(written)
    return -1 if value is None else int(value)


def _first_of_pair(written: str) -> str:
    """ "两三" means two or three: the first of them; anything else as it is."""
    digits = lexicon.load("numbers")["digits"]
    pair = len(written) == 2 and all(c in digits for c in written)
    return written[0] if pair else written


def _numbered_day(groups: dict[str, str], today: date, data: dict[str, Any]) -> Day:
    """Month and day; without a year the nearest one, the recent past or else the future."""
    year, month, day = today.year, _int(groups["month"]), _int(groups["day"])
    if groups.get("year"):
        return Day(date(int(groups["year"]), month, day), by_number=True)
    if groups.get("year_word"):
        year += data["years"][groups["year_word"]]
        return Day(date(year, month, day), by_number=True)
    found = date(year, month, day)
    if found < today - _NEAR_PAST:
        found = date(year + 1, month, day)
    elif found > today + timedelta(days=365) - _NEAR_PAST:
        found = date(year - 1, month, day)
    return Day(found, by_number=True)


def _day_of_month(groups: dict[str, str], today: date, data: dict[str, Any]) -> Day:
    """The next such day, today included; "下个月3号" counts months from this one."""
    day, which = _int(groups["day"]), groups.get("which")
    first = _months_later(today.replace(day=1), data["which"][which] if which else 0)
    if which:
        return Day(first.replace(day=day), by_number=True)
    if day < today.day or day > monthrange(first.year, first.month)[1]:
        first = _months_later(first, 1)
    return Day(first.replace(day=day), by_number=True)


def _months_later(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _weekday(groups: dict[str, str], today: date, data: dict[str, Any]) -> Day:
    """In the named calendar week (Monday first), else the next one still ahead."""
    weekday = data["weekdays"][groups["day"]]
    if groups.get("which"):
        monday = today - timedelta(days=today.weekday())
        return Day(monday + timedelta(days=weekday + 7 * data["which"][groups["which"]]))
    return Day(today + timedelta(days=(weekday - today.weekday()) % 7), again_days=7)


def _weekend(groups: dict[str, str], today: date, data: dict[str, Any]) -> Day:
    saturday = today + timedelta(days=5 - today.weekday())
    if groups.get("which"):
        saturday += timedelta(days=7 * data["which"][groups["which"]])
    if saturday < today <= saturday + timedelta(days=1):
        return Day(today, weekend=True)
    return Day(saturday, weekend=True)


def _named_day(groups: dict[str, str], today: date, data: dict[str, Any]) -> Day:
    name = groups.get("name")
    month, day = data["festivals"][name] if name else data["named_days"][groups["alone"]]
    found = date(today.year, month, day)
    return Day(found if found >= today else date(today.year + 1, month, day), by_number=True)


def _day_word(groups: dict[str, str], today: date, data: dict[str, Any]) -> Day:
    distance = {**data["days"], **data["day_heads"]}[groups["word"]]
    return Day(today + timedelta(days=distance))


_DAYS = {
    "year_day": _numbered_day,
    "month_day": _numbered_day,
    "slash_day": _numbered_day,
    "dot_day_before": _numbered_day,
    "dot_day_after": _numbered_day,
    "of_month": _day_of_month,
    "day_of_month": _day_of_month,
    "day_of_month_plain": _day_of_month,
    "weekday": _weekday,
    "weekend": _weekend,
    "named_day": _named_day,
    "day_word": _day_word,
    "day_head": _day_word,
}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data = lexicon.load("times")
    digits = "".join(lexicon.load("numbers")["digits"])
    ten = next(u for u, size in lexicon.load("numbers")["units"].items() if size == 10)
    fill = {"n": rf"(?:\d{{1,2}}|[{digits}{ten}]{{1,3}})"}
    for name in ("days", "day_heads", "parts", "short_parts", "festivals", "named_days"):
        fill[name] = _any_of(list(data[name]))
    fill["vague"] = _any_of(data["vague"]["words"])
    return {name: re.compile(_filled(p, fill)) for name, p in data["patterns"].items()}


def _filled(pattern: str, fill: dict[str, str]) -> str:
    for name, value in fill.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern


def _any_of(words: list[str]) -> str:
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"
