"""(h) Figures and lists over a year on PostgreSQL: a million leads, ten million timeline rows.

Analytics of a month, in all and broken down, as a cohort and as a period; the rows behind one; and
the lists of the console. One request at a time, to a server that does nothing else. With
BENCH_YEAR, the year that an earlier run wrote into a database of yours is asked.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import aiohttp
import asyncpg

from benchmarks.history import History
from benchmarks.intake import BEARER
from benchmarks.machine import Machine, free_port
from benchmarks.organisation import MODEL
from benchmarks.report import Figure

KEPT = os.environ.get("BENCH_YEAR", "")
"""URL of a database in which the year is written already; else a new one is."""
LEADS = int(os.environ.get("BENCH_LEADS", "1000000"))
ROUNDS = 40
LIST_AIM_MS = 300.0
ANALYTICS_AIM_MS = 1000.0
DRAWN_WITHIN_S = 3600.0
_IN_A_HURRY = """SET synchronous_commit = off; SET maintenance_work_mem = '512MB';
  SET session_replication_role = replica"""
"""Foreign keys are not looked up: the rows are right by the way they are written."""
_INDEXES = """SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS made_by
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisunique"""


async def measure(machine: Machine) -> list[Figure]:
    """Write the year, draw what figures are counted from, ask."""
    figures: list[Figure] = []
    url = KEPT or await machine.postgres_url()
    if KEPT:
        machine.migrate(url)
    else:
        figures = await _write(machine, url)
    port = free_port()
    machine.serve(url, port)
    figures += await _ask(port, "month", _analytics(), ANALYTICS_AIM_MS)
    return figures + await _ask(port, "list", _lists(), LIST_AIM_MS)


async def _write(machine: Machine, url: str) -> list[Figure]:
    port = free_port()
    process = machine.serve(url, port)
    await machine.organisation.load(port)
    process.terminate()
    filled = await _fill(url, History(LEADS, list(machine.organisation.staff()), [MODEL]))
    drawn = await _draw(machine, url)
    return [
        Figure("year", f"{LEADS:,} leads, {10 * LEADS:,} timeline rows written", filled, "s"),
        Figure("year", "profiles and figures drawn anew", LEADS / drawn, "/s"),
    ]


async def _fill(url: str, history: History) -> float:
    """Write the rows without what slows writing down; indexes come after them."""
    started = time.monotonic()
    database = await asyncpg.connect(url)
    await database.execute(_IN_A_HURRY)
    indexes = await database.fetch(_INDEXES)
    for index in indexes:
        await database.execute(f"DROP INDEX {index['name']}")
    for statement in history.statements():
        await database.execute(statement)
    for index in indexes:
        await database.execute(index["made_by"])
    await database.execute("VACUUM ANALYZE")
    await database.close()
    return time.monotonic() - started


async def _draw(machine: Machine, url: str) -> float:
    """Draw every profile: how long it takes, before the planner has looked at them."""
    took = await machine.draw_profiles(url, DRAWN_WITHIN_S)
    database = await asyncpg.connect(url)
    await database.execute("VACUUM ANALYZE customer_profile, lead_figure, assignment_figure")
    await database.close()
    return took


def _analytics() -> dict[str, str]:
    """Questions about last month's thirty days."""
    until = datetime.now(UTC).date() - timedelta(days=15)
    month = f"from={until - timedelta(days=29)}&to={until}"
    return {
        "cohort, in all": f"analytics?{month}",
        "cohort, by dealer": f"analytics?{month}&by=dealer",
        "cohort, by adviser of a dealer": f"analytics?{month}&by=staff&dealer=D03",
        "cohort, by source": f"analytics?{month}&by=source",
        "period, by dealer": f"analytics?{month}&view=period&by=dealer",
        "period, by region": f"analytics?{month}&view=period&by=region",
        "rows of first responses missed": (
            f"analytics/rows?{month}&kpi=first_response_rate&show=missed"
        ),
        "pools": f"stats/pools?{month}",
    }


def _lists() -> dict[str, str]:
    middle = LEADS // 2
    since = (datetime.now(UTC) - timedelta(days=2)).isoformat().replace("+", "%2B")
    return {
        "leads": "leads",
        "leads of a dealer": "leads?dealer_code=D03",
        "leads of a level": "leads?level=H",
        "leads of a dealer and level": "leads?dealer_code=D03&level=H",
        "leads of a source": "leads?source=autohome",
        "leads of a pool": "leads?pool=nurture",
        "leads in a state": "leads?state=ordered",
        "leads of an adviser": "leads?staff=d03a04",
        "leads changed lately": f"leads?updated_since={since}",
        "a lead": f"leads/{middle}",
        "a timeline": f"leads/{middle}/timeline",
        "a customer": f"customers/{middle}",
        "queues": "queues",
        "failed jobs": "queues/urgent/failed",
        "record of acts": "ops/audit",
        "acts of somebody": "ops/audit?actor=staff:d03a04",
        "dealers": "dealers",
        "staff": "staff?limit=100",
    }


async def _ask(port: int, kind: str, asked: dict[str, str], aim: float) -> list[Figure]:
    seconds: dict[str, list[float]] = {what: [] for what in asked}
    async with aiohttp.ClientSession(headers=BEARER) as http:
        for _ in range(ROUNDS):
            for what, path in asked.items():
                started = time.perf_counter()
                async with http.get(f"http://127.0.0.1:{port}/api/v1/{path}") as answer:
                    body = await answer.read()
                    if answer.status != 200:
                        raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
                seconds[what].append(time.perf_counter() - started)
    return [
        Figure("year", f"{kind}: {what}, p95", 1000 * _p95(some), "ms", at_most=aim)
        for what, some in seconds.items()
    ]


def _p95(some: list[float]) -> float:
    return sorted(some)[min(len(some) - 1, int(len(some) * 0.95))]
