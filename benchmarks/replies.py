"""(f) Conversations: customers write, and each answer stands in the callback's own reply.

Two hundred messages a second in safe mode, from five hundred people in the middle of a talk: each
is understood, decided on, written down and answered before the next is due. As people do, they
ask, take their words back, book, and ask again. Workers run beside it, as in production.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count, islice

from benchmarks.load import Outcome, full_speed, post, steady
from benchmarks.machine import Machine, free_port
from benchmarks.report import Figure
from benchmarks.wechat import OA, callback, text_message

RATE = 200
WARM_UP_S = 3.0
STEADY_S = 15.0
FLAT_OUT_S = 3.0
CONNECTIONS = 16
PEOPLE = 500
P50_AIM_MS = 50.0
P99_AIM_MS = 500.0

TALK = (
    "你好",
    "有没有二十万左右的suv",
    "探岳落地多少钱",
    "油耗怎么样",
    "长春有店吗",
    "几点关门",
    "能贷款吗",
    "想试驾探岳",
    "周六下午",
    "算了",
)
_message_ids = count(26_000_000_000_000_000)


async def measure(machine: Machine) -> list[Figure]:
    """Latency of the answer at a fixed rate, and how many a second one process gives at most."""
    on_postgres, on_sqlite = free_port(), free_port()
    postgres = await machine.postgres_url()
    machine.serve(postgres, on_postgres)
    machine.worker(postgres)
    machine.command("run", machine.sqlite_url(), on_sqlite).start().wait_for_port(on_sqlite)
    figures = []
    for name, port in (("PostgreSQL", on_postgres), ("SQLite", on_sqlite)):
        await machine.organisation.load(port)
        figures += await _talked(name, port)
        await asyncio.sleep(1)
    return figures


async def _talked(name: str, port: int) -> list[Figure]:
    messages = _messages()
    prepared = list(islice(messages, int(RATE * (WARM_UP_S + STEADY_S + 1))))
    requests = iter(prepared)
    await steady(port, requests, RATE, WARM_UP_S)
    outcome = await steady(port, requests, RATE, STEADY_S)
    rest = list(islice(messages, 4000))
    speed = await full_speed(port, iter(rest), FLAT_OUT_S, connections=CONNECTIONS)
    return [
        *_latencies(f"answered in the callback at {RATE}/s, {name}", outcome),
        Figure("replies", f"answered, full speed, {name}", speed.per_second, "/s"),
    ]


def _latencies(what: str, outcome: Outcome) -> list[Figure]:
    silent = len(outcome.seconds) - outcome.replied
    return [
        Figure("replies", f"{what}: p50", outcome.ms(0.5), "ms", at_most=P50_AIM_MS),
        Figure("replies", f"{what}: p99", outcome.ms(0.99), "ms", at_most=P99_AIM_MS),
        Figure("replies", f"{what}: not in the callback", silent, "", at_most=0),
    ]


def _messages() -> Iterator[bytes]:
    """Sealed requests: everybody goes through the talk, each a step behind the one before."""
    for turn in count():
        person, step = turn % PEOPLE, turn // PEOPLE
        words = TALK[(step + person) % len(TALK)]
        sender = f"oTalk{person:023d}"
        yield post(*callback(OA, text_message(OA, sender, next(_message_ids), words)))
