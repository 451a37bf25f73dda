"""A long bad day: workers and Redis are killed again and again under load; nothing is lost."""

from __future__ import annotations

import asyncio
import random
import sys
import time

import pytest

from db.engine import Database
from db.models import OutboxJob, Region
from db.models.queues import RowState
from tests.eventually import eventually
from tests.redis_server import RedisServer

JOBS = 1200
PER_SECOND = 100
LEASE_MS = 3000

WORKER = f"""
import asyncio, sys
from datetime import UTC, datetime
import worker.relay, worker.run
from db import queue_rows
from db.engine import Database
from db.models import Region

worker.relay.TRANSIT_LEASE_MS = worker.run.RUN_LEASE_MS = {LEASE_MS}

def clock():
    return datetime.now(UTC)

async def main():
    database = await Database.open(sys.argv[1])

    async def handle(ref):
        async def work():
            await Region.create(code=f"job {{ref.id}}", name="done")
            await queue_rows.finish(ref, round(clock().timestamp() * 1000))
        await asyncio.sleep(0.02)
        await database.run_tx(work)

    await worker.run.Worker(database, sys.argv[2], {{"outbox": handle}}, clock).start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.faults
@pytest.mark.timeout(240)
async def test_every_job_is_done_exactly_once_whatever_is_killed(
    postgres_database: Database, postgres_url: str, redis_server: RedisServer
) -> None:
    async def a_worker() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WORKER, postgres_url, redis_server.url),
            stdout=asyncio.subprocess.DEVNULL,
        )

    async def killer() -> None:
        for turn in range(8):
            await asyncio.sleep(1.5)
            victim = turn % 2
            workers[victim].kill()
            await workers[victim].wait()
            if turn == 4:
                redis_server.kill()
                redis_server.start()
            workers[victim] = await a_worker()

    workers = [await a_worker(), await a_worker()]
    try:
        killing = asyncio.create_task(killer())
        for number in range(JOBS):
            now_ms = round(time.time() * 1000)
            await OutboxJob.create(
                queue=random.choice(["urgent", "normal", "campaign"]),  # noqa: S311
                due_at_ms=now_ms,
                created_at_ms=now_ms,
                kind="notice",
                name="lead_card",
                dedupe_key=f"{number}",
            )
            await asyncio.sleep(1 / PER_SECOND)
        await killing

        async def all_done() -> bool:
            return await OutboxJob.filter(state=RowState.DONE).count() == JOBS

        await eventually(all_done, within_s=90)
    finally:
        for process in workers:
            process.kill()
            await process.wait()
    assert await Region.all().count() == JOBS
