"""The live wall: leads of the day, queues, late leads, WeChat and what is wrong, as it changes."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from api.app_parts import WATCH
from api.auth import Caller, authenticate
from api.errors import Refused
from api.fields import iso
from api.processes import FRESH_S, MISSED_S
from api.pulse import LOOK_EVERY_S, Counts, Pulse
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from api.scoping import scope_of
from api.troubles import explain, explain_code
from api.wall_views import (
    AppNow,
    Backlog,
    HistoryView,
    LateDealer,
    Measure,
    ProcessNow,
    QueueNow,
    QuotaLeft,
    Refusal,
    Stopped,
    Today,
    TroubleView,
    Wall,
)
from api.wechat_health import AppHealth, Quota
from bot.wechat.gates import Stop
from db.errors import StorageDown
from db.queries.dead_letters import Trouble
from db.queries.pulse import MEASURES, QueuePulse
from db.queries.scope import RowScope
from db.queue_rows import TABLE_OF
from texts import console

routes = Routes("ops")

OVER = b"event: over\ndata: {}\n\n"
LIVES_S = 600.0
HOURS = 24
SENDS_A_MEMBER = 200
"""WeCom: so many messages a day for each account, all together."""
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a proxy in between must not collect
}


@routes.get("/ops/wall", scope=CONSOLE, answers={200: Wall})
async def get_wall(call: Call) -> web.StreamResponse:
    """How everything stands now; at most a few seconds old."""
    pulse = await call.request.app[WATCH].look()
    return answer(wall_of(pulse, await scope_of(call)))


@routes.get("/ops/stream", scope=CONSOLE, answers={200: None})
async def stream_wall(call: Call) -> web.StreamResponse:
    """Server-sent events `wall`: the whole wall each time, so nobody has to catch up.

    For signed-in staff; programs ask for `/ops/wall`. Ends by itself after ten minutes, and
    with the session: then the last event is `over`.
    """
    if call.caller.member is None:
        raise Refused(403, "staff_only", "this is for signed-in staff")
    watch, scope = call.request.app[WATCH], await scope_of(call)
    with watch.viewing(call.caller.name) as ended:
        response = web.StreamResponse(headers=_HEADERS)
        with suppress(ConnectionError):  # they may leave at any moment
            await response.prepare(call.request)
            await response.write(b"retry: 2000\n\n")
            began, seen = time.monotonic(), 0
            while time.monotonic() < began + LIVES_S and not ended.is_set():
                pulse = await watch.look()
                if pulse.number != seen:
                    seen = pulse.number
                    if not await _still_may(call.request, call.caller):
                        await response.write(OVER)
                        break
                    told = wall_of(pulse, scope).model_dump_json()
                    await response.write(f"event: wall\ndata: {told}\n\n".encode())
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
        processes=_processes(pulse) if scope.dealer_codes is None else [],
        inbox=_backlog(pulse.queues, "inbox"),
        outbox=_backlog(pulse.queues, "outbox"),
        today=Today(**{name: _measure(pulse, name, scope) for name in MEASURES}),
        queues=[_queue(queue) for queue in pulse.queues],
        late=_late(pulse, scope),
        apps=[_app(pulse, each) for each in pulse.apps],
        troubles=[trouble_view(t) for t in pulse.troubles] if scope.dealer_codes is None else [],
        history=HistoryView(
            at=[iso(point.at) for point in history],
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
    def hours(counts: Counts) -> Counter[int]:
        total: Counter[int] = Counter()
        for code, by_hour in counts.get(name, {}).items():
            if scope.covers(code):
                total.update(by_hour)
        return total

    today, day_before = hours(pulse.today), hours(pulse.last_week)
    return Measure(
        now=hours(pulse.newest).total(),
        today=today.total(),
        last_week=hours(pulse.last_week_so_far).total(),
        by_hour=[today[hour] for hour in range(pulse.hour + 1)],
        last_week_by_hour=[day_before[hour] for hour in range(HOURS)],
    )


def _backlog(queues: list[QueuePulse], table: str) -> Backlog:
    of_table = [queue for queue in queues if TABLE_OF[queue.name] == table]
    return Backlog(
        ready=sum(queue.ready for queue in of_table),
        oldest_seconds=max((queue.oldest_ready_seconds for queue in of_table), default=0),
    )


def _processes(pulse: Pulse) -> list[ProcessNow]:
    now = pulse.at.timestamp()
    found = []
    for report in pulse.reports:
        silent_s = max(0.0, now - report.at)
        if not report.ended and silent_s < MISSED_S:
            found.append(
                ProcessNow(
                    id=report.id,
                    duties=list(report.duties),
                    state="ok" if silent_s < FRESH_S else "silent",
                    seen_seconds_ago=round(silent_s, 1),
                    event_loop_lag_ms=round(report.lag_ms, 1),
                )
            )
    return found


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
    heard = pulse.callbacks.get(health.app)
    stopped = [_stopped(health.app, stop) for stop in health.stops]
    worst = max(stopped, key=lambda stop: stop.until, default=None)
    token_at, now = health.token_at, pulse.at.timestamp()
    return AppNow(
        app=health.app,
        title=console.word("app", health.app),
        token_age_seconds=None if token_at is None else max(0.0, now - token_at),
        paused_until=worst.until if worst else None,
        problem=worst.title if worst else None,
        todo=worst.todo if worst else None,
        stopped=stopped,
        quotas=_quotas(pulse, health),
        calls=sum(health.answers.values()),
        refusals=_refusals(health),
        callbacks_per_minute=heard.per_minute if heard else 0,
        last_callback_at=iso(heard.last_at) if heard and heard.last_at else None,
    )


def _stopped(app: str, stop: Stop) -> Stopped:
    words = explain_code(stop.code, app, stop.egress_ip)
    words = words or console.error("Refused", app=app, code=str(stop.code))
    return Stopped(
        api=stop.api,
        errcode=stop.code,
        until=iso(datetime.fromtimestamp(stop.until, UTC)),
        title=words.title,
        todo=words.todo,
    )


def _quotas(pulse: Pulse, health: AppHealth) -> list[QuotaLeft]:
    """What WeChat tells; of WeCom, which tells nothing, what was sent from here."""
    quotas, about = health.quotas, health.app == "wecom"
    if about:
        sent, members = pulse.members_written_to
        quotas = [Quota("message/send", sent, members * SENDS_A_MEMBER)]
    return [
        QuotaLeft(
            api=quota.api,
            title=console.word("api", quota.api),
            used=quota.used,
            limit=quota.limit,
            left=max(0, quota.limit - quota.used),
            about=about,
        )
        for quota in quotas
    ]


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


async def _still_may(request: web.Request, caller: Caller) -> bool:
    """False once the session is over, or somebody else's, or may no longer look."""
    try:
        return await authenticate(request) == caller and caller.may(CONSOLE)
    except Refused:
        return False
    except StorageDown:
        return True  # the wall is what tells of it


async def _pause(ended: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_EVERY_S / 2):
            await ended.wait()
