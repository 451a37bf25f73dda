"""Queues for ops: how deep, how old, what failed; run again, drop, stop, go on."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from pydantic import RootModel

from api.fields import PageSize, Query, View, iso
from api.masking import masked_words
from api.routing import Call, Routes, answer
from db.phone_vault import CannotDecrypt
from db.queries import queues as stored
from db.queue_rows import TABLE_OF
from domain.errors import NotFound
from domain.phone import mask_in_text

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


class FailedQuery(Query):
    """Which page."""

    limit: PageSize = 50
    cursor: str | None = None


class FailedView(View):
    """A dead letter; phones in the payload are masked."""

    id: str
    queue: str
    kind: str
    attempts: int
    error: str
    created_at: str
    lead_id: str | None
    payload: Any


class FailedPage(View):
    """Dead letters, newest first."""

    items: list[FailedView]
    next_cursor: str | None


@routes.get("/queues", scope="ops", answers={200: QueueList})
async def list_queues(call: Call) -> web.StreamResponse:
    """All queues with what is ready, scheduled, running and failed."""
    views = await stored.overview(_ms(call))
    return answer(QueueList([QueueView(**_columns(view)) for view in views]))


@routes.get("/queues/{name}/failed", scope="ops", answers={200: FailedPage})
async def list_failed(call: Call, name: str, query: FailedQuery) -> web.StreamResponse:
    """Dead letters with what they held, what went wrong and how often it was tried."""
    _check_queue(name)
    rows, cursor = await stored.failed(name, query.cursor, query.limit)
    return answer(FailedPage(items=[_failed(call, row) for row in rows], next_cursor=cursor))


@routes.post("/queues/{name}/failed/{row_id}/retry", scope="ops", answers={204: None})
async def retry_failed(call: Call, name: str, row_id: str) -> web.StreamResponse:
    """Run a dead letter again."""
    _check_queue(name)
    if not await stored.retry(name, row_id, _ms(call)):
        raise NotFound("no such dead letter")
    return answer()


@routes.delete("/queues/{name}/failed/{row_id}", scope="ops", answers={204: None})
async def discard_failed(call: Call, name: str, row_id: str) -> web.StreamResponse:
    """Give a dead letter up for good."""
    _check_queue(name)
    if not await stored.discard(name, row_id, _ms(call)):
        raise NotFound("no such dead letter")
    return answer()


@routes.post("/queues/{name}/pause", scope="ops", answers={204: None})
async def pause_queue(call: Call, name: str) -> web.StreamResponse:
    """Stop a queue. Its rows wait; nothing is refused."""
    _check_queue(name)
    await stored.pause(name, call.caller.name, call.now)
    return answer()


@routes.post("/queues/{name}/resume", scope="ops", answers={204: None})
async def resume_queue(call: Call, name: str) -> web.StreamResponse:
    """Let a paused queue run again."""
    _check_queue(name)
    await stored.resume(name)
    return answer()


def _check_queue(name: str) -> None:
    if name not in TABLE_OF:
        raise NotFound("no such queue")


def _ms(call: Call) -> int:
    return int(call.now.timestamp() * 1000)


def _columns(view: stored.QueueView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in QueueView.model_fields}


def _failed(call: Call, row: stored.FailedRow) -> FailedView:
    return FailedView(
        id=row.id,
        queue=row.queue,
        kind=row.kind,
        attempts=row.attempts,
        error=mask_in_text(row.error),
        created_at=iso(datetime.fromtimestamp(row.created_at_ms / 1000, UTC)),
        lead_id=str(row.lead_id) if row.lead_id else None,
        payload=_payload(call, row),
    )


def _payload(call: Call, row: stored.FailedRow) -> Any:
    if row.payload is None:
        return masked_words(row.data)
    try:
        clear = call.deps.phones.open(row.payload)
    except CannotDecrypt:
        return None
    return mask_in_text(clear.decode("utf-8", "replace"))
