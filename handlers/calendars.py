"""The business calendar of a dealer, and the timetable of an adviser."""

from functools import lru_cache

import orjson

from db.models import Dealer
from domain.business_hours import Calendar
from domain.dispatch import timetable


def calendar_of(dealer: Dealer, tz: str) -> Calendar:
    """Opening hours as a calendar; parsed once per distinct timetable."""
    return _parsed(orjson.dumps(dealer.hours), tz)


@lru_cache(maxsize=1024)
def _timetable(shifts: bytes, tz: str) -> Calendar | None:
    return timetable(orjson.loads(shifts), tz)


def parse_shifts(shifts: object, tz: str) -> Calendar | None:
    """An adviser's weekly timetable; None when they have none."""
    return None if shifts is None else _timetable(orjson.dumps(shifts), tz)


@lru_cache(maxsize=1024)
def _parsed(hours: bytes, tz: str) -> Calendar:
    return Calendar.from_hours(orjson.loads(hours), tz)
