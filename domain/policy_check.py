"""What an override of the policy document may say: known keys, right types, sane numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from domain.errors import InvalidInput

YEAR_OF_MINUTES = 366 * 24 * 60
TEN_YEARS_OF_DAYS = 3660
A_BLINK_OF_DAYS = 1e-6
PLATFORM_SENDS_PER_HOUR = 1000  # WeCom's own limit per member; no minute can hold more
LONGEST_OFFER = 200
LONGEST_CHOICE = 20
MOST_CHOICES = 10
CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Check = Callable[[object], str | None]
Errors = Iterator[tuple[str, str]]


class InvalidPolicy(InvalidInput):
    """Overrides that cannot be taken; `errors` holds (location, message) of each fault."""

    code = "invalid_policy"


@dataclass(frozen=True, slots=True)
class Table:
    """Rules of an object: by name, or for keys that are data, by the pattern they match."""

    named: Mapping[str, Check | Table]
    pattern: re.Pattern[str] | None = None
    each: Check | Table | None = None
    removable: bool = False

    def rule_for(self, key: str) -> Check | Table | None:
        if key in self.named:
            return self.named[key]
        return self.each if self.pattern and self.pattern.fullmatch(key) else None

    def removes(self, key: str, value: object) -> bool:
        """Whether this entry is a null that takes a row of data away."""
        return self.removable and value is None and key not in self.named


def number(above: float, most: float, *, or_equal: bool = False) -> Check:
    def check(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "must be a number"
        within = above < value <= most or (or_equal and value == above)
        if not within:  # NaN is within nothing
            return f"must be {'at least' if or_equal else 'above'} {above} and at most {most}"
        return None

    return check


def whole(least: int, most: int) -> Check:
    def check(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return "must be a whole number"
        return None if least <= value <= most else f"must be {least} to {most}"

    return check


def one_of(*choices: str) -> Check:
    def check(value: object) -> str | None:
        return None if value in choices else f"must be one of {', '.join(choices)}"

    return check


def flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def clock_time(value: object) -> str | None:
    fits = isinstance(value, str) and CLOCK_TIME.fullmatch(value)
    return None if fits else "must be a time like 09:00"


def codes(value: object) -> str | None:
    fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return None if fits else "must be a list of codes"


def days(value: object) -> str | None:
    fits = isinstance(value, list) and all(map(is_day, value))
    return None if fits else "must be a list of days like 2027-02-17"


def is_day(value: object) -> bool:
    """Whether this is a day of the calendar as ISO 8601 writes it."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def words(value: object) -> str | None:
    fits = isinstance(value, str) and 0 < len(value) <= LONGEST_OFFER
    return None if fits else f"must be 1 to {LONGEST_OFFER} characters"


def choices(value: object) -> str | None:
    """What a pick list offers: the platform shows ten."""
    texts = value if isinstance(value, list) else []
    fits = all(isinstance(text, str) and 0 < len(text) <= LONGEST_CHOICE for text in texts)
    if fits and 0 < len(texts) <= MOST_CHOICES and len(set(texts)) == len(texts):
        return None
    return f"must be 1 to {MOST_CHOICES} different texts of at most {LONGEST_CHOICE} characters"


