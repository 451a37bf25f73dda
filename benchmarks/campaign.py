"""(g) A campaign over 100,000 customers, sent at the pace of the policy through two kill -9.

WeChat is the sandbox, with its windows. What must come out: everybody who is not held out was
touched at most once, and what a killed worker had in hand is known to be uncertain.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import asyncpg

from benchmarks.intake import BEARER
from benchmarks.machine import Machine, Process, free_port
from benchmarks.report import Figure

CUSTOMERS = int(os.environ.get("CAMPAIGN_CUSTOMERS", "100000"))
PER_MINUTE = int(os.environ.get("CAMPAIGN_PER_MINUTE", "5000"))
HOLDOUT = 0.1
KILLED_AT = (0.25, 0.6)
"""When which share of the messages has come, a worker is killed."""
PATIENCE_S = 120.0
CODE = "owners"
IN_HAND = 10
"""Touches one process sends at the same time."""

CROWD = (
    """INSERT INTO customer
         (id, name, city, pool, link, pool_reason, scene, created_at, updated_at)
       SELECT n, '李雷', '长春', 'owners', 'brand', '{}', '', now(), now()
       FROM generate_series(1, $1::int) AS n""",
    """INSERT INTO identity (customer_id, kind, value, subscribed, created_at)
       SELECT n, 'openid', 'o' || n, true, now() FROM generate_series(1, $1::int) AS n""",
    """INSERT INTO consent (customer_id, purpose, version, channel, obtained_at)
       SELECT n, p, 't', 't', now() FROM generate_series(1, $1::int) AS n,
              unnest(ARRAY['contact', 'marketing']) AS p""",
    """INSERT INTO customer_act (customer_id, kind, at)
       SELECT n, 'message', now() FROM generate_series(1, $1::int) AS n""",
)
FLOW: dict[str, Any] = {
    "name": "车主",
    "audience": {"on": "segment", "segment": {"field": "pool", "op": "eq", "value": "owners"}},
    "holdout": HOLDOUT,
    "steps": [{"by": ["message"], "text": "{name}您好，感谢一路相伴。"}],
}
RULES = {
    "contact": {
        "quiet_hours": {"start": "00:00", "end": "00:00"},
        "touches_per_minute": PER_MINUTE,
    }
}


async def measure(machine: Machine) -> list[Figure]:
    """One server and two workers on PostgreSQL."""
    url, port = await machine.postgres_url(), free_port()
    machine.crowded_sandbox(CUSTOMERS)
    machine.serve(url, port)
    await machine.organisation.load(port)
    await _crowd(machine, url)
    workers = [machine.worker(url) for _ in range(2)]
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=BEARER) as http,
        aiohttp.ClientSession(f"http://127.0.0.1:{machine.sandbox_port}") as wechat,
    ):
        await _ask(http, "PUT", "/api/v1/policies/brand", RULES)
        await _ask(http, "PUT", f"/api/v1/campaigns/{CODE}", FLOW)
        started = time.monotonic()
        await _ask(http, "POST", f"/api/v1/campaigns/{CODE}/start", {"count": CUSTOMERS})
        joined_s = await _joined(url, started)
        sent_s = await _sent(wechat, workers, started)
        found = await _ask(http, "GET", f"/api/v1/campaigns/{CODE}/report")
        got = await _ask(wechat, "GET", "/count")
    return _judged(found, got, joined_s, sent_s)


async def _crowd(machine: Machine, url: str) -> None:
    database = await asyncpg.connect(url)
    for statement in CROWD:
        await database.execute(statement, CUSTOMERS, timeout=600)
    await database.execute("ANALYZE")
    await database.close()
    drawing = machine.command("draw-profiles", url).start()
    await _until(lambda: _ended(drawing), 600)


async def _ended(process: Process) -> bool:
    return not process.is_running


async def _joined(url: str, started: float) -> float:
    """Seconds until everybody had joined."""
    database = await asyncpg.connect(url)

    async def all_in() -> bool:
        return await database.fetchval("SELECT count(*) FROM enrolment") == CUSTOMERS

    await _until(all_in, 900)
    await database.close()
    return time.monotonic() - started


async def _sent(wechat: aiohttp.ClientSession, workers: list[Process], started: float) -> float:
    """Seconds until nothing more came; a worker is killed on the way, and started again."""
    wanted = CUSTOMERS * (1 - HOLDOUT)
    kills = list(zip(KILLED_AT, workers, strict=True))
    last, last_at = -1, time.monotonic()
    while time.monotonic() - last_at < PATIENCE_S:
        came = (await _ask(wechat, "GET", "/count"))["messages"]
        if came != last:
            last, last_at = came, time.monotonic()
        if kills and came >= kills[0][0] * wanted:
            _, worker = kills.pop(0)
            worker.kill()
            await asyncio.sleep(1)
            worker.start()
        await asyncio.sleep(1)
    return last_at - started


def _judged(
    found: dict[str, Any], got: dict[str, int], joined_s: float, sent_s: float
) -> list[Figure]:
    touched = sum(each["count"] for each in found["sent"])
    unknown = sum(each["count"] for each in found["sent"] if each["state"] == "unknown")
    missing = found["touched"]["people"] - touched
    what = f"{CUSTOMERS:,} customers, two kill -9"
    return [
        Figure("campaign", f"{what}: joined", CUSTOMERS / joined_s, "/s"),
        Figure("campaign", f"{what}: held out", found["held_out"]["people"], ""),
        Figure("campaign", f"{what}: messages that came", got["messages"], ""),
        Figure("campaign", f"{what}: sent", 60 * got["messages"] / sent_s, "/min"),
        Figure("campaign", "most messages to one person", got["most"], "", at_most=1),
        Figure("campaign", "of those to be touched, not touched", missing, "", at_most=0),
        Figure("campaign", "not known whether they came", unknown, "", at_most=2 * IN_HAND),
        Figure(
            "campaign",
            "came, or not known whether",
            touched - got["messages"],
            "more",
            at_least=0,
            at_most=None,
        ),
    ]


async def _ask(
    http: aiohttp.ClientSession, method: str, path: str, body: Any = None
) -> dict[str, Any]:
    async with http.request(method, path, json=body) as answer:
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {await answer.text()}")
        found: dict[str, Any] = await answer.json()
        return found


async def _until(done: Callable[[], Awaitable[bool]], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not await done():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.5)
