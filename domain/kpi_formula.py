"""What figures count, written as data: read here over one row of facts, by the database over many.

Every test is true or false of any row, also of one in which nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

Facts = Mapping[str, object]
"""One row: column → text, number, moment or None."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a row is held against. `windows`: level → days in which it promises to buy."""

    present: datetime
    windows: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Known:
    """The column has a value."""

    column: str


@dataclass(frozen=True, slots=True)
class Is:
    """The column has one of these values."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """Both are known, and the one came before the other; at the same moment is not before."""

    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class Passed:
    """The moment is known, and now or gone by."""

    column: str


@dataclass(frozen=True, slots=True)
class PromiseKept:
    """So many days passed as the level's window holds, or fewer."""

    level: str
    days: str


@dataclass(frozen=True, slots=True)
class PromiseOver:
    """The level's window, counted from a moment, is over."""

    level: str
    since: str


@dataclass(frozen=True, slots=True)
class Not:
    """The test is false."""

    test: Test


@dataclass(frozen=True, slots=True)
class Every:
    """All of them are true."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them is true."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """Not one or none a row, but what these columns hold together."""

    columns: tuple[str, ...]


Test: TypeAlias = Known | Is | Before | Passed | PromiseKept | PromiseOver | Not | Every | Some
Amount: TypeAlias = Test | Sum


def every(*tests: Test) -> Every:
    return Every(tests)


def some(*tests: Test) -> Some:
    return Some(tests)


def holds(test: Test, facts: Facts, frame: Frame) -> bool:
    """Whether the test is true of a row."""
    match test:
        case Every(tests):
            return all(holds(one, facts, frame) for one in tests)
        case Some(tests):
            return any(holds(one, facts, frame) for one in tests)
        case Not(inner):
            return not holds(inner, facts, frame)
        case Known(column):
            return facts.get(column) is not None
        case Is(column, values):
            return facts.get(column) in values
        case Passed(column):
            at = facts.get(column)
            return isinstance(at, datetime) and at <= frame.present
        case Before(earlier, later):
            one, other = facts.get(earlier), facts.get(later)
            return isinstance(one, datetime) and isinstance(other, datetime) and one < other
        case PromiseKept(level, days):
            window, took = _window(facts.get(level), frame), facts.get(days)
            return window is not None and isinstance(took, float | int) and took <= window
        case PromiseOver(level, since):
            window, at = _window(facts.get(level), frame), facts.get(since)
            if window is None or not isinstance(at, datetime):
                return False
            return at <= frame.present - timedelta(days=window)


def amount(what: Amount, facts: Facts, frame: Frame) -> int:
    """How much a row counts: one or none, or what its columns hold."""
    if isinstance(what, Sum):
        held = (facts.get(column) for column in what.columns)
        return sum(value for value in held if isinstance(value, int))
    return int(holds(what, facts, frame))


def _window(level: object, frame: Frame) -> float | None:
    return frame.windows.get(level) if isinstance(level, str) else None
