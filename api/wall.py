"""The live wall: leads of the day, queues, late leads, WeChat and what is wrong, as it changes."""

import asyncio
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import Field

from api.app_parts import WATCH
from api.auth import Caller, authenticate, check_scope
from api.errors import Refused
from api.fields import View, iso
from api.pulse import LOOK_EVERY_S, MEASURES, Pulse
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from api.scoping import scope_of
from api.troubles import explain, explain_code
from api.wechat_health import AppHealth
from db.errors import StorageDown
from db.queries.dead_letters import Trouble
from db.queries.pulse import QueuePulse
from db.queries.scope import RowScope
from texts import console

routes = Routes("ops")

LIVES_S = 600.0
CHECK_EVERY_S = 10.0
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a proxy in between must not collect
}


class Measure(View):
    """A number of today, and of the same day a week ago up to the same hour."""

    today: int
    last_week: int


class Today(View):
    """Since midnight: leads opened, cards that reached an adviser, first contacts."""

    leads: Measure
    pushed: Measure
    answered: Measure


class QueueNow(View):
    """One queue. Rates are rows of the last minute."""

    name: str
    title: str
    ready: int
    scheduled: int
    active: int
    failed: int
    oldest_ready_seconds: float
    in_per_minute: int
    out_per_minute: int
    paused: bool


class LateDealer(View):
    """A dealer with leads whose first contact is overdue."""

    region_code: str
    region: str
    dealer_code: str
    dealer: str
    count: int
    oldest_due_at: str


class AppNow(View):
    """One WeChat app as this process knows it; callbacks are those of every process."""

    app: str
    title: str
    token_age_seconds: float | None
    paused_until: str | None
    problem: str | None = Field(description="Why no calls are made now.")
    todo: str | None
    calls: int = Field(description="Of the last hour.")
    refusals: list["Refusal"]
    callbacks_per_minute: int
    last_callback_at: str | None


class Refusal(View):
    """An errcode of the last hour; `title` where a person can do something."""

    errcode: str
    count: int
    title: str | None


class TroubleView(View):
    """Rows of a queue with the same error: dead (`failed`), or waiting for another try."""

    queue: str
    queue_title: str
    kind: str
    kind_text: str
    error: str
    title: str
    todo: str
    failed: int
    waiting: int


class HistoryView(View):
    """All queues together over the last looks, oldest first."""

    ready: list[int]
    failed: list[int]
    came: list[int]
    left: list[int]


class Wall(View):
    """Everything at one moment. `troubles` only for who sees every dealer."""

    number: int
    at: str
    database: str
    redis: str
    event_loop_lag_ms: float
    today: Today
    queues: list[QueueNow]
    late: list[LateDealer]
    apps: list[AppNow]
    troubles: list[TroubleView]
    history: HistoryView


@routes.get("/ops/wall", scope=CONSOLE, answers={200: Wall})
async def get_wall(call: Call) -> web.StreamResponse:
    """How everything stands now; at most a few seconds old."""
    pulse = await call.request.app[WATCH].look()
    return answer(wall_of(pulse, await scope_of(call)))


@routes.get("/ops/stream", scope=CONSOLE, answers={200: None})
async def stream_wall(call: Call) -> web.StreamResponse:
    """Server-sent events `wall`: the whole wall each time, so nobody has to catch up.

    For signed-in staff; programs ask for `/ops/wall`. Ends by itself after ten minutes, and ten
    seconds after the session does.
    """
    if call.caller.member is None:
        raise Refused(403, "staff_only", "this is for signed-in staff")
    watch, scope = call.request.app[WATCH], await scope_of(call)
    with watch.viewing(call.caller.name) as ended:
        response = web.StreamResponse(headers=_HEADERS)
        await response.prepare(call.request)
        with suppress(ConnectionError, Refused):
            await response.write(b"retry: 2000\n\n")
            began, seen = time.monotonic(), 0
            check_at = began + CHECK_EVERY_S
            while time.monotonic() < began + LIVES_S and not ended.is_set():
                pulse = await watch.look()
                if pulse.number != seen:
                    seen = pulse.number
                    told = wall_of(pulse, scope).model_dump_json()
                    await response.write(f"event: wall\ndata: {told}\n\n".encode())
                if time.monotonic() >= check_at:
                    check_at = time.monotonic() + CHECK_EVERY_S
                    with suppress(StorageDown):  # the wall is what tells of it
                        await _still_may(call.request, call.caller)
                await _pause(ended)
    return response


