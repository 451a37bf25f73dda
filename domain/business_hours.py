"""A dealer's business calendar: split shifts, special days, public holidays, make-up working days.

All results are aware UTC. Spans are half-open: at closing time a dealer is closed. A weekend day
that touches a public holiday belongs to the break, as in the State Council's yearly notice; years
the data does not know yet fall back to the weekdays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

from domain.errors import DomainError
from domain.timetables import ClockSpan, InvalidHours, Spans, Week, check_hours, read_hours

__all__ = ["Calendar", "InvalidHours", "NeverOpen", "check_hours"]

LOOK_AHEAD_DAYS = 400
HORIZON_DAYS = 3660
SATURDAY = 5
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]


class NeverOpen(DomainError):
    """The calendar has no opening within 400 days."""

    code = "never_open"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a dealer is open. Build it with `from_hours`."""

    week: Week | Literal["always"]
    zone: ZoneInfo
    keeps_holidays: bool = True
    special: Mapping[date, Spans] = field(default_factory=dict, hash=False)

    @classmethod
    def from_hours(cls, hours: object, tz: str, *, keeps_holidays: bool = True) -> Calendar:
        """From a document of `domain.timetables`; raises `InvalidHours`.

        `keeps_holidays` counts where the document says nothing about holidays.
        """
        read = read_hours(hours)
        said = read.keeps_holidays
        kept = keeps_holidays if said is None else said
        return cls(read.week, ZoneInfo(tz), kept, read.special)

    @property
    def is_always(self) -> bool:
        return self.week == "always"

    def is_open(self, at: datetime) -> bool:
        return self.is_always or self._span_at(at) is not None

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself when open, else when it next opens; raises `NeverOpen`."""
        if self.is_always:
            return at.astimezone(UTC)
        opens, _ = next(self._spans_from(at))
        return max(opens, at.astimezone(UTC))

    def add_minutes(self, start: datetime, minutes: float) -> datetime:
        """The moment when `minutes` business minutes have passed since `start`.

        Outside hours the count begins at the next opening. A count that ends with the day ends
        at closing time. Raises `NeverOpen`, and ValueError for a negative or endless count.
        """
        if not 0 <= minutes < float("inf"):
            raise ValueError("business minutes are counted forwards")
        left, at = timedelta(minutes=minutes), start.astimezone(UTC)
        if self.is_always:
            return at + left
        spans = self._spans_from(at)
        opens, closes = next(spans)
        begins = max(opens, at)
        while left > closes - begins:
            left -= closes - begins
            begins, closes = next(spans)
        return begins + left

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """Business minutes from `start` to `end`; negative when `end` comes first."""
        if end < start:
            return -self.minutes_between(end, start)
        if self.is_always:
            return (end - start) / _MINUTE
        total, day = timedelta(), start.astimezone(self.zone).date()
        while day <= end.astimezone(self.zone).date():
            for opens, closes in self.spans_on(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += _DAY
        return total / _MINUTE

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """Opening spans of one local day, in UTC, in order."""
        clock = self._clock_spans(day)
        return tuple((_instant(day, a, self.zone), _instant(day, b, self.zone)) for a, b in clock)

    def _clock_spans(self, day: date) -> tuple[ClockSpan, ...]:
        if self.week == "always":
            return ((0, 1440),)
        if day in self.special:
            return self.special[day]
        weekday = day.weekday()
        if self.keeps_holidays:
            if day in days_off(day.year):
                return ()
            if day in make_up_days(day.year):
                return self.week[weekday] or self.week[0]
        return self.week[weekday]

    def _span_at(self, at: datetime) -> Span | None:
        day = at.astimezone(self.zone).date()
        return next(((a, b) for a, b in self.spans_on(day) if a <= at < b), None)

    def _spans_from(self, at: datetime) -> Iterator[Span]:
        """Spans that end after `at`, in order; `NeverOpen` once 400 days bring none."""
        first, idle = at.astimezone(self.zone).date(), 0
        for offset in range(HORIZON_DAYS):
            if idle >= LOOK_AHEAD_DAYS:
                break
            idle += 1
            for span in self.spans_on(first + timedelta(days=offset)):
                if span[1] > at:
                    idle = 0
                    yield span
        raise NeverOpen("no opening within the days looked at")


@lru_cache(maxsize=32)
def days_off(year: int) -> frozenset[date]:
    """Public holidays of a year, with the weekend days that touch them."""
    known, worked = _holidays_around(year), make_up_days(year)
    off = set(known)
    for holiday in known:
        for step in (-_DAY, _DAY):
            day = holiday + step
            while day.weekday() >= SATURDAY and day not in worked and day not in off:
                off.add(day)
                day += step
    return frozenset(day for day in off if day.year == year)


@lru_cache(maxsize=32)
def make_up_days(year: int) -> frozenset[date]:
    """Weekend days the State Council declared working days."""
    found = holidays.country_holidays("CN", years=_years_around(year)).weekend_workdays
    return frozenset(day for day in found if day.year in _years_around(year))


@lru_cache(maxsize=32)
def _holidays_around(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("CN", years=_years_around(year)))


def _years_around(year: int) -> range:
    """The year with its neighbours: breaks cross New Year. The calendar ends in 9999."""
    return range(max(year - 1, 1), min(year + 1, 9999) + 1)


@lru_cache(maxsize=4096)
def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    midnight = datetime.combine(day, time(), zone)
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)
