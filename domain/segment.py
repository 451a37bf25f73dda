"""Segments: which customers are meant, said in data; read here, asked of the database elsewhere.

A condition is `{"and": […]}`, `{"or": […]}`, `{"not": …}` or one test of one field, such as
`{"field": "defeated_at", "op": "before", "days_ago": 30}`. Every test is true or false: what is
not known is neither equal to, before nor above anything. docs/segments.md lists all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from domain.errors import InvalidInput
from domain.segment_fields import FIELDS
from domain.segment_tests import Faults, Test, read_test

DEEPEST = 10
MOST_TESTS = 100
_JOINS = ("and", "or")


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition: TypeAlias = Every | Some | Not | Test


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom a document means."""

    condition: Condition


def parse(document: object) -> Segment:
    """Read a segment's document. Raises `InvalidInput` naming the path of every fault."""
    reading = _Reading()
    condition = reading.condition(document, "document", 1)
    if reading.tests > MOST_TESTS:
        reading.faults.append(("document", f"must have at most {MOST_TESTS} tests"))
    if reading.faults or condition is None:
        raise InvalidInput(reading.faults)
    return Segment(condition)


class _Reading:
    """One document being read: the faults found and the tests counted so far."""

    def __init__(self) -> None:
        self.faults: Faults = []
        self.tests = 0

    def condition(self, given: object, path: str, depth: int) -> Condition | None:
        """The condition at `path`; None with a fault noted when it cannot be read."""
        if not isinstance(given, Mapping):
            return self._fault(path, "must be an object")
        if depth > DEEPEST:
            return self._fault(path, f"must not be nested deeper than {DEEPEST}")
        if "field" in given:
            self.tests += 1
            return read_test(given, path, FIELDS, self.faults)
        if len(given) != 1 or next(iter(given)) not in (*_JOINS, "not"):
            return self._fault(path, "must have either field and op, or one of: and, or, not")
        word, inner = next(iter(given.items()))
        if word == "not":
            part = self.condition(inner, f"{path}.not", depth + 1)
            return None if part is None else Not(part)
        return self._join(word, inner, f"{path}.{word}", depth)

    def _join(self, word: str, given: object, path: str, depth: int) -> Condition | None:
        if not isinstance(given, list | tuple) or not given:
            return self._fault(path, "must be a list of conditions, not an empty one")
        if len(given) > MOST_TESTS:
            return self._fault(path, f"must have at most {MOST_TESTS} conditions")
        read = [
            self.condition(part, f"{path}.{number}", depth + 1)
            for number, part in enumerate(given)
        ]
        parts = tuple(part for part in read if part is not None)
        return Every(parts) if word == "and" else Some(parts)

    def _fault(self, path: str, message: str) -> Condition | None:
        self.faults.append((path, message))
        return None
