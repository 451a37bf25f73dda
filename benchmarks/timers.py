"""(d) A tick: the time until 1,000 due clocks have struck, among few and among many open leads.

The 1,000 leads come in by the API; the rest are copies of them, made inside PostgreSQL. Nothing
is sent meanwhile: the notices that the clocks write wait in a paused queue.
"""

from __future__ import annotations

import asyncio
import time

import aiohttp
import asyncpg

from benchmarks.intake import BEARER, take_batch
from benchmarks.machine import Machine, free_port
from benchmarks.report import Figure

DUE = 1000
MANY = 100_000
RATIO_AIM = 1.5
PATIENCE_S = 40.0
ROUNDS = 3
SETTLE_S = 2.0
DAY_MS = 86_400_000
APART = 1_000_000
"""Copies get ids this far from their originals."""

_COPIED = ("customer", "identity", "lead", "touchpoint", "assignment", "timer")
_MOVED = {
    **dict.fromkeys(("id", "customer_id", "lead_id", "assignment_id", "open_lead_id"), "{c} + n"),
    **dict.fromkeys(("open_key", "value", "external_id"), "{c} || ':' || n"),
}


async def measure(machine: Machine) -> list[Figure]:
    """The same 1,000 clocks, before and after 99,000 other leads were added."""
    url = await machine.postgres_url()
    await _take_leads(machine, url)
    database = await asyncpg.connect(url)
    clocks = await _quieten(database)
    machine.worker(url)
    few = [await _tick(database, clocks) for _ in range(ROUNDS)]
    await _multiply(database, MANY // DUE - 1)
    many = [await _tick(database, clocks) for _ in range(ROUNDS)]
    await database.close()
    return [
        Figure("timers", f"{DUE} due among {DUE} open leads", min(few) * 1000, "ms"),
        Figure("timers", f"{DUE} due among {MANY:,} open leads", min(many) * 1000, "ms"),
        Figure("timers", "ratio", min(many) / min(few), "x", at_most=RATIO_AIM),
    ]


async def _take_leads(machine: Machine, url: str) -> None:
    port = free_port()
    process = machine.serve(url, port)
    await machine.organisation.load(port)
    await take_batch(machine, port, DUE)
    async with aiohttp.ClientSession(headers=BEARER) as http:
        for queue in ("urgent", "normal", "reactions"):
            await http.post(f"http://127.0.0.1:{port}/api/v1/queues/{queue}/pause")
    process.terminate()


async def _quieten(database: asyncpg.Connection) -> list[int]:
    """Nothing is due for days. Returns the clocks that will be: one of each lead."""
    await database.execute(
        "UPDATE timer SET due_at_ms = $1 + id", int(time.time() * 1000) + 10 * DAY_MS
    )
    rows = await database.fetch("SELECT id FROM timer WHERE kind = 'remind' ORDER BY id")
    assert len(rows) == DUE
    return [row["id"] for row in rows]


async def _tick(database: asyncpg.Connection, clocks: list[int]) -> float:
    """Seconds from the moment the clocks fall due to the last of them being done."""
    await database.execute("DELETE FROM outbox")
    await asyncio.sleep(SETTLE_S)
    due = int(time.time() * 1000)
    await database.execute(
        """UPDATE timer SET state = 0, attempts = 0, due_at_ms = $2, done_at_ms = NULL,
             open_key = kind || ':' || assignment_id WHERE id = ANY($1)""",
        clocks,
        due,
    )
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        await asyncio.sleep(0.1)
        done = await database.fetchrow(
            "SELECT count(*) AS n, max(done_at_ms) AS at FROM timer"
            " WHERE id = ANY($1) AND state = 2",
            clocks,
        )
        if done["n"] == len(clocks):
            return (done["at"] - due) / 1000
    raise RuntimeError(f"{done['n']} of {len(clocks)} clocks struck")


async def _multiply(database: asyncpg.Connection, copies: int) -> None:
    """Copy every lead, with all that belongs to it, so many times."""
    async with database.transaction():
        await database.execute("SET LOCAL session_replication_role = replica")
        for table in _COPIED:
            columns = [
                row["column_name"]
                for row in await database.fetch(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = $1",
                    table,
                )
            ]
            values = [_MOVED.get(name, "{c}").format(c=f'"{name}"') for name in columns]
            names = ", ".join(f'"{name}"' for name in columns)
            await database.execute(
                f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table},"  # noqa: S608
                f" generate_series({APART}, {APART} * {copies}, {APART}) AS n"
            )
    await database.execute("VACUUM ANALYZE")
