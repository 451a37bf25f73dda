"""One test of one field, read from data: what is compared with what."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from domain.segment_fields import OPERATORS, Field, Kind

MOST_VALUES = 200
LONGEST_CODE = 64
LARGEST = 2_000_000_000
MOST_DAYS = 3660
MOST_MONTHS = 120
MOMENT_WORDS = ("days_ago", "months_ago", "at", "than")

Faults: TypeAlias = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Ago:
    """So long before now."""

    days: float = 0
    months: int = 0

    def before(self, now: datetime) -> datetime:
        """The moment meant; a day the month does not have is its last one."""
        month = now.year * 12 + now.month - 1 - self.months
        year, month = month // 12, month % 12 + 1
        day = min(now.day, monthrange(year, month)[1])
        return now.replace(year=year, month=month, day=day) - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Within:
    """A number, of what happened in the last so many days."""

    number: int
    days: float


Value: TypeAlias = str | bool | float | tuple[str, ...] | datetime | Ago | Field | Within | None


@dataclass(frozen=True, slots=True)
class Test:
    """`field op value`; the value is of the kind the field and the operator ask for."""

    __test__ = False  # not one for pytest

    field: Field
    op: str
    value: Value = None


class _Wrong(Exception):
    """What is wrong, and with which entry of the test."""

    def __init__(self, entry: str, message: str) -> None:
        super().__init__(message)
        self.entry = entry
        self.message = message


def read_test(
    given: Mapping[str, object], path: str, fields: Mapping[str, Field], faults: Faults
) -> Test | None:
    """The test that `given` says; None with the fault noted under `path`."""
    try:
        return _read(given, fields)
    except _Wrong as wrong:
        faults.append((f"{path}.{wrong.entry}", wrong.message))
        return None


def _read(given: Mapping[str, object], fields: Mapping[str, Field]) -> Test:
    name, op = given["field"], given.get("op")
    field = fields.get(name) if isinstance(name, str) else None
    if field is None:
        raise _Wrong("field", "is not a known field")
    allowed = OPERATORS[field.kind]
    if op not in allowed or not isinstance(op, str):
        raise _Wrong("op", f"must be one of {', '.join(allowed)}")
    if op in ("set", "unset"):
        _only(given, ())
        return Test(field, op)
    if field.kind is Kind.MOMENT:
        return Test(field, op, _moment(given, fields))
    return Test(field, op, _READERS[field.kind](given, field, op))


def _only(given: Mapping[str, object], entries: tuple[str, ...]) -> None:
    """Refuse entries that mean nothing here, and miss those that should be."""
    for entry in given:
        if entry not in ("field", "op", *entries):
            raise _Wrong(str(entry), "is not known here")
    for entry in entries:
        if entry not in given:
            raise _Wrong(entry, "is missing")


def _code(given: Mapping[str, object], field: Field, op: str) -> Value:
    _only(given, ("value",))
    value = given["value"]
    if op not in ("in", "not_in"):
        return _one_code(value, field, "value")
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_VALUES:
        raise _Wrong("value", f"must be a list of 1 to {MOST_VALUES} texts")
    return tuple(_one_code(one, field, f"value.{n}") for n, one in enumerate(value))


def _one_code(value: object, field: Field, entry: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_CODE or "\x00" in value:
        raise _Wrong(entry, f"must be a text of 1 to {LONGEST_CODE} characters")
    if not value.isprintable():
        raise _Wrong(entry, "must be printable")
    if field.choices and value not in field.choices:
        raise _Wrong(entry, f"must be one of {', '.join(field.choices)}")
    return value


def _flag(given: Mapping[str, object], field: Field, op: str) -> Value:
    _only(given, ("value",))
    if not isinstance(given["value"], bool):
        raise _Wrong("value", "must be true or false")
    return given["value"]


def _whole(given: Mapping[str, object], entry: str, most: int = LARGEST) -> int:
    value = given[entry]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise _Wrong(entry, f"must be a whole number from 0 to {most}")
    return value


def _number(given: Mapping[str, object], field: Field, op: str) -> Value:
    _only(given, ("value",))
    return _whole(given, "value")


def _count(given: Mapping[str, object], field: Field, op: str) -> Value:
    _only(given, ("value", "days"))
    return Within(_whole(given, "value"), _days(given, "days"))


def _purpose(given: Mapping[str, object], field: Field, op: str) -> Value:
    _only(given, ("value",))
    return _one_code(given["value"], field, "value")


def _days(given: Mapping[str, object], entry: str) -> float:
    value = given[entry]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong(entry, "must be a number of days")
    if not 0 <= value <= MOST_DAYS:  # NaN is within nothing
        raise _Wrong(entry, f"must be 0 to {MOST_DAYS}")
    return value


def _moment(given: Mapping[str, object], fields: Mapping[str, Field]) -> Value:
    said = [word for word in MOMENT_WORDS if word in given]
    if len(said) != 1:
        raise _Wrong("op", f"needs exactly one of {', '.join(MOMENT_WORDS)}")
    word = said[0]
    _only(given, (word,))
    if word == "days_ago":
        return Ago(days=_days(given, word))
    if word == "months_ago":
        return Ago(months=_whole(given, word, MOST_MONTHS))
    return _instant(given[word]) if word == "at" else _other(given[word], fields)


def _instant(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 2000 <= at.year < 2100:
        raise _Wrong("at", "must be a time in ISO 8601 with an offset, from 2000 to 2099")
    return at.astimezone(UTC)


def _other(value: object, fields: Mapping[str, Field]) -> Field:
    other = fields.get(value) if isinstance(value, str) else None
    if other is None or other.kind is not Kind.MOMENT:
        raise _Wrong("than", "must be a field that is a moment")
    return other


_READERS: Mapping[Kind, Callable[[Mapping[str, object], Field, str], Value]] = {
    Kind.CODE: _code,
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.COUNT: _count,
    Kind.PURPOSE: _purpose,
}