def or_null(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


_minutes = number(0, YEAR_OF_MINUTES)
_days = number(A_BLINK_OF_DAYS, TEN_YEARS_OF_DAYS, or_equal=True)
_share = number(0, 10)
_points = number(0, 100, or_equal=True)
_level_code = re.compile(r"(?![LF]$)[A-Z][A-Z0-9]{0,7}")  # dormant and defeated have no rows
_word = re.compile(r"[a-z][a-z0-9_]{0,39}")
_source = re.compile(r".{1,64}")
_model = re.compile(r"[A-Za-z0-9._-]{1,32}")
_level = Table({"window_days": or_null(_days), "follow_up_days": _days})
_request = Table({"needs_approval": flag, "reasons": choices})
_no_window = Table({"follow_up_days": _days})

RULES = Table(
    {
        "levels": Table(
            {"missed_cycles": whole(1, 100), "N": _no_window, "O": _no_window},
            _level_code,
            _level,
            removable=True,
        ),
        "grading": Table(
            {
                "points": Table({}, _word, _points),
                "thresholds": Table({}, _level_code, _points, removable=True),
                "strong": codes,
                "price_questions_for_lift": whole(1, 100),
                "weekly_decay": number(0, 1),
                "source_quality": Table({}, _source, number(-20, 20, or_equal=True)),
            }
        ),
        "dispatch": Table(
            {
                "quota_weight": number(0, 10, or_equal=True),
                "quality_weight": number(0, 10, or_equal=True),
            }
        ),
        "sla": Table(
            {
                "first_response_minutes": _minutes,
                "first_response_minutes_by_level": Table(
                    {}, _level_code, _minutes, removable=True
                ),
                "remind_at": _share,
                "escalate_at": _share,
                "escalate_to_manager_at": _share,
                "unaccepted_minutes": _minutes,
                "untouched_minutes": _minutes,
                "recycles_before_region": whole(1, 100),
            }
        ),
        "defeat": Table(
            {
                "min_attempts": whole(0, 100),
                "min_days": whole(0, 100),
                "needs_approval": flag,
                "suspicious_at": whole(1, 100),
                "recall_share": number(0, 1, or_equal=True),
                "reasons": Table({}, _word, one_of("weak", "strong", "none")),
            }
        ),
        "links": Table({"fresh_contact_days": _days}),
        "dormant": _request,
        "transfer": _request,
        "contact": Table(
            {
                "quiet_hours": Table({"start": clock_time, "end": clock_time}),
                "touches_per_week": whole(0, 100),
                "touches_per_minute": whole(1, 60_000),
                "blackout_days": days,
            }
        ),
        "appointment": Table(
            {
                "duration_minutes": number(0, 24 * 60),
                "lead_time_minutes": number(0, YEAR_OF_MINUTES, or_equal=True),
                "capacity": whole(1, 1000),
                "earliest": clock_time,
                "latest": clock_time,
            }
        ),
        "wecom": Table(
            {
                "member_sends_per_minute": whole(1, PLATFORM_SENDS_PER_HOUR),
                "member_sends_per_hour": whole(1, PLATFORM_SENDS_PER_HOUR),
            }
        ),
        "bot": Table(
            {"undo_minutes": _minutes, "answer_minutes": _minutes, "idle_minutes": _minutes}
        ),
        "sea": Table(
            {
                "claims_per_day": whole(0, 1000),
                "cool_down_minutes": number(0, YEAR_OF_MINUTES, or_equal=True),
            }
        ),
        "calling": Table(
            {
                "calls_per_day": whole(0, 1000),
                "not_before_days": _days,
                "not_after_days": _days,
                "rest_days": _days,
                "half_life_days": _days,
                "least": _points,
                "points": Table({}, _word, number(-100, 100, or_equal=True)),
            }
        ),
        "tickets": Table(
            {
                "complaint_minutes": _minutes,
                "rescue_minutes": _minutes,
                "maintenance_minutes": _minutes,
            }
        ),
        "offers": Table({}, _model, words, removable=True),
        "digests": Table({"morning": clock_time, "evening": clock_time}),
        "merge_days": _days,
    }
)


def faults_of_entries(document: object, rule: Check | Table = RULES, loc: str = "") -> Errors:
    """Each entry of `document` that names nothing known or holds a value out of bounds."""
    if not isinstance(rule, Table):
        if message := rule(document):
            yield loc, message
        return
    if not isinstance(document, Mapping):
        yield loc, "must be an object"
        return
    for key, value in document.items():
        here = f"{loc}.{key}" if loc else str(key)
        found = rule.rule_for(key) if isinstance(key, str) else None
        if found is None:
            yield here, "is not a known key"
        elif not rule.removes(key, value):
            yield from faults_of_entries(value, found, here)


def faults_of_whole(document: Mapping[str, Any], usual_order: tuple[str, ...]) -> Errors:
    """What only shows once overrides are laid over the rest: windows and marks out of order.

    `usual_order` are the delivered levels, hottest first; their windows must grow in that order.
    """
    yield from _faults_of_levels(document["levels"], usual_order)
    sla = document["sla"]
    marks = ("remind_at", "escalate_at", "escalate_to_manager_at")
    for earlier, later in pairwise(marks):
        if sla[earlier] > sla[later]:
            yield f"sla.{later}", f"must not come before {earlier}"
    if document["appointment"]["earliest"] >= document["appointment"]["latest"]:
        yield "appointment.latest", "must be after earliest"


def _faults_of_levels(levels: Mapping[str, Any], usual_order: tuple[str, ...]) -> Errors:
    rows = {code: row for code, row in levels.items() if isinstance(row, Mapping)}
    for code, row in rows.items():
        if "follow_up_days" not in row:
            yield f"levels.{code}.follow_up_days", "is missing"
        if code not in ("N", "O") and "window_days" not in row:
            yield f"levels.{code}.window_days", "is missing (null: no limit)"
    windows = {code: row["window_days"] for code, row in rows.items() if "window_days" in row}
    open_ended = [code for code, days in windows.items() if days is None]
    if len(open_ended) != 1:
        yield "levels", "exactly one level must have window_days null"
    bounded = {code: days for code, days in windows.items() if days is not None}
    if not bounded:
        yield "levels", "at least one level must have a window"
    if len(set(bounded.values())) < len(bounded):
        yield "levels", "two levels have the same window_days"
    usual = [code for code in usual_order if code in bounded]
    for hotter, colder in pairwise(usual):
        if bounded[hotter] >= bounded[colder]:
            yield f"levels.{hotter}.window_days", f"must be smaller than that of {colder}"
