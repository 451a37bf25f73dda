"""Reads a campaign's document. Every fault is named by its path, all of them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from domain.campaign import (
    CHANNELS,
    FORMS,
    OCCASIONS,
    SEGMENT,
    VARIABLES,
    Audience,
    Flow,
    Form,
    Step,
)
from domain.errors import InvalidInput
from domain.policy_check import clock_time, flag, is_day, number, one_of
from domain.segment import Segment
from domain.segment import parse as parse_segment
from domain.send_times import EVERY_DAY, SendTimes
from domain.wording import faults_of

MOST_STEPS = 20
MOST_DAYS = 3660.0
MOST_FIELDS = 10
MOST_ENTRIES = 366
LONGEST_NAME = 64
LONGEST_TEXT = 600
"""So that a customer-service message stays below WeChat's 2048 bytes with its blanks filled."""
_KEYS = ("name", "audience", "steps", "holdout", "watch_days", "again_after_days", "send")
_STEP_KEYS = ("wait_days", "only_if", "by", "text", *FORMS, "task")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,31}")
_NEEDED = object()
_SAID_BY = {"message": "text", "task": "task", **{form: form for form in FORMS}}


class InvalidCampaign(InvalidInput):
    """A document that is not a campaign; `errors` holds (path, message) of each fault."""

    code = "invalid_campaign"


def parse(document: object) -> Flow:
    """Read a campaign's document. Raises `InvalidCampaign` naming the path of every fault."""
    reading = _Reading()
    flow = reading.flow(document)
    if reading.faults:
        raise InvalidCampaign(reading.faults)
    return flow


