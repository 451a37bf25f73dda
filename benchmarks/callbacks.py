"""(a) Callbacks in safe mode, beside a bare server that only verifies, decrypts, parses, encrypts.

Durable: the answer comes when the message is committed in the inbox, with the database as it is
delivered (every commit reaches the disk). Workers run elsewhere in production, so only `serve`
runs here; what it hands on to them through Redis is part of its cost.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator
from itertools import count, cycle

from benchmarks.load import Outcome, full_speed, post, steady
from benchmarks.machine import Machine, free_port
from benchmarks.report import Figure
from benchmarks.wechat import OA, WECOM, App, callback, text_message

ROUNDS = 3
ROUND_S = 3.0
STEADY_S = 5.0
RATE = 2000
MOST_A_ROUND = 20_000
PEOPLE = 500
RATIO_AIM = 0.4
P99_AIM_MS = 20.0

_message_ids = count(24_000_000_000_000_000)


async def measure(machine: Machine) -> list[Figure]:
    """Ratios at full speed, latencies at fixed rates."""
    bare, on_postgres, on_sqlite = free_port(), free_port(), free_port()
    machine.bare(bare)
    machine.serve(await machine.postgres_url(), on_postgres)
    machine.serve(machine.sqlite_url(), on_sqlite)
    await machine.organisation.load(on_postgres)
    await machine.organisation.load(on_sqlite)
    ports = {"bare": bare, "PostgreSQL": on_postgres, "SQLite": on_sqlite}
    return [
        *await _at_full_speed(ports),
        *await _at_rate({k: ports[k] for k in ("bare", "PostgreSQL", "SQLite")}),
    ]


async def _at_full_speed(ports: dict[str, int]) -> list[Figure]:
    """Turn and turn about, so that a busy moment of the machine hits all of them."""
    rates: dict[str, list[float]] = {name: [] for name in ports}
    again = _messages(WECOM, 2000)
    for number in range(ROUNDS + 1):
        for name, port in ports.items():
            fresh = cycle(again) if name == "bare" else _messages(WECOM, MOST_A_ROUND)
            outcome = await full_speed(port, iter(fresh), ROUND_S if number else 1.0)
            _must_be_clean(name, outcome)
            if number:
                rates[name].append(outcome.per_second)
            await asyncio.sleep(0.5)
    middle = {name: statistics.median(values) for name, values in rates.items()}
    figures = [Figure("callbacks", "bare aiohttp, full speed", middle["bare"], "/s")]
    for name in ("PostgreSQL", "SQLite"):
        what = f"durable and acknowledged, {name}"
        aim = RATIO_AIM if name == "PostgreSQL" else None
        figures += [
            Figure("callbacks", f"{what}, full speed", middle[name], "/s"),
            Figure("callbacks", f"{what}, ratio to bare", middle[name] / middle["bare"], "x",
                   at_least=aim),
        ]  # fmt: skip
    return figures


async def _at_rate(ports: dict[str, int]) -> list[Figure]:
    figures = []
    for name, port in ports.items():
        requests = iter(_messages(WECOM, int(RATE * (STEADY_S + 1))))
        await steady(port, requests, RATE, 0.5)
        outcome = await steady(port, requests, RATE, STEADY_S)
        aim = P99_AIM_MS if name != "bare" else None
        figures += _latencies(f"WeCom at {RATE}/s, {name}", outcome, aim)
    return figures


def _latencies(what: str, outcome: Outcome, aim_ms: float | None) -> list[Figure]:
    return [
        Figure("callbacks", f"{what}: p50", outcome.ms(0.5), "ms"),
        Figure("callbacks", f"{what}: p99", outcome.ms(0.99), "ms", at_most=aim_ms),
        Figure("callbacks", f"{what}: not answered", outcome.failed, "", at_most=0),
    ]


def _messages(app: App, number: int) -> list[bytes]:
    """Sealed requests, made before the clock starts."""
    return list(_sealed(app, number))


def _sealed(app: App, number: int) -> Iterator[bytes]:
    for turn in range(number):
        sender = f"oBench{turn % PEOPLE:022d}" if app is OA else f"d{turn % 20:02d}a00"
        clear = text_message(app, sender, next(_message_ids), "探岳落地多少钱，周末能试驾吗")
        yield post(*callback(app, clear))


def _must_be_clean(name: str, outcome: Outcome) -> None:
    if set(outcome.statuses) - {200}:
        raise RuntimeError(f"{name}: {dict(outcome.statuses)}")
