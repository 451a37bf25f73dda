"""Jobs of the queues: found by state, kind, error, customer; what failed grouped and put right."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from db import sql, tries
from db.models.queues import RowState
from db.queue_rows import TABLE_OF

Which = Literal["failed", "waiting"]
State = Literal["ready", "scheduled", "waiting", "active", "failed", "done", "discarded"]
_STATES: dict[State, str] = {
    "ready": f"((state = {RowState.READY} AND due_at_ms <= {{now}})"
    f" OR (state = {RowState.LEASED} AND lease_until_ms <= {{now}}))",
    "scheduled": f"state = {RowState.READY} AND due_at_ms > {{now}}",
    "waiting": f"state = {RowState.READY} AND attempts > 0",
    "active": f"state = {RowState.LEASED} AND lease_until_ms > {{now}}",
    "failed": f"state = {RowState.DEAD}",
    "done": f"state = {RowState.DONE}",
    "discarded": f"state = {RowState.DISCARDED}",
}
_OF_CUSTOMER = "lead_id IN (SELECT id FROM lead WHERE customer_id = {who})"
_CUSTOMER = {
    "inbox": "app = 'oa' AND sender IN (SELECT value FROM identity WHERE customer_id = {who})",
    "outbox": f"(customer_id = {{who}} OR {_OF_CUSTOMER})",
    "timer": _OF_CUSTOMER,
    "webhook_delivery": "customer_id = {who}",
}
_KIND = {"inbox": "app", "outbox": "name", "timer": "kind", "webhook_delivery": "kind"}
_LEAD = {
    "inbox": "NULL",
    "outbox": "lead_id",
    "timer": "lead_id",
    "webhook_delivery": "lead_id",
}
_CHANNEL = {
    "inbox": "app",
    "outbox": "CASE WHEN kind <> 'notice' THEN '' WHEN staff_id IS NULL THEN 'oa'"
    " ELSE 'wecom' END",
    "timer": "''",
    "webhook_delivery": "'webhook'",
}


@dataclass(frozen=True, slots=True)
class Letters:
    """Which rows of a queue; None: does not matter. Without a lead a row belongs to no dealer."""

    queue: str
    error: str | None = None
    kind: str | None = None
    dealer_codes: Collection[str] | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. `payload` (inbox only) is still encrypted; `data` is the outbox row's own."""

    id: str
    queue: str
    kind: str
    attempts: int
    error: str
    created_at_ms: int
    due_at_ms: int
    done_at_ms: int | None
    lead_id: int | None
    data: dict[str, Any]
    payload: bytes | None
    channel: str
    tries: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Rows of a queue that met the same error: `failed` for good, or `waiting` to try again."""

    queue: str
    channel: str
    kind: str
    error: str
    failed: int
    waiting: int
    since_ms: int


def row_id(table: str, number: int) -> str:
    """A row's public id."""
    return f"{table}-{number}"


def find_number(queue: str, public_id: str) -> int | None:
    """The row number in the queue's table, or None if the id is not one of that queue."""
    table, _, number = public_id.partition("-")
    valid = TABLE_OF.get(queue) == table and number.isascii() and number.isdigit()
    return int(number) if valid and len(number) <= 18 else None


_SHOWN = {
    "inbox": "NULL AS data, payload",
    "outbox": "data, NULL AS payload",
    "timer": "NULL AS data, NULL AS payload",
    "webhook_delivery": "(SELECT e.data FROM webhook_event e"
    " WHERE e.uid = webhook_delivery.event_uid) AS data, NULL AS payload",
}


async def jobs(
    letters: Letters, state: State, now_ms: int, cursor: str | None = None, limit: int = 50
) -> tuple[list[JobRow], str | None]:
    """Jobs in this state, newest first, and the cursor of the next page (None: no more)."""
    table = TABLE_OF[letters.queue]
    before = find_number(letters.queue, cursor) if cursor else None
    where, values = _where(letters, state, now_ms)
    found = await sql.rows(
        f"""SELECT id, attempts, error, created_at_ms, due_at_ms, done_at_ms, tries,
              {_KIND[table]} AS kind, {_LEAD[table]} AS lead_id, {_CHANNEL[table]} AS channel,
              {_SHOWN[table]}
            FROM {table} WHERE {where} AND id < ${len(values) + 1}
            ORDER BY id DESC LIMIT ${len(values) + 2}""",  # noqa: S608  # fixed words only
        *values,
        before if before is not None else 2**62,
        limit + 1,
    )
    page = [_job_row(letters.queue, table, row) for row in found[:limit]]
    return page, page[-1].id if len(found) > limit else None


