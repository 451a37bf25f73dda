"""Jobs of a queue: find them and read their story; run what failed again, or give it up."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, StringConstraints

from api.audited import audited
from api.errors import Refused
from api.fields import Body, Code, Count, PageSize, Query, View, iso
from api.masking import masked_words
from api.queues import check_queue, now_ms
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from api.scoping import scope_of
from api.troubles import explain
from db import tries
from db.phone_vault import CannotDecrypt
from db.queries import dead_letters as stored
from db.queries.dead_letters import Letters, Which
from domain.errors import NotFound
from domain.phone import mask_in_text
from texts import console

routes = Routes("queues")

ErrorText = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]


class FailedQuery(Query):
    """Which dead letters, and which page of them."""

    error: ErrorText | None = None
    kind: Code | None = None
    customer: Number | None = Field(default=None, description="Of this customer and their leads.")
    limit: PageSize = 50
    cursor: str | None = None


class TryView(View):
    """One run that failed, or ended well after failures; or what a person did about the job."""

    number: int = Field(description="Which run it was, counted from the last time a person asked.")
    at: str
    took_seconds: float | None = Field(description="Null where its process died.")
    process: str = Field(description="The host and process id; empty where nobody knows.")
    error: str
    title: str = Field(description="The error in plain words.")
    then: tries.Then = Field(description="What followed from it.")
    then_text: str
    next_at: str | None = Field(description="When it is tried again, where that followed.")


class FailedView(View):
    """A dead letter in full; phones in the payload are masked."""

    id: str
    queue: str
    kind: str
    kind_text: str
    attempts: int
    error: str
    title: str = Field(description="The error in plain words.")
    todo: str = Field(description="What a person can do about it.")
    created_at: str
    lead_id: str | None
    payload: Any
    tries: list[TryView] = Field(description="Its story, oldest first; the newest thirty.")


class JobsQuery(FailedQuery):
    """Which jobs, and which page of them."""

    state: stored.State = "failed"


class JobView(FailedView):
    """A job; without an error `title` and `todo` are empty."""

    state: stored.State
    due_at: str
    done_at: str | None


class JobPage(View):
    """Jobs, newest first."""

    items: list[JobView]
    next_cursor: str | None


class FailedPage(View):
    """Dead letters, newest first."""

    items: list[FailedView]
    next_cursor: str | None


class WhichIn(Body):
    """Which rows; nothing given: all. With `count`, only if there are exactly so many."""

    error: ErrorText | None = None
    kind: Code | None = None
    customer: Number | None = None
    count: Count | None = None


class Changed(View):
    """How many rows it was done to."""

    count: int


@routes.get("/queues/{name}/failed", scope=CONSOLE, answers={200: FailedPage})
async def list_failed(call: Call, name: str, query: FailedQuery) -> web.StreamResponse:
    """Dead letters with what they held, what went wrong and how often it was tried.

    Who sees only some dealers sees the dead letters of their leads.
    """
    rows, cursor = await _page(call, name, query, "failed")
    return answer(FailedPage(items=[_failed(call, row) for row in rows], next_cursor=cursor))


@routes.get("/queues/{name}/jobs", scope=CONSOLE, answers={200: JobPage})
async def list_jobs(call: Call, name: str, query: JobsQuery) -> web.StreamResponse:
    """Jobs of any state: what waits its turn or its time, runs, failed, was done or given up.

    `waiting` are those of the scheduled (or ready) that have failed before.
    """
    rows, cursor = await _page(call, name, query, query.state)
    items = [_job(call, row, query.state) for row in rows]
    return answer(JobPage(items=items, next_cursor=cursor))


@routes.post("/queues/{name}/failed/retry", scope="ops", answers={200: Changed})
async def retry_all_failed(call: Call, name: str, body: WhichIn) -> web.StreamResponse:
    """Run all matching dead letters again. 409 when `count` is no longer true."""
    return await _to_all(call, name, body, "retry_all_failed", "failed", stored.retry_all)


@routes.post("/queues/{name}/failed/discard", scope="ops", answers={200: Changed})
async def discard_all_failed(call: Call, name: str, body: WhichIn) -> web.StreamResponse:
    """Give all matching dead letters up for good. 409 when `count` is no longer true."""
    return await _to_all(call, name, body, "discard_all_failed", "failed", stored.discard_all)


@routes.post("/queues/{name}/waiting/run", scope="ops", answers={200: Changed})
async def run_waiting(call: Call, name: str, body: WhichIn) -> web.StreamResponse:
    """Try rows that failed and wait for their next attempt again at once."""
    return await _to_all(call, name, body, "run_waiting", "waiting", stored.run_waiting)


@routes.post("/queues/{name}/failed/{row_id}/retry", scope="ops", answers={204: None})
async def retry_failed(call: Call, name: str, row_id: str) -> web.StreamResponse:
    """Run a dead letter again."""
    return await _to_one(call, name, row_id, "retry_failed", stored.retry)


@routes.delete("/queues/{name}/failed/{row_id}", scope="ops", answers={204: None})
async def discard_failed(call: Call, name: str, row_id: str) -> web.StreamResponse:
    """Give a dead letter up for good."""
    return await _to_one(call, name, row_id, "discard_failed", stored.discard)


async def _page(
    call: Call, name: str, query: FailedQuery, state: stored.State
) -> tuple[list[stored.JobRow], str | None]:
    check_queue(name)
    dealers = (await scope_of(call)).dealer_codes
    letters = Letters(name, query.error, query.kind, dealers, _number(query.customer))
    return await stored.jobs(letters, state, now_ms(call), query.cursor, query.limit)


def _number(customer: str | None) -> int | None:
    return int(customer) if customer else None


async def _to_all(
    call: Call,
    name: str,
    body: WhichIn,
    action: str,
    which: Which,
    change: Callable[[Letters, int], Awaitable[int]],
) -> web.StreamResponse:
    check_queue(name)
    letters = Letters(name, body.error, body.kind, customer_id=_number(body.customer))

    async def work() -> int:
        if body.count is not None and body.count != (there := await stored.count(letters, which)):
            raise Refused(409, "count_changed", f"there are {there} such rows now")
        return await change(letters, now_ms(call))

    count = await audited(
        call, action, name, work, error=body.error, kind=body.kind, customer=body.customer
    )
    await _go_on(call)
    return answer(Changed(count=count))


async def _to_one(
    call: Call,
    name: str,
    row_id: str,
    action: str,
    change: Callable[[str, str, int], Awaitable[bool]],
) -> web.StreamResponse:
    check_queue(name)
    if not await audited(call, action, row_id[:80], lambda: change(name, row_id, now_ms(call))):
        raise NotFound("no such dead letter")
    await _go_on(call)
    return answer()


async def _go_on(call: Call) -> None:
    """What stood still because WeChat refused us is worth another try: a person has acted."""
    await call.deps.wechat.ask_again()
    call.deps.wake()


def _failed(call: Call, row: stored.JobRow) -> FailedView:
    return FailedView(**_told(call, row))


def _job(call: Call, row: stored.JobRow, state: stored.State) -> JobView:
    return JobView(
        **_told(call, row),
        state=state,
        due_at=_moment(row.due_at_ms),
        done_at=_moment(row.done_at_ms) if row.done_at_ms else None,
    )


def _told(call: Call, row: stored.JobRow) -> dict[str, Any]:
    words = explain(row.error, row.channel) if row.error else None
    return {
        "id": row.id,
        "queue": row.queue,
        "kind": row.kind,
        "kind_text": console.word("job", row.kind),
        "attempts": row.attempts,
        "error": mask_in_text(row.error),
        "title": words.title if words else "",
        "todo": words.todo if words else "",
        "created_at": _moment(row.created_at_ms),
        "lead_id": str(row.lead_id) if row.lead_id else None,
        "payload": _payload(call, row),
        "tries": [_try(each, row.channel) for each in row.tries],
    }


def _try(told: dict[str, Any], channel: str) -> TryView:
    took, again = told.get("took_ms"), told.get("next_ms")
    return TryView(
        number=told["number"],
        at=_moment(told["at_ms"]),
        took_seconds=None if took is None else took / 1000,
        process=told.get("process", ""),
        error=mask_in_text(told["error"]),
        title=explain(told["error"], channel).title if told["error"] else "",
        then=told["then"],
        then_text=console.word("then", told["then"]),
        next_at=_moment(again) if again else None,
    )


def _moment(at_ms: int) -> str:
    return iso(datetime.fromtimestamp(at_ms / 1000, UTC))


def _payload(call: Call, row: stored.JobRow) -> Any:
    if row.payload is None:
        return masked_words(row.data)
    try:
        clear = call.deps.phones.open(row.payload)
    except CannotDecrypt:
        return None
    return mask_in_text(clear.decode("utf-8", "replace"))
