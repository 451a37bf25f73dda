"""Opening hours as a document: "always", or weekday → spans, with special days and holidays.

{"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "2026-12-31": [], "holidays": "open"}: weekdays
are English names, three letters or whole, or "1" (Monday) to "7", and closed when left out; a
date says what that day is like, whatever it would be else; `holidays` is "closed" unless given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from domain.errors import InvalidInput

MOST_SPECIAL_DAYS = 400
_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

ClockSpan = tuple[int, int]
"""Opening and closing as minutes after local midnight; 1440 is the midnight after."""
Spans = tuple[ClockSpan, ...]
Week = tuple[Spans, ...]
"""Seven days of clock spans, Monday first."""
Fault = tuple[str, str]


class InvalidHours(InvalidInput):
    """Opening hours that make no sense; `errors` holds (location, message) of each fault."""

    code = "invalid_hours"


@dataclass(frozen=True, slots=True)
class Timetable:
    """What a document says. `keeps_holidays` is None where it says nothing."""

    week: Week | Literal["always"]
    special: Mapping[date, Spans] = field(default_factory=dict)
    keeps_holidays: bool | None = None


def check_hours(hours: object) -> None:
    """Raise `InvalidHours` naming every fault of a document of opening hours."""
    read_hours(hours)


def read_hours(hours: object) -> Timetable:
    """The timetable a document describes; raises `InvalidHours`."""
    faults: list[Fault] = []
    found = _read(hours, faults)
    if faults:
        raise InvalidHours(faults)
    return found


def _read(hours: object, faults: list[Fault]) -> Timetable:
    if hours == "always":
        return Timetable("always")
    if not isinstance(hours, Mapping):
        faults.append(("", 'must be "always" or an object of weekdays'))
        return Timetable(())
    days: dict[int, Spans] = {}
    special: dict[date, Spans] = {}
    keeps_holidays: bool | None = None
    for key, value in hours.items():
        if key == "holidays":
            keeps_holidays = value == "closed"
            if value not in ("open", "closed"):
                faults.append(("holidays", 'must be "open" or "closed"'))
        elif (day := _date(key)) is not None:
            special[day] = _read_spans(value, str(key), faults)
        else:
            _read_weekday(days, key, value, faults)
    if len(special) > MOST_SPECIAL_DAYS:
        faults.append(("", f"at most {MOST_SPECIAL_DAYS} special days"))
    week = tuple(days.get(weekday, ()) for weekday in range(7))
    return Timetable(week, special, keeps_holidays)


def _read_weekday(days: dict[int, Spans], key: object, spans: object, faults: list[Fault]) -> None:
    weekday = _weekday(key)
    if weekday is None:
        faults.append((str(key), "is not a weekday (mon, tuesday, 1 to 7) or a date"))
    elif weekday in days:
        faults.append((str(key), "names a weekday twice"))
    else:
        days[weekday] = _read_spans(spans, str(key), faults)


def _date(key: object) -> date | None:
    """The day a key names; None for a key that is none, or of no such day."""
    if not isinstance(key, str) or not _DATE.fullmatch(key):
        return None
    try:
        return date.fromisoformat(key)
    except ValueError:
        return None


def _weekday(key: object) -> int | None:
    """0 for Monday. "0" is Sunday, as in cron."""
    name = str(key).strip().lower()
    if name in ("0", "1", "2", "3", "4", "5", "6", "7"):
        return (int(name) - 1) % 7
    return next((i for i, day in enumerate(_WEEKDAYS) if name in (day, day[:3])), None)


def _read_spans(spans: object, loc: str, faults: list[Fault]) -> Spans:
    if not isinstance(spans, list | tuple):
        faults.append((loc, 'must be a list of ["09:00", "12:00"] spans'))
        return ()
    read: list[ClockSpan] = []
    for index, span in enumerate(spans):
        clock = _read_span(span)
        if isinstance(clock, str):
            faults.append((f"{loc}.{index}", clock))
        elif any(clock[0] < closes and opens < clock[1] for opens, closes in read):
            faults.append((f"{loc}.{index}", "overlaps another span"))
        else:
            read.append(clock)
    return tuple(sorted(read))


def _read_span(span: object) -> ClockSpan | str:
    """The span, or what is wrong with it."""
    if not isinstance(span, list | tuple) or len(span) != 2:
        return 'must be a span like ["09:00", "12:00"]'
    ends = [_CLOCK.fullmatch(text) if isinstance(text, str) else None for text in span]
    minutes = [_minute_of_day(end.group()) for end in ends if end]
    if len(minutes) != 2 or minutes[0] == 1440:
        return "must be times like 09:00, the end up to 24:00"
    return (minutes[0], minutes[1]) if minutes[0] < minutes[1] else "must end after it starts"


def _minute_of_day(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