async def troubles() -> list[Trouble]:
    """What went wrong in all queues, by error; what concerns most rows first."""
    found = []
    for queue, table in TABLE_OF.items():
        rows = await sql.rows(
            f"""SELECT {_CHANNEL[table]} AS channel, {_KIND[table]} AS kind, error,
                  SUM(CASE WHEN state = {RowState.DEAD} THEN 1 ELSE 0 END) AS failed,
                  SUM(CASE WHEN state = {RowState.DEAD} THEN 0 ELSE 1 END) AS waiting,
                  MIN(created_at_ms) AS since_ms
                FROM {table} WHERE queue = $1 AND error <> ''
                  AND (({_STATES["failed"]}) OR ({_STATES["waiting"]})) GROUP BY 1, 2, 3""",  # noqa: S608
            queue,
        )
        found += [
            Trouble(
                queue=queue,
                channel=row["channel"],
                kind=row["kind"],
                error=row["error"],
                failed=int(row["failed"]),
                waiting=int(row["waiting"]),
                since_ms=int(row["since_ms"]),
            )
            for row in rows
        ]
    return sorted(found, key=lambda t: (-t.failed - t.waiting, t.queue, t.kind, t.error))


async def count(letters: Letters, which: Which = "failed") -> int:
    """How many rows these are."""
    where, values = _where(letters, which)
    table = TABLE_OF[letters.queue]
    rows = await sql.rows(f"SELECT COUNT(*) AS n FROM {table} WHERE {where}", *values)  # noqa: S608
    return int(rows[0]["n"])


async def retry_all(letters: Letters, now_ms: int) -> int:
    """Run dead letters again, with all their attempts; how many."""
    return await _change(letters, "failed", _RETRIED, "retried", now_ms)


async def discard_all(letters: Letters, now_ms: int) -> int:
    """Give dead letters up for good; how many."""
    return await _change(letters, "failed", _DISCARDED, "discarded", now_ms)


async def run_waiting(letters: Letters, now_ms: int) -> int:
    """Try rows again at once that failed and wait for their next attempt; how many."""
    return await _change(letters, "waiting", "due_at_ms = {at}", "retried", now_ms)


async def retry(queue: str, public_id: str, now_ms: int) -> bool:
    """Run one dead letter again. False: there is no such dead letter."""
    return await _change_one(queue, public_id, _RETRIED, "retried", now_ms)


async def discard(queue: str, public_id: str, now_ms: int) -> bool:
    """Give one dead letter up for good. False: there is no such dead letter."""
    return await _change_one(queue, public_id, _DISCARDED, "discarded", now_ms)


_RETRIED = f"state = {RowState.READY}, due_at_ms = {{at}}, attempts = 0, unfinished = 0"
_DISCARDED = f"state = {RowState.DISCARDED}, done_at_ms = {{at}}"


async def _change(
    letters: Letters, which: Which, changes: str, then: tries.Then, now_ms: int
) -> int:
    where, values = _where(letters, which)
    at, told = f"${len(values) + 1}", f"${len(values) + 2}"
    setting = f"{changes.format(at=at)}, {tries.appended(told)}"
    changed = await sql.rows(
        f"UPDATE {TABLE_OF[letters.queue]} SET {setting} WHERE {where} RETURNING id",  # noqa: S608
        *values,
        now_ms,
        tries.entry(then, now_ms),
    )
    return len(changed)


async def _change_one(
    queue: str, public_id: str, changes: str, then: tries.Then, now_ms: int
) -> bool:
    number = find_number(queue, public_id)
    if number is None:
        return False
    changed = await sql.rows(
        f"""UPDATE {TABLE_OF[queue]} SET {changes.format(at="$3")}, {tries.appended("$4")}
            WHERE id = $1 AND queue = $2 AND state = {RowState.DEAD} RETURNING id""",  # noqa: S608
        number,
        queue,
        now_ms,
        tries.entry(then, now_ms),
    )
    return bool(changed)


def _where(letters: Letters, state: State, now_ms: int = 0) -> tuple[str, list[Any]]:
    """SQL conditions with the values of `$1`, `$2`… (the clock is a whole number of our own)."""
    table = TABLE_OF[letters.queue]
    values: list[Any] = [letters.queue]
    parts = ["queue = $1", _STATES[state].format(now=int(now_ms))]
    if letters.customer_id is not None:
        values.append(letters.customer_id)
        parts.append(_CUSTOMER[table].format(who=f"${len(values)}"))
    for column, wanted in (("error", letters.error), (_KIND[table], letters.kind)):
        if wanted is not None:
            values.append(wanted)
            parts.append(f"{column} = ${len(values)}")
    if letters.dealer_codes is not None:
        codes = sorted(letters.dealer_codes)
        places = ", ".join(f"${len(values) + i}" for i in range(1, len(codes) + 1)) or "NULL"
        values += codes
        leads = f"SELECT id FROM lead WHERE dealer_id IN ({places})"  # noqa: S608
        parts.append(f"{_LEAD[table]} IN ({leads})")
    return " AND ".join(parts), values


def _job_row(queue: str, table: str, row: dict[str, Any]) -> JobRow:
    return JobRow(
        id=row_id(table, row["id"]),
        queue=queue,
        kind=row["kind"],
        attempts=row["attempts"],
        error=row["error"],
        created_at_ms=row["created_at_ms"],
        due_at_ms=row["due_at_ms"],
        done_at_ms=row["done_at_ms"],
        lead_id=row["lead_id"],
        data=_json(row["data"]) or {},
        payload=row["payload"],
        channel=row["channel"],
        tries=_json(row["tries"]) or [],
    )


def _json(value: Any) -> Any:
    """SQLite and asyncpg hand JSON over as text."""
    return json.loads(value) if isinstance(value, str) else value
