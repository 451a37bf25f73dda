"""(b) Leads taken in per second: one a request, and many a request."""

from __future__ import annotations

import json
import time
from itertools import count

import aiohttp

from benchmarks.load import full_speed, post
from benchmarks.machine import Machine, free_port
from benchmarks.organisation import KEY, a_lead
from benchmarks.report import Figure

SINGLE_S = 6.0
SINGLE_CALLERS = 16
BATCH = 500
BEARER = {"Authorization": f"Bearer {KEY}"}

_numbers = count()


async def measure(machine: Machine) -> list[Figure]:
    """Single posts by sixteen callers, then one batch, on each kind of database."""
    figures = []
    for name, url in (
        ("PostgreSQL", await machine.postgres_url()),
        ("SQLite", machine.sqlite_url()),
    ):
        port = free_port()
        process = machine.serve(url, port)
        await machine.organisation.load(port)
        figures += await _measure(machine, port, name)
        process.terminate()
    return figures


async def _measure(machine: Machine, port: int, name: str) -> list[Figure]:
    singles = iter([_single(machine) for _ in range(4000)])
    outcome = await full_speed(port, singles, 1.0, SINGLE_CALLERS)
    outcome = await full_speed(port, singles, SINGLE_S, SINGLE_CALLERS)
    if outcome.failed:
        raise RuntimeError(f"{name}: {dict(outcome.statuses)}")
    per_second = outcome.statuses[201] / outcome.took_s
    return [
        Figure("intake", f"single posts, {name}", per_second, "/s"),
        Figure("intake", f"single posts, {name}: p99", outcome.ms(0.99), "ms"),
        Figure(
            "intake", f"batch of {BATCH}, {name}", await take_batch(machine, port, BATCH), "/s"
        ),
    ]


def _single(machine: Machine) -> bytes:
    body = json.dumps(_lead(machine)).encode()
    return post("/api/v1/leads", body, "application/json", BEARER)


def _lead(machine: Machine) -> dict[str, object]:
    number = next(_numbers)
    return a_lead(machine.organisation, f"bench-{number}", number)


async def take_batch(machine: Machine, port: int, size: int) -> float:
    """Post so many new leads in one request. Returns leads per second."""
    lines = "\n".join(json.dumps(_lead(machine)) for _ in range(size))
    url = f"http://127.0.0.1:{port}/api/v1/leads/batch"
    async with aiohttp.ClientSession(headers=BEARER) as http:
        started = time.perf_counter()
        async with http.post(url, data=lines.encode()) as answer:
            results = [json.loads(line) async for line in answer.content]
        took = time.perf_counter() - started
    taken = [result for result in results if result.get("outcome") == "created"]
    if len(taken) != size:
        raise RuntimeError(f"{len(taken)} of {size} taken: {results[0]}")
    return size / took
