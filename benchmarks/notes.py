"""(g) An adviser's sentence, from when it is due to the card that repeats it being taken by WeCom.

Sentences come at two steady rates from advisers, each about a lead of their own that is named by
its number. The rates take turns with the advisers, so that none writes so often that WeCom's limit
for one member decides.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import count, cycle

import aiohttp

from benchmarks.load import post, steady
from benchmarks.machine import Machine, free_port
from benchmarks.organisation import KEY, a_lead
from benchmarks.report import Figure
from benchmarks.wechat import WECOM, callback, text_message

RATES = (25, 50)
SECONDS = 12.0
WARM_UP_S = 3.0
SETTLE_S = 30.0
LEADS_AT_ONCE = 8
ADVISERS = 75
"""For each rate; every lead finds another adviser."""
SAYINGS = (
    "联系上了 嫌贵 周四再打",
    "没接 下午再打",
    "约了周六下午三点带老婆来看探岳",
    "加了微信 A级 想看顶配",
    "在对比比亚迪宋 周末给个底价",
)
_message_ids = count(27_000_000_000_000_000)
Held = list[tuple[str, str]]


async def measure(machine: Machine) -> list[Figure]:
    """One `serve`, one `worker` on PostgreSQL, then everything in one process on SQLite."""
    postgres, on_postgres, on_sqlite = await machine.postgres_url(), free_port(), free_port()
    machine.sandbox(on_postgres)
    machine.serve(postgres, on_postgres)
    await machine.organisation.load(on_postgres)
    machine.worker(postgres)
    figures = await _said(machine, "PostgreSQL", on_postgres)
    machine.command("run", machine.sqlite_url(), on_sqlite).start().wait_for_port(on_sqlite)
    await machine.organisation.load(on_sqlite)
    return figures + await _said(machine, "SQLite", on_sqlite)


async def _said(machine: Machine, name: str, port: int) -> list[Figure]:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http:
        held = await _give_leads(http, machine, port)
        figures = []
        for turn, rate in enumerate(RATES):
            theirs = held[turn :: len(RATES)]
            waits = await _said_at(http, machine, port, theirs, rate)
            what = f"{name}, sentence → confirmation at {rate}/s"
            figures += [
                Figure("notes", f"{what}: p50", _ms(waits, 0.5), "ms"),
                Figure("notes", f"{what}: p99", _ms(waits, 0.99), "ms"),
            ]
    return figures


async def _said_at(
    http: aiohttp.ClientSession, machine: Machine, port: int, held: Held, rate: int
) -> list[float]:
    sentences = _sentences(held)
    await steady(port, (request for request, _ in sentences), rate, WARM_UP_S)
    await asyncio.sleep(2)
    began = time.time()
    asked = int(rate * SECONDS)
    said = [next(sentences) for _ in range(asked + 1)]
    callbacks = await steady(port, (request for request, _ in said), rate, SECONDS)
    if callbacks.failed:
        raise RuntimeError(f"{callbacks.failed} sentences were not taken")
    due = [(userid, began + i / rate) for i, (_, userid) in enumerate(said[:asked])]
    return await _waits(http, machine, due, began)


async def _give_leads(http: aiohttp.ClientSession, machine: Machine, port: int) -> Held:
    """So many leads, each with the adviser that dispatch gave it to."""
    room = asyncio.Semaphore(LEADS_AT_ONCE)

    async def given(number: int) -> tuple[str, str]:
        body = a_lead(machine.organisation, f"notes-{port}-{number}", number)
        base = f"http://127.0.0.1:{port}/api/v1/leads"
        async with room:
            async with http.post(base, json=body) as answer:
                lead_id = (await answer.json())["lead_id"]
            async with http.get(f"{base}/{lead_id}") as answer:
                return (await answer.json())["assignment"]["userid"], lead_id

    held = await asyncio.gather(*(given(number) for number in range(ADVISERS * len(RATES))))
    await asyncio.sleep(5)  # their cards are on the way
    return held


def _sentences(held: Held) -> Iterator[tuple[bytes, str]]:
    """Ready requests, each with who says it, one adviser after the other."""
    for (userid, lead_id), saying in zip(cycle(held), cycle(SAYINGS), strict=False):
        text = text_message(WECOM, userid, next(_message_ids), f"#{lead_id} {saying}")
        yield post(*callback(WECOM, text)), userid


async def _waits(
    http: aiohttp.ClientSession, machine: Machine, due: list[tuple[str, float]], began: float
) -> list[float]:
    """Seconds of each sentence until its confirmation; those of one adviser come in order."""
    deadline = time.monotonic() + SETTLE_S
    asked: dict[str, list[float]] = {}
    for userid, at in due:
        asked.setdefault(userid, []).append(at)
    while True:
        found = await asyncio.gather(*(_confirmed(http, machine, u, began) for u in asked))
        answered = dict(zip(asked, found, strict=True))
        if all(len(answered[userid]) >= len(times) for userid, times in asked.items()):
            break
        if time.monotonic() > deadline:
            missing = sum(len(t) - len(answered[u]) for u, t in asked.items())
            raise RuntimeError(f"{missing} of {len(due)} sentences were not confirmed")
        await asyncio.sleep(0.5)
    return [
        max(0.0, came - at)
        for userid, times in asked.items()
        for at, came in zip(times, answered[userid], strict=False)
    ]


async def _confirmed(
    http: aiohttp.ClientSession, machine: Machine, userid: str, since: float
) -> list[float]:
    base = f"http://127.0.0.1:{machine.sandbox_port}/sandbox/staff"
    async with http.get(f"{base}/{userid}/messages") as answer:
        messages = (await answer.json())["messages"]
    cards = [m for m in messages if str(m["content"].get("task_id", "")).startswith("confirm-")]
    return sorted(m["at"] for m in cards if m["at"] >= since and not m["dropped"])


def _ms(waits: list[float], share: float) -> float:
    ranked = sorted(waits)
    return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))]
