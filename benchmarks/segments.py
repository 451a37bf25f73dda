"""(f) Previews of segments among a million customers: the ready-made ones and some harder ones.

Every preview is one request to a server that does nothing else: it counts and shows twenty.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from typing import Any

import aiohttp
import asyncpg

from benchmarks.crowd import Crowd
from benchmarks.intake import BEARER
from benchmarks.machine import Machine, free_port
from benchmarks.report import Figure

CUSTOMERS = int(os.environ.get("SEGMENT_CUSTOMERS", "1000000"))
ROUNDS = 7
AIM_MS = 1000.0
DRAWN_WITHIN_S = 900.0

HARDER: dict[str, Any] = {
    "touched lately": {
        "and": [
            {"field": "pool", "op": "eq", "value": "nurture"},
            {"field": "consented", "op": "has", "value": "marketing"},
            {"field": "touches", "op": "lt", "value": 1, "days": 7},
        ]
    },
    "one region, one source": {
        "and": [
            {"field": "region", "op": "eq", "value": "NE"},
            {"field": "source", "op": "in", "value": ["dongchedi", "autohome"]},
            {"field": "score", "op": "ge", "value": 60},
            {"field": "last_message_at", "op": "after", "days_ago": 30},
        ]
    },
    "either of two, not a third": {
        "and": [
            {
                "or": [
                    {"field": "quoted_at", "op": "after", "days_ago": 60},
                    {"field": "test_drove_at", "op": "after", "days_ago": 60},
                ]
            },
            {"not": {"field": "state", "op": "in", "value": ["delivered", "invalid"]}},
        ]
    },
    "nearly everybody": {"not": {"field": "city", "op": "eq", "value": "成都"}},
    "nobody": {"field": "city", "op": "eq", "value": "三亚"},
}


async def measure(machine: Machine) -> list[Figure]:
    """The same crowd on each kind of database."""
    figures = []
    for name, url in (
        ("PostgreSQL", await machine.postgres_url()),
        ("SQLite", machine.sqlite_url()),
    ):
        port = free_port()
        process = machine.serve(url, port)
        await machine.organisation.load(port)
        process.terminate()
        dealers = machine.organisation.dealer_codes
        took = await _fill(url, dealers)
        drawn = await _draw(machine, url)
        process = machine.serve(url, port)
        figures += [
            Figure("segments", f"{name}: a crowd of {CUSTOMERS:,} written", took, "s"),
            Figure("segments", f"{name}: all profiles drawn", CUSTOMERS / drawn, "/s"),
            *await _preview_all(port, name),
        ]
        process.terminate()
    return figures


async def _fill(url: str, dealers: list[str]) -> float:
    started = time.monotonic()
    if url.startswith("sqlite"):
        await asyncio.to_thread(_fill_sqlite, url.removeprefix("sqlite://"), dealers)
    else:
        database = await asyncpg.connect(url)
        for statement in Crowd("postgres", CUSTOMERS, dealers).statements():
            await database.execute(statement)
        await database.execute("VACUUM ANALYZE")
        await database.close()
    return time.monotonic() - started


def _fill_sqlite(path: str, dealers: list[str]) -> None:
    database = sqlite3.connect(path)
    for statement in Crowd("sqlite", CUSTOMERS, dealers).statements():
        with database:
            database.execute(statement)
    database.close()


async def _draw(machine: Machine, url: str) -> float:
    """Draw every profile: how long it takes, before the planner has looked at them."""
    took = await machine.draw_profiles(url, DRAWN_WITHIN_S)
    if not url.startswith("sqlite"):
        database = await asyncpg.connect(url)
        await database.execute("VACUUM ANALYZE customer_profile")
        await database.close()
    return took


async def _preview_all(port: int, name: str) -> list[Figure]:
    address = f"http://127.0.0.1:{port}/api/v1/segments"
    seconds: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    async with aiohttp.ClientSession(headers=BEARER) as http:
        async with http.get(address) as answer:
            ready = {item["code"]: item["document"] for item in (await answer.json())["items"]}
        for _ in range(ROUNDS):
            for what, document in {**ready, **HARDER}.items():
                started = time.perf_counter()
                body = json.dumps({"document": document}).encode()
                async with http.post(f"{address}/preview", data=body) as answer:
                    seen = await answer.json()
                seconds.setdefault(what, []).append(time.perf_counter() - started)
                counts[what] = seen["count"]
    each = sorted(one for some in seconds.values() for one in some)
    slowest = max(seconds, key=lambda what: sorted(seconds[what])[ROUNDS // 2])
    return [
        *(
            Figure(
                "segments",
                f"{name}: {what} ({counts[what]:,})",
                1000 * sorted(some)[ROUNDS // 2],
                "ms",
            )
            for what, some in seconds.items()
        ),
        Figure("segments", f"{name}: preview, p50", 1000 * each[len(each) // 2], "ms"),
        Figure(
            "segments",
            f"{name}: preview, p95 (slowest: {slowest})",
            1000 * each[int(len(each) * 0.95)],
            "ms",
            at_most=AIM_MS,
        ),
    ]
