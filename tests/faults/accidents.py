"""What can go wrong, one accident each, under steady traffic."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import asyncpg
import redis

from benchmarks.organisation import KEY, a_lead
from benchmarks.wechat import OA, callback, text_message
from tests.faults.system import Outside, System

OUTAGE_S = 20.0
FROZEN_S = 12.0
STORM = 150
POISON = 5

_chance = random.Random(7)
Accident = Callable[[System, Outside], Awaitable[None]]


async def every_process_killed(system: System, outside: Outside) -> None:
    """kill -9, one process after the other, each twice."""
    for name in [*system.processes] * 2:
        await system.kill_and_restart(name)
        await asyncio.sleep(2.5)


async def every_process_told_to_stop(system: System, outside: Outside) -> None:
    """SIGTERM: what runs is finished, and the exit is clean and in time."""
    for name, process in system.processes.items():
        started = time.monotonic()
        status = await asyncio.to_thread(process.terminate)
        assert status == 0, f"{name} ended with {status}: {process.log()[-1000:]}"
        assert time.monotonic() - started < 12
        process.start()
        await asyncio.sleep(2)


async def redis_killed(system: System, outside: Outside) -> None:
    """kill -9 of Redis, twice; a while later it is there again with what it had."""
    for pause_s in (0.5, 6.0):
        system.machine.redis.kill()
        await asyncio.sleep(pause_s)
        system.machine.redis.start()
        await asyncio.sleep(2)


async def redis_emptied(system: System, outside: Outside) -> None:
    """FLUSHALL, again and again."""
    with redis.Redis.from_url(system.machine.redis.url) as client:
        for _ in range(5):
            client.flushall()
            await asyncio.sleep(1)


async def redis_frozen(system: System, outside: Outside) -> None:
    """SIGSTOP: connections stay open and nothing answers."""
    system.machine.redis.freeze()
    try:
        await asyncio.sleep(FROZEN_S)
    finally:
        system.machine.redis.thaw()


async def redis_stopped(system: System, outside: Outside) -> None:
    """No Redis at all for a while."""
    system.machine.redis.kill()
    await asyncio.sleep(FROZEN_S)
    system.machine.redis.start()


async def postgres_restarted(system: System, outside: Outside) -> None:
    """kill -9 of the whole server, and its recovery."""
    for pause_s in (0.5, 4.0):
        system.machine.postgres.halt()
        await asyncio.sleep(pause_s)
        system.machine.postgres.launch()
        await asyncio.sleep(3)


async def cancelled_requests(system: System, outside: Outside) -> None:
    """Clients that hang up at any moment. Their leads, sent again, are there once like others."""
    leads = [
        a_lead(system.machine.organisation, f"storm-{time.time_ns()}-{n}", n) for n in range(STORM)
    ]
    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(_hang_up(http, system, lead) for lead in leads))
    for lead in leads:
        await outside.post_lead(lead)
        path = f"leads?source=dongchedi&external_id={lead['external_id']}"
        assert len((await outside.api("GET", path))["items"]) == 1


async def _hang_up(http: aiohttp.ClientSession, system: System, lead: dict[str, object]) -> None:
    target, body = callback(OA, text_message(OA, "oStorm", _chance.getrandbits(50), "探岳多少钱"))
    await asyncio.sleep(_chance.uniform(0, 5))
    hurry = aiohttp.ClientTimeout(total=_chance.uniform(0.005, 0.2))
    with suppress(aiohttp.ClientError, TimeoutError):
        async with http.post(system.product + target, data=body, timeout=hurry):
            pass
    hurry = aiohttp.ClientTimeout(total=_chance.uniform(0.005, 0.2))
    headers = {"Authorization": f"Bearer {KEY}"}
    with suppress(aiohttp.ClientError, TimeoutError):
        async with http.post(
            f"{system.product}/api/v1/leads", json=lead, headers=headers, timeout=hurry
        ):
            pass


async def poison_jobs(system: System, outside: Outside) -> None:
    """Jobs nobody can run, and messages nobody can read: they end as dead letters."""
    database = await asyncpg.connect(system.url)
    await database.executemany(
        """INSERT INTO outbox (queue, state, due_at_ms, lease_until_ms, attempts, unfinished,
             error, created_at_ms, kind, name, dedupe_key, staff_id, data)
           VALUES ('urgent', 0, 0, 0, 11, 0, '', 0, 'notice', 'poison', $1, 'd00a00', '{}')""",
        [(f"poison:{time.time_ns()}:{n}",) for n in range(POISON)],
    )
    await database.close()
    target, body = callback(OA, b"<xml><broken>")
    async with (
        aiohttp.ClientSession() as http,
        http.post(system.product + target, data=body) as answer,
    ):
        assert answer.status == 200
    await _dead_letters(outside, "urgent", POISON)
    await _dead_letters(outside, "inbox", 1)


async def _dead_letters(outside: Outside, queue: str, number: int) -> None:
    deadline = time.monotonic() + OUTAGE_S
    while len((await outside.api("GET", f"queues/{queue}/failed"))["items"]) < number:
        assert time.monotonic() < deadline, f"{queue}: no dead letters"
        await asyncio.sleep(0.5)


def platform_fault(**fault: object) -> Accident:
    """WeCom misbehaves for twenty seconds, and is well again."""

    async def accident(system: System, outside: Outside) -> None:
        await outside.sandbox("PUT", "faults", {"api": "wecom:message/send", **fault})
        await asyncio.sleep(OUTAGE_S)
        await outside.sandbox("DELETE", "faults")

    return accident


ON_POSTGRES: dict[str, Accident] = {
    "every process killed": every_process_killed,
    "every process told to stop": every_process_told_to_stop,
    "Redis killed": redis_killed,
    "Redis emptied": redis_emptied,
    "PostgreSQL restarted": postgres_restarted,
    "WeCom answers 500": platform_fault(kind="http_500"),
    "WeCom does not answer": platform_fault(kind="timeout"),
    "WeCom refuses the token (40014)": platform_fault(kind="errcode", errcode=40014),
    "WeCom's quota is used up (45009)": platform_fault(kind="errcode", errcode=45009),
    "WeCom's answers get lost": platform_fault(kind="lost_answer"),
    "cancelled requests": cancelled_requests,
    "poison jobs": poison_jobs,
}
ON_ONE_MACHINE: dict[str, Accident] = {
    "run killed": every_process_killed,
    "run told to stop": every_process_told_to_stop,
}
