"""The story of a row's runs, kept in the row itself: an entry for each that failed, and for the
one that ended well after failures.

Each is written by the statement that ends the run. A row that succeeds at once has none, and what
tidies rows away takes their stories along.
"""

import json
import os
import socket
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from db import sql

Then = Literal["later", "dead", "lost", "done", "retried", "discarded"]
"""What followed: put off, buried, its process died, it succeeded; a person had it run anew, or
gave it up."""
PROCESS_DIED = "ProcessDied"
STOPPED = "Stopped"
"""Its process ended in order, but before it did."""
UNANSWERED = frozenset({PROCESS_DIED, STOPPED, "UnknownOutcome", "StorageDown", "TimeoutError"})
"""Errors of runs that may have had their effect on WeChat, and nobody could write down that."""
MOST = 30
"""Entries that are kept of a row; the oldest go first."""

_KEPT = {
    "postgres": "CASE WHEN jsonb_array_length({t}) >= {most} THEN {t} - 0 ELSE {t} END",
    "sqlite": "CASE WHEN json_array_length({t}) >= {most} THEN json_remove({t}, '$[0]')"
    " ELSE {t} END",
}
_APPENDED = {
    "postgres": "tries = {kept} || jsonb_build_array(CAST({entry} AS jsonb)"
    " || jsonb_build_object('number', attempts))",
    "sqlite": "tries = json_insert({kept}, '$[#]', json_set({entry}, '$.number', attempts))",
}
_NONE_YET = {"postgres": "coalesce(tries, '[]'::jsonb)", "sqlite": "coalesce(tries, '[]')"}


def appended(entry: str, unless: str = "") -> str:
    """SQL that sets the story to one with this entry more, except for rows that are so."""
    spoken = sql.dialect()
    kept = _KEPT[spoken].format(t=_NONE_YET[spoken], most=MOST)
    setting = _APPENDED[spoken].format(kept=kept, entry=entry)
    if not unless:
        return setting
    column, _, value = setting.partition(" = ")
    return f"{column} = CASE WHEN {unless} THEN tries ELSE {value} END"


def entry(
    then: Then,
    at_ms: int,
    error: str = "",
    *,
    begun_ms: int | None = None,
    next_ms: int | None = None,
) -> str:
    """What one run came to, in this process; or what was done about a row that does not run."""
    told: dict[str, Any] = {"then": then, "at_ms": at_ms, "error": error}
    if begun_ms is not None:
        told["process"] = f"{socket.gethostname()}:{os.getpid()}"
        told["took_ms"] = at_ms - begun_ms
    if next_ms is not None:
        told["next_ms"] = next_ms
    return json.dumps(told)


def with_retry(
    story: Iterable[dict[str, Any]] | None, attempts: int, at_ms: int
) -> list[dict[str, Any]]:
    """The story of a row that a person has run anew, for whoever holds the row itself."""
    again = {"then": "retried", "at_ms": at_ms, "error": "", "number": attempts}
    return [*(story or ()), again][-MOST:]


def unanswered(story: Iterable[Mapping[str, Any]] | None) -> list[int]:
    """When runs failed (epoch ms, oldest first) that may all the same have sent their message."""
    return [run["at_ms"] for run in story or () if run["error"] in UNANSWERED]


def unanswered_since_retry(story: Iterable[Mapping[str, Any]] | None) -> dict[int, int]:
    """The same by the runs' numbers, since a person last had the row run anew."""
    runs: dict[int, int] = {}
    for run in story or ():
        if run["then"] == "retried":
            runs.clear()
        elif run["error"] in UNANSWERED:
            runs[run["number"]] = run["at_ms"]
    return runs


def failures(story: Iterable[Mapping[str, Any]] | None, waits: Collection[str]) -> int:
    """How many runs failed since a person last had the row run anew; `waits` are the errors that
    say nothing about the row itself."""
    count = 0
    for run in story or ():
        if run["then"] == "retried":
            count = 0
        elif run["then"] in {"later", "lost"}:
            count += run["error"].partition(":")[0] not in waits
    return count
