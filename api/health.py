"""Is the process alive, can it work, and what does it count."""

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web
from pydantic import Field
from redis.exceptions import RedisError
from tortoise.exceptions import OperationalError

from api.deps import DEPS, ApiDeps
from api.fields import View
from api.routing import PUBLIC, Call, Routes, answer
from db.errors import StorageDown
from db.queries.queues import QueueView, overview

routes = Routes("health", prefix="")

CHECK_S = 1.0


class Alive(View):
    """The process runs."""

    status: str = "ok"


class Ready(View):
    """Whether work can be taken, part by part: `ok`, `down`, `behind` (schema) or `none`."""

    status: str = Field(examples=["ok"])
    database: str
    schema_: str = Field(alias="schema")
    redis: str


@routes.get("/livez", scope=PUBLIC, answers={200: Alive})
async def livez(call: Call) -> web.StreamResponse:
    """The process is alive."""
    return answer(Alive())


@routes.get("/readyz", scope=PUBLIC, answers={200: Ready, 503: Ready})
async def readyz(call: Call) -> web.StreamResponse:
    """Callbacks and leads can be taken. Without Redis they still can; it is only named.

    A process that was told to stop says `stopping`, and takes them until it goes.
    """
    (database, schema), redis = await asyncio.gather(
        database_state(call.deps), redis_state(call.deps.redis)
    )
    status = "ok" if (database, schema) == ("ok", "ok") else "unavailable"
    if call.deps.stopping.is_set():
        status = "stopping"
    body = Ready(status=status, database=database, schema=schema, redis=redis)
    return answer(body, 200 if status == "ok" else 503)


async def metrics(request: web.Request) -> web.Response:
    """The Prometheus text; while the database or its tables are away, without the queues."""
    deps = request.app[DEPS]
    queues: list[QueueView] = []
    database = "down"
    look = deps.database.spawn(overview(int(deps.clock().timestamp() * 1000)))
    with suppress(StorageDown, OperationalError, TimeoutError):
        async with asyncio.timeout(CHECK_S):
            queues, database = await asyncio.shield(look), "ok"
    deps.metrics.part("database", database)
    deps.metrics.part("redis", await redis_state(deps.redis))
    return web.Response(
        body=deps.metrics.render(queues),
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )


async def database_state(deps: ApiDeps) -> tuple[str, str]:
    """The database: ok or down; its schema: ok, behind or unknown."""
    # Shielded: a database call that is cut off half-way may never give its connection back.
    look = deps.database.spawn(deps.database.schema_ok())
    try:
        async with asyncio.timeout(CHECK_S):
            return "ok", "ok" if await asyncio.shield(look) else "behind"
    except (StorageDown, TimeoutError):
        return "down", "unknown"


async def redis_state(client: Any) -> str:
    """Redis: ok, down, or none."""
    if client is None:
        return "none"
    try:
        async with asyncio.timeout(CHECK_S):
            await client.ping()
    except (OSError, TimeoutError, RedisError):
        return "down"
    return "ok"
