"""(c) From a lead being durable to its card being accepted by WeCom, while leads keep coming."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field

import aiohttp

from benchmarks.machine import Machine, free_port
from benchmarks.organisation import KEY, a_lead
from benchmarks.report import Figure

RATE = 50
SECONDS = 12.0
SETTLE_S = 30.0
TRIES = 10
_NUMBER = re.compile(r"#(\d+)")


@dataclass(slots=True)
class Run:
    """When each lead was answered, and when each card arrived (seconds since the epoch)."""

    durable: dict[str, float] = field(default_factory=dict)
    pushed: dict[str, float] = field(default_factory=dict)

    def ms(self, share: float) -> float:
        """The latency in ms that `share` of the pushes stay below."""
        waits = sorted(max(0.0, self.pushed[n] - at) for n, at in self.durable.items())
        return 1000 * waits[min(len(waits) - 1, int(share * len(waits)))]


async def measure(machine: Machine) -> list[Figure]:
    """One `serve`, one `worker`, the sandbox as WeCom; every process on this machine."""
    port = free_port()
    url = await machine.postgres_url()
    machine.sandbox(port)
    machine.serve(url, port)
    await machine.organisation.load(port)
    machine.worker(url)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        await _post_leads(http, machine, port, 2.0)  # tokens, caches, connections
        run = await _post_leads(http, machine, port, SECONDS)
        deadline = time.monotonic() + SETTLE_S
        while run.durable.keys() - run.pushed.keys() and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            run.pushed = await _cards(http, machine)
    missing = run.durable.keys() - run.pushed.keys()
    if missing:
        raise RuntimeError(f"{len(missing)} of {len(run.durable)} leads were not pushed")
    what = f"durable → accepted by WeCom at {RATE}/s"
    return [
        Figure("push", f"{what}: p50", run.ms(0.5), "ms"),
        Figure("push", f"{what}: p99", run.ms(0.99), "ms"),
    ]


async def _post_leads(
    http: aiohttp.ClientSession, machine: Machine, port: int, seconds: float
) -> Run:
    run = Run()
    started = time.monotonic()
    tasks = []
    for number in range(int(RATE * seconds)):
        await asyncio.sleep(max(0.0, started + number / RATE - time.monotonic()))
        body = a_lead(machine.organisation, f"push-{started}-{number}", number)
        tasks.append(asyncio.create_task(_post(http, port, body, run)))
    await asyncio.gather(*tasks)
    return run


async def _post(http: aiohttp.ClientSession, port: int, body: dict[str, object], run: Run) -> None:
    """Post until it is taken, as a source does that is told to come back."""
    for _ in range(TRIES):
        async with http.post(f"http://127.0.0.1:{port}/api/v1/leads", json=body) as answer:
            taken = await answer.json()
        if answer.status in {200, 201}:
            run.durable[taken["lead_id"]] = time.time()
            return
        await asyncio.sleep(1)
    raise RuntimeError(str(taken))


async def _cards(http: aiohttp.ClientSession, machine: Machine) -> dict[str, float]:
    """Arrival of each lead's card, by the lead's number on it."""
    arrived: dict[str, float] = {}
    base = f"http://127.0.0.1:{machine.sandbox_port}/sandbox/staff"
    for userid, _ in machine.organisation.staff():
        async with http.get(f"{base}/{userid}/messages") as answer:
            messages = (await answer.json())["messages"]
        for message in messages:
            task = str(message["content"].get("task_id", ""))
            number = _NUMBER.search(json.dumps(message["content"]))
            if task.startswith("lead-") and number and not message["dropped"]:
                arrived[number[1]] = message["at"]
    return arrived
