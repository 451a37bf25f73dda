"""When? Appointment and call-back times out of normalised Chinese.

Rules of the outer contract: a day or a part of a day gives any time inside it, a vague word gives
none, "这周六" lies in the current week (Monday first), "周六" is the next one still ahead,
"下周三" lies in the next calendar week.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from bot.understanding.time_parts import Day, Piece, find_pieces
from texts import lexicon

TimeKind = Literal["moment", "part", "day", "after", "deadline", "vague"]
HOME = ZoneInfo("Asia/Shanghai")
_DAYTIME = (9, 10, 18)
_LAST_HOUR = 20


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time at `text[start:end]` of the normalised text.

    `at` is aware and lies inside what was said; it is None for vague words and for deadlines.
    `since` and `until` bound the day or the part of it that was said (None for a moment).
    `said_day` is False if only an hour or a part of the day was said and the day is our guess.
    `corrected` if the sentence takes it back later.
    """

    start: int
    end: int
    at: datetime | None
    vague: bool
    kind: TimeKind
    since: datetime | None = None
    until: datetime | None = None
    said_day: bool = True
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class _Group:
    """Pieces that together name one time."""

    start: int
    end: int
    day: Day | None = None
    hours: tuple[int, int, int] | None = None
    clock: tuple[int, int] | None = None
    minutes: int = 0
    vague: bool = False
    soon: bool = False
    deadline: bool = False
    corrected: bool = False

    @property
    def says_hour(self) -> bool:
        return self.hours is not None or self.clock is not None


def find_times(text: str, now: datetime) -> list[TimeMention]:
    """Every time in normalised text, left to right; what was corrected later is left out."""
    return [m for m in read_times(text, now) if not m.corrected]


def read_times(text: str, now: datetime) -> list[TimeMention]:
    """Every time that is said, the corrected ones too."""
    now = now if now.tzinfo else now.replace(tzinfo=HOME)
    groups = [_bounded(group, text) for group in _groups(text, find_pieces(text, now))]
    groups = _with_shared_days(groups)
    mentions = [_mention(group, now) for group in _corrected(groups, text)]
    return [m for m in mentions if m is not None]


def future_times(text: str, now: datetime) -> list[TimeMention]:
    """Only the definite times that are still ahead of `now`."""
    now = now if now.tzinfo else now.replace(tzinfo=HOME)
    return [m for m in find_times(text, now) if m.at is not None and m.at > now]


def _groups(text: str, pieces: list[Piece]) -> Iterator[_Group]:
    """Join neighbouring pieces; the end of a span or a second choice is swallowed."""
    group: _Group | None = None
    for piece in pieces:
        gap = text[group.end : piece.start] if group else ""
        if group and _joint().fullmatch(gap) and (joined := _join(group, piece, text)):
            group = joined
            continue
        denied = group and _not_this().search(text[: group.start])
        if group and not denied and _span().fullmatch(gap) and _same_sort(group, piece, gap):
            group = replace(group, end=piece.end)
            continue
        if group:
            yield group
        group = _first(piece, text)
    if group:
        yield group


def _first(piece: Piece, text: str) -> _Group | None:
    """A group of one piece; a part like "晚" or a clock like "9.30" cannot stand alone."""
    short = piece.kind == "part" and text[piece.start : piece.end] in _short_parts()
    if short or piece.dotted:
        return None
    return _Group(
        piece.start,
        piece.end,
        piece.day,
        piece.hours,
        piece.clock,
        piece.minutes,
        vague=piece.kind == "vague",
        soon=_is_soon(piece, text),
    )


def _is_soon(piece: Piece, text: str) -> bool:
    return text[piece.start : piece.end] in lexicon.load("times")["vague"]["soon"]


def _join(group: _Group, piece: Piece, text: str) -> _Group | None:
    """The group with one more piece, or None if the piece says something else.

    "28号周五" is the 28th, whatever its weekday; "28号 周五再打" is two days.
    """
    gap = text[group.end : piece.start]
    if group.vague:
        if group.soon and piece.kind == "clock":
            return replace(group, end=piece.end, clock=piece.clock, vague=False)
        hour = piece.kind in {"part", "clock"}
        return replace(group, end=piece.end) if hour else None
    match piece.kind:
        case "part" if not group.says_hour and not group.minutes:
            return replace(group, end=piece.end, hours=piece.hours)
        case "part" if group.minutes >= 1440 and not group.says_hour:
            return replace(group, end=piece.end, hours=piece.hours)
        case "clock" if group.clock is None and (not group.minutes or group.minutes >= 1440):
            return replace(group, end=piece.end, clock=piece.clock)
        case "vague" if group.day and not group.says_hour and _is_soon(piece, text):
            return replace(group, end=piece.end)
        case "day" if group.day and piece.day and not group.says_hour:
            same = group.day.day == piece.day.day
            if same or (piece.day.by_number and not group.day.by_number):
                return replace(group, end=piece.end, day=piece.day)
            if group.day.by_number and not piece.day.by_number and gap != " ":
                return replace(group, end=piece.end)
    return None


def _same_sort(group: _Group, piece: Piece, gap: str) -> bool:
    match piece.kind:
        case "day":
            joined = group.day is not None and not group.says_hour
            return joined and (gap != " " or _is_next(group.day, piece.day))
        case "part":
            return group.says_hour
        case "clock":
            return group.clock is not None
        case _:
            return False


def _is_next(one: Day | None, other: Day | None) -> bool:
    """ "周六 周日都行" are two choices, "周六来 周五再打" two times."""
    if one is None or other is None or one.by_number:
        return False
    return other.day - one.day == timedelta(days=1)


