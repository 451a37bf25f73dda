"""What stands in the queues; stop them, let them go on, tidy up after them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import sql
from db.models import QueuePause
from db.models.queues import RowState
from db.queue_rows import TABLE_OF


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue in numbers. `done` and `retried` count the rows still kept."""

    name: str
    ready: int
    scheduled: int
    active: int
    failed: int
    oldest_ready_seconds: float
    done: int
    retried: int
    paused: bool


async def overview(now_ms: int) -> list[QueueView]:
    """Every queue, in the order in which its work matters."""
    paused = {row.queue for row in await QueuePause.all()}
    counts: dict[str, dict[str, Any]] = {}
    for table in dict.fromkeys(TABLE_OF.values()):
        for row in await _counts(table, now_ms):
            counts[row["queue"]] = row
    return [_view(name, counts.get(name, {}), name in paused, now_ms) for name in TABLE_OF]


async def _counts(table: str, now_ms: int) -> list[dict[str, Any]]:
    """A lease that ran out is work to be done again, so it counts as ready."""
    waiting = "((state = 0 AND due_at_ms <= $1) OR (state = 1 AND lease_until_ms <= $1))"
    return await sql.rows(
        f"""SELECT closed.queue AS queue, done, failed, retried,
                   ready, scheduled, active, oldest_ms FROM
            (SELECT queue,
               SUM(CASE WHEN state = {RowState.DONE} THEN 1 ELSE 0 END) AS done,
               SUM(CASE WHEN state = {RowState.DEAD} THEN 1 ELSE 0 END) AS failed,
               SUM(CASE WHEN attempts > 1 THEN 1 ELSE 0 END) AS retried
             FROM {table} GROUP BY queue) closed
            LEFT JOIN
            (SELECT queue,
               SUM(CASE WHEN {waiting} THEN 1 ELSE 0 END) AS ready,
               SUM(CASE WHEN state = 0 AND due_at_ms > $1 THEN 1 ELSE 0 END) AS scheduled,
               SUM(CASE WHEN state = 1 AND lease_until_ms > $1 THEN 1 ELSE 0 END) AS active,
               MIN(CASE WHEN {waiting} THEN due_at_ms END) AS oldest_ms
             FROM {table} WHERE state = 0 OR state = 1 GROUP BY queue) waiting
            ON waiting.queue = closed.queue""",  # noqa: S608  # fixed words only
        now_ms,
    )


def _view(name: str, row: dict[str, Any], paused: bool, now_ms: int) -> QueueView:
    oldest = row.get("oldest_ms")
    return QueueView(
        name=name,
        ready=int(row.get("ready") or 0),
        scheduled=int(row.get("scheduled") or 0),
        active=int(row.get("active") or 0),
        failed=int(row.get("failed") or 0),
        oldest_ready_seconds=0.0 if oldest is None else max(0, now_ms - int(oldest)) / 1000,
        done=int(row.get("done") or 0),
        retried=int(row.get("retried") or 0),
        paused=paused,
    )


async def pause(queue: str, by: str, at: datetime) -> None:
    """Stop a queue: its rows wait, nothing is refused. Pausing twice keeps the first."""
    await sql.rows(
        "INSERT INTO queue_pause (queue, paused_at, paused_by) VALUES ($1, $2, $3)"
        " ON CONFLICT (queue) DO NOTHING RETURNING queue",
        queue,
        sql.moment(at),
        by,
    )


async def resume(queue: str) -> None:
    """Let a paused queue run again."""
    await QueuePause.filter(queue=queue).delete()


async def purge_done(before_ms: int, limit: int = 1000) -> int:
    """Delete up to `limit` finished rows a table, done before `before_ms`; how many went."""
    gone = 0
    for table in dict.fromkeys(TABLE_OF.values()):
        for state in (RowState.DONE, RowState.DISCARDED):
            deleted = await sql.rows(
                f"""DELETE FROM {table} WHERE id IN (
                      SELECT id FROM {table} WHERE state = {state} AND done_at_ms < $1
                      ORDER BY done_at_ms LIMIT $2) RETURNING id""",  # noqa: S608
                before_ms,
                limit,
            )
            gone += len(deleted)
    return gone
