"""Queues for ops: how deep, how old, what failed; stop, go on."""

from typing import Any

from aiohttp import web
from pydantic import RootModel

from api.audited import audited
from api.fields import View
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from db.queries import queues as stored
from db.queue_rows import TABLE_OF
from domain.errors import NotFound

routes = Routes("queues")


class QueueView(View):
    """One queue in numbers."""

    name: str
    ready: int
    scheduled: int
    active: int
    failed: int
    oldest_ready_seconds: float
    done: int
    retried: int
    paused: bool


class QueueList(RootModel[list[QueueView]]):
    """Every queue."""


@routes.get("/queues", scope=CONSOLE, answers={200: QueueList})
async def list_queues(call: Call) -> web.StreamResponse:
    """All queues with what is ready, scheduled, running and failed."""
    views = await stored.overview(now_ms(call))
    return answer(QueueList([QueueView(**_columns(view)) for view in views]))


@routes.post("/queues/{name}/pause", scope="ops", answers={204: None})
async def pause_queue(call: Call, name: str) -> web.StreamResponse:
    """Stop a queue. Its rows wait; nothing is refused."""
    check_queue(name)
    by = call.caller.name
    await audited(call, "pause_queue", name, lambda: stored.pause(name, by, call.now))
    return answer()


@routes.post("/queues/{name}/resume", scope="ops", answers={204: None})
async def resume_queue(call: Call, name: str) -> web.StreamResponse:
    """Let a paused queue run again."""
    check_queue(name)
    await audited(call, "resume_queue", name, lambda: stored.resume(name))
    call.deps.wake()
    return answer()


def check_queue(name: str) -> None:
    """Raise `NotFound` for a queue that is not ours."""
    if name not in TABLE_OF:
        raise NotFound("no such queue")


def now_ms(call: Call) -> int:
    """The clock as queue rows keep it."""
    return int(call.now.timestamp() * 1000)


def _columns(view: stored.QueueView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in QueueView.model_fields}
