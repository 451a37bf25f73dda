"""Live updates: "something of yours changed", never what. The page then asks for what it shows.

A stream begins with a hint, so whoever was away catches up. It ends by itself after a while, and
the browser opens the next one.
"""

import asyncio
import time
from contextlib import suppress

from aiohttp import web

from api.app_parts import STREAMS
from api.auth import authenticate
from api.desk import member_of
from api.errors import Refused
from api.roles import DESK
from api.routing import Call, Routes
from api.scoping import scope_of
from api.streams import LOOK_EVERY_S

routes = Routes("desk")

LIVES_S = 600.0
BEAT_S = 10.0
HINT = b"event: changed\ndata: {}\n\n"
BEAT = b": still here\n\n"
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a proxy in between must not collect
}


@routes.get("/me/stream", scope=DESK, answers={200: None})
async def stream_changes(call: Call) -> web.StreamResponse:
    """Server-sent events `changed`, at most one in two seconds.

    Ask for what the page shows when one comes; one comes at the start too. An open stream holds
    no data: who is signed out is cut off within ten seconds.
    """
    userid = member_of(call).userid
    dealers = (await scope_of(call)).dealer_codes
    streams = call.request.app[STREAMS]
    with streams.opened(userid) as ended:
        seen = await streams.changes(dealers)
        response = web.StreamResponse(headers=_HEADERS)
        with suppress(ConnectionError):  # they may leave at any moment
            await response.prepare(call.request)
            await response.write(b"retry: 3000\n\n" + HINT)
            beat_at, ends_at = time.monotonic() + BEAT_S, time.monotonic() + LIVES_S
            while time.monotonic() < ends_at and not await _wait(ended):
                now = await streams.changes(dealers)
                if now != seen:
                    seen = now
                    await response.write(HINT)
                elif time.monotonic() >= beat_at:
                    if not await _still_signed_in(call):
                        break
                    beat_at = time.monotonic() + BEAT_S
                    await response.write(BEAT)
    return response


async def _wait(ended: asyncio.Event) -> bool:
    """Pause before the next look. True: the stream must end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_EVERY_S):
            await ended.wait()
    return ended.is_set()


async def _still_signed_in(call: Call) -> bool:
    try:
        return await authenticate(call.request) == call.caller
    except Refused:
        return False
