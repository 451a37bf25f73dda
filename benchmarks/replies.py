"""(f) Conversations: customers write, and each answer stands in the callback's own reply.

Messages in safe mode, from five hundred people in the middle of a talk: each is understood,
decided on, written down and answered before the next is due. As people do, they ask, take their
words back, book, and ask again. A worker runs beside it, as in production. At a rate above what
the machine bears, answers come later as messages of their own: they are counted, not lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count, islice

from benchmarks.load import Outcome, full_speed, post, steady
from benchmarks.machine import Machine, free_port
from benchmarks.report import Figure
from benchmarks.wechat import OA, callback, text_message

RATES = (25, 50, 100, 200)
WARM_UP_S = 3.0
STEADY_S = 10.0
REST_S = 4.0
FLAT_OUT_S = 3.0
CONNECTIONS = 16
PEOPLE = 500

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
    """Rate after rate, each with a rest before it in which what waits is answered."""
    messages = _messages()
    await steady(port, iter(list(islice(messages, 100))), RATES[0], WARM_UP_S)
    figures = []
    for rate in RATES:
        requests = iter(list(islice(messages, int(rate * STEADY_S) + 1)))
        outcome = await steady(port, requests, rate, STEADY_S)
        figures += _latencies(f"{name}, {rate}/s", outcome)
        await asyncio.sleep(REST_S)
    rest = list(islice(messages, 4000))
    speed = await full_speed(port, iter(rest), FLAT_OUT_S, connections=CONNECTIONS)
    per_second = speed.replied / speed.took_s if speed.took_s else 0.0
    return [*figures, Figure("replies", f"{name}, full speed: answered", per_second, "/s")]


def _latencies(what: str, outcome: Outcome) -> list[Figure]:
    answered = outcome.replied / max(1, len(outcome.seconds))
    return [
        Figure("replies", f"{what}: p50", outcome.ms(0.5), "ms"),
        Figure("replies", f"{what}: p99", outcome.ms(0.99), "ms"),
        Figure("replies", f"{what}: answered in the callback", 100 * answered, "%"),
    ]


def _messages() -> Iterator[bytes]:
    """Sealed requests: everybody goes through the talk, each a step behind the one before."""
    for turn in count():
        person, step = turn % PEOPLE, turn // PEOPLE
        words = TALK[(step + person) % len(TALK)]
        sender = f"oTalk{person:023d}"
        yield post(*callback(OA, text_message(OA, sender, next(_message_ids), words)))