class _Reading:
    """One document being read, and the faults found so far."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []

    def flow(self, document: object) -> Flow:
        given = self._object(document, "", _KEYS)
        days = number(0, MOST_DAYS)
        again = self._value(given, "", "again_after_days", _or_null(days), None)
        return Flow(
            name=self._text(given, "", "name", LONGEST_NAME, needed=True),
            audience=self._audience(given.get("audience")),
            steps=self._steps(given.get("steps")),
            holdout=self._value(given, "", "holdout", number(0, 0.5, or_equal=True), 0.1),
            watch=timedelta(days=self._value(given, "", "watch_days", days, 30)),
            again_after=None if again is None else timedelta(days=again),
            times=self._times(given.get("send", {})),
        )

    def _audience(self, document: object) -> Audience:
        given = self._object(document, "audience", ("on", "reasons", "segment", "refill"))
        on = self._value(given, "audience", "on", one_of(*OCCASIONS, SEGMENT), _NEEDED)
        is_segment = on == SEGMENT
        reasons = self._list(given, "audience", "reasons", _word) or ()
        for key, belongs in (
            ("reasons", on == "defeated"),
            ("segment", is_segment),
            ("refill", is_segment),
        ):
            if key in given and not belongs and on:
                self._fault(f"audience.{key}", f"does not go with {on}")
        refill = self._value(given, "audience", "refill", flag, False) if is_segment else False
        said = given.get("segment")
        code = said if is_segment and isinstance(said, str) and _CODE.fullmatch(said) else ""
        segment = self._segment(said, "audience.segment") if is_segment and not code else None
        return Audience(on, frozenset(reasons), segment, code, refill)

    def _steps(self, document: object) -> tuple[Step, ...]:
        if not isinstance(document, list) or not 1 <= len(document) <= MOST_STEPS:
            self._fault("steps", f"must be a list of 1 to {MOST_STEPS} steps")
            return ()
        return tuple(self._step(step, f"steps.{n}") for n, step in enumerate(document))

    def _step(self, document: object, path: str) -> Step:
        given = self._object(document, path, _STEP_KEYS)
        by = self._list(given, path, "by", one_of(*CHANNELS), needed=True) or ()
        for channel in by:
            if channel in _SAID_BY and not given.get(_SAID_BY[channel]):
                self._fault(f"{path}.{_SAID_BY[channel]}", f"is needed by {channel}")
        forms = {n: self._form(given[n], f"{path}.{n}") for n in FORMS if given.get(n) is not None}
        only_if = given.get("only_if")
        wait = self._value(given, path, "wait_days", number(0, MOST_DAYS, or_equal=True), 0)
        return Step(
            wait=timedelta(days=wait),
            by=by,
            text=self._words(given, path, "text"),
            forms=forms,
            task=self._words(given, path, "task"),
            only_if=None if only_if is None else self._segment(only_if, f"{path}.only_if"),
        )

    def _form(self, document: object, path: str) -> Form:
        given = self._object(document, path, ("id", "fields"))
        fields = given.get("fields")
        if not isinstance(fields, Mapping) or not 1 <= len(fields) <= MOST_FIELDS:
            self._fault(f"{path}.fields", f"must name 1 to {MOST_FIELDS} fields of the template")
            fields = {}
        words = {str(key): self._words(fields, f"{path}.fields", key) for key in fields}
        return Form(self._text(given, path, "id", LONGEST_NAME, needed=True), words)

    def _times(self, document: object) -> SendTimes:
        given = self._object(document, "send", ("from", "until", "weekdays", "not_on"))
        starts = time.fromisoformat(self._value(given, "send", "from", clock_time, "00:00"))
        ends = self._value(given, "send", "until", clock_time, None)
        until = time.fromisoformat(ends) if ends else None
        if until is not None and until <= starts:
            self._fault("send.until", "must be after from")
        weekdays = self._list(given, "send", "weekdays", _weekday)
        days = self._list(given, "send", "not_on", _day) or ()
        closed = frozenset(map(date.fromisoformat, days))
        return SendTimes(starts, until, frozenset(weekdays or EVERY_DAY), closed)

    # parts ──────────────────────────────────────────────────────────────────────────────────

    def _object(self, given: object, path: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
        if not isinstance(given, Mapping):
            self._fault(path or "document", "must be an object")
            return {}
        for key in given:
            if key not in keys:
                self._fault(_at(path, str(key)), "is not a known key")
        return given

    def _value(
        self,
        given: Mapping[str, Any],
        path: str,
        key: str,
        check: Callable[[object], str | None],
        default: Any,
    ) -> Any:
        if key not in given and default is not _NEEDED:
            return default
        message = check(given.get(key))
        if message is None:
            return given[key]
        self._fault(_at(path, key), message)
        return "" if default is _NEEDED else default

    def _list(
        self,
        given: Mapping[str, Any],
        path: str,
        key: str,
        check: Callable[[object], str | None],
        *,
        needed: bool = False,
    ) -> tuple[Any, ...] | None:
        """The entries that are in order; None where the key is not given."""
        if key not in given and not needed:
            return None
        entries = given.get(key)
        if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_ENTRIES:
            self._fault(_at(path, key), f"must be a list of 1 to {MOST_ENTRIES}")
            return None
        messages = [check(entry) for entry in entries]
        for place, message in enumerate(messages):
            if message:
                self._fault(f"{_at(path, key)}.{place}", message)
        fine = [e for e, m in zip(entries, messages, strict=True) if m is None]
        return tuple(dict.fromkeys(fine))

    def _text(
        self, given: Mapping[str, Any], path: str, key: str, most: int, *, needed: bool = False
    ) -> str:
        text = given.get(key, "")
        if not isinstance(text, str) or len(text) > most or (needed and not text.strip()):
            self._fault(_at(path, key), f"must be 1 to {most} characters")
            return ""
        return text

    def _words(self, given: Mapping[str, Any], path: str, key: str) -> str:
        text = self._text(given, path, key, LONGEST_TEXT)
        for fault in faults_of(text, VARIABLES):
            self._fault(_at(path, key), fault)
        return text

    def _segment(self, given: object, path: str) -> Segment | None:
        try:
            return parse_segment(given)
        except InvalidInput as wrong:
            self.faults += [(loc.replace("document", path, 1), msg) for loc, msg in wrong.errors]
            return None

    def _fault(self, path: str, message: str) -> None:
        self.faults.append((path, message))


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _or_null(check: Callable[[object], str | None]) -> Callable[[object], str | None]:
    return lambda value: None if value is None else check(value)


def _word(value: object) -> str | None:
    return None if isinstance(value, str) and 0 < len(value) <= 40 else "must be a code"


def _weekday(value: object) -> str | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value in EVERY_DAY
    return None if fits else "must be 1 (Monday) to 7 (Sunday)"


def _day(value: object) -> str | None:
    return None if is_day(value) else "must be a day like 2027-02-17"