def _bounded(group: _Group, text: str) -> _Group:
    """Read what follows: "前" makes a deadline, "后" after a day makes it vague."""
    until = _until().match(text, group.end)
    if until:
        if group.clock and (group.day or group.hours):
            return replace(group, end=until.end())
        return replace(group, end=until.end(), deadline=True)
    later = _from().match(text, group.end)
    if later and not group.minutes:
        vague = group.vague or not group.says_hour
        return replace(group, end=later.end(), vague=vague)
    return group


def _with_shared_days(groups: list[_Group]) -> list[_Group]:
    """An hour said after a bare day belongs to that day ("周六来店 三点左右")."""
    shared: list[_Group] = []
    for group in groups:
        before = shared[-1] if shared else None
        dayless = group.day is None and group.says_hour and not group.vague
        if before and before.day and not before.vague and dayless:
            if not before.says_hour:
                group = replace(group, day=before.day)
                shared.pop()
            elif before.clock is None and group.hours is None:
                group = replace(group, day=before.day, hours=before.hours)
                shared.pop()
        shared.append(group)
    return shared


def _corrected(groups: list[_Group], text: str) -> list[_Group]:
    """Mark what was taken back; the correction keeps what it does not change."""
    kept: list[_Group] = []
    for group in groups:
        before = kept[-1] if kept else None
        if before and _takes_back(text[before.end : group.start]):
            kept[-1] = replace(before, corrected=True)
            group = _inherit(group, before)
        elif before and _not_this().search(text[: before.start]) and group.start - before.end < 4:
            kept[-1] = replace(before, corrected=True)
        kept.append(group)
    return kept


def _inherit(group: _Group, before: _Group) -> _Group:
    if group.vague or before.vague or group.minutes:
        return group
    if group.day is None:
        return replace(group, day=before.day)
    if not group.says_hour:
        return replace(group, hours=before.hours, clock=before.clock)
    return group


def _takes_back(between: str) -> bool:
    return _correction().search(between) is not None


def _mention(group: _Group, now: datetime) -> TimeMention | None:
    try:
        return replace(_resolved(group, now), corrected=group.corrected)
    except (OverflowError, ValueError):
        return None


def _resolved(group: _Group, now: datetime) -> TimeMention:
    start, end = group.start, group.end
    if group.vague:
        return TimeMention(start, end, None, True, "vague")
    if group.deadline:
        return TimeMention(start, end, None, True, "deadline")
    if group.minutes and not (group.says_hour or group.minutes >= 1440):
        return TimeMention(start, end, now + timedelta(minutes=group.minutes), False, "after")
    if group.minutes:
        day = Day((now + timedelta(minutes=group.minutes)).date())
        group = replace(group, day=day)
    at, since, until = _on_day(group, now)
    kind: TimeKind = "moment" if group.clock else "part" if group.hours else "day"
    return TimeMention(start, end, at, False, kind, since, until, group.day is not None)


_Window = tuple[datetime, datetime | None, datetime | None]


def _on_day(group: _Group, now: datetime) -> _Window:
    """The moment and the bounds of what was said; a bare hour already past is tomorrow's."""
    day = group.day or Day(now.date(), again_days=1)
    at, since, until = _in_day(group, day, now)
    over = at <= now if group.clock else until is not None and until <= now
    today_by_name = day.again_days == 7 and day.day == now.date() and not group.says_hour
    if not (day.again_days and (over or today_by_name)):
        if day.weekend and day.day == now.date() and until and until <= now:
            return _in_day(group, Day(day.day + timedelta(days=1)), now)
        return at, since, until
    if not group.day and group.clock and not group.hours:
        evening = at + timedelta(hours=12)
        if now < evening and evening.date() == now.date() and evening.hour <= _LAST_HOUR:
            return evening, None, None
    return _in_day(group, Day(day.day + timedelta(days=day.again_days)), now)


def _in_day(group: _Group, day: Day, now: datetime) -> _Window:
    midnight = datetime.combine(day.day, time(), now.tzinfo)
    if group.clock:
        hour, minute = group.clock
        at = midnight + timedelta(hours=_hour(hour, group.hours), minutes=minute)
        return at, None, None
    first, middle, last = group.hours or _DAYTIME
    at = midnight + timedelta(hours=middle)
    since = midnight + timedelta(hours=first if group.hours else 0)
    until = midnight + timedelta(hours=last if group.hours else 24)
    if at <= now < until:
        at = min(now + timedelta(hours=1), now + (until - now) / 2).replace(microsecond=0)
    return at, since, until


def _hour(hour: int, hours: tuple[int, int, int] | None) -> int:
    """The hour of the day a clock hour means, with the part of the day if one was said."""
    if hours is None:
        by_day = 1 <= hour <= int(lexicon.load("times")["marks"]["pm_until_hour"])
        return hour + 12 if by_day else hour
    first, _, last = hours
    if hour < 12 and hour + 12 <= last + 1 and hour < first:
        return hour + 12
    if hour == 12 and last > 18:
        return 24
    return hour


@cache
def _mark(name: str) -> re.Pattern[str]:
    return re.compile(lexicon.load("times")["marks"][name])


def _joint() -> re.Pattern[str]:
    return _mark("joint")


def _span() -> re.Pattern[str]:
    return _mark("span")


def _until() -> re.Pattern[str]:
    return _mark("until")


def _from() -> re.Pattern[str]:
    return _mark("from")


def _correction() -> re.Pattern[str]:
    return _mark("correction")


def _not_this() -> re.Pattern[str]:
    return _mark("not_this")


@cache
def _short_parts() -> frozenset[str]:
    return frozenset(lexicon.load("times")["short_parts"])