def wall_of(pulse: Pulse, scope: RowScope) -> Wall:
    """The part of a look that these rows allow."""
    history = pulse.history
    return Wall(
        number=pulse.number,
        at=iso(pulse.at),
        database=pulse.database,
        redis=pulse.redis,
        event_loop_lag_ms=round(pulse.lag_ms, 1),
        today=Today(**{name: _measure(pulse, name, scope) for name in MEASURES}),
        queues=[_queue(queue) for queue in pulse.queues],
        late=_late(pulse, scope),
        apps=[_app(pulse, each) for each in pulse.apps],
        troubles=[trouble_view(t) for t in pulse.troubles] if scope.dealer_codes is None else [],
        history=HistoryView(
            ready=[point.ready for point in history],
            failed=[point.failed for point in history],
            came=[point.came for point in history],
            left=[point.left for point in history],
        ),
    )


def trouble_view(trouble: Trouble) -> TroubleView:
    """A trouble in plain words."""
    words = explain(trouble.error, trouble.channel)
    return TroubleView(
        queue=trouble.queue,
        queue_title=console.word("queue", trouble.queue),
        kind=trouble.kind,
        kind_text=console.word("job", trouble.kind),
        error=trouble.error,
        title=words.title,
        todo=words.todo,
        failed=trouble.failed,
        waiting=trouble.waiting,
    )


def _measure(pulse: Pulse, name: str, scope: RowScope) -> Measure:
    def total(counts: dict[str, int]) -> int:
        return sum(n for code, n in counts.items() if scope.covers(code))

    return Measure(
        today=total(pulse.today.get(name, {})), last_week=total(pulse.last_week.get(name, {}))
    )


def _queue(queue: QueuePulse) -> QueueNow:
    columns: dict[str, Any] = asdict(queue)
    return QueueNow(title=console.word("queue", queue.name), **columns)


def _late(pulse: Pulse, scope: RowScope) -> list[LateDealer]:
    found = []
    for late in pulse.late:
        if scope.covers(late.dealer_code):
            known = pulse.names.get(late.dealer_code)
            found.append(
                LateDealer(
                    region_code=known.region_code if known else "",
                    region=known.region if known else "",
                    dealer_code=late.dealer_code,
                    dealer=known.name if known else late.dealer_code,
                    count=late.count,
                    oldest_due_at=iso(late.oldest_due_at),
                )
            )
    return found


def _app(pulse: Pulse, health: AppHealth) -> AppNow:
    heard, token = pulse.callbacks.get(health.app), health.token
    error = token.last_error if token.paused_until else None
    words = explain_code(error, health.app, token.egress_ip) if error is not None else None
    if error is not None and words is None:
        words = console.error("Refused", app=health.app, code=str(error))
    return AppNow(
        app=health.app,
        title=console.word("app", health.app),
        token_age_seconds=token.age_s,
        paused_until=iso(token.paused_until) if token.paused_until else None,
        problem=words.title if words else None,
        todo=words.todo if words else None,
        calls=sum(health.answers.values()),
        refusals=_refusals(health),
        callbacks_per_minute=heard.per_minute if heard else 0,
        last_callback_at=iso(heard.last_at) if heard and heard.last_at else None,
    )


def _refusals(health: AppHealth) -> list[Refusal]:
    found = []
    for errcode, count in sorted(health.answers.items()):
        number = errcode.removeprefix("-")
        known = number.isascii() and number.isdigit()
        words = explain_code(int(errcode), health.app) if known else None
        if errcode != "0":
            title = words.title if words else None
            found.append(Refusal(errcode=errcode, count=count, title=title))
    return found


async def _still_may(request: web.Request, caller: Caller) -> None:
    """Raise `Refused` once the session is over, or somebody else's, or may no longer look."""
    now = await authenticate(request)
    check_scope(now, CONSOLE)
    if now != caller:
        raise Refused(401, "unauthenticated", "sign in again")


async def _pause(ended: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_EVERY_S / 2):
            await ended.wait()
