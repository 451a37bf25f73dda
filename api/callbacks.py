"""WeChat's door: reads a callback within its limits and hands it to the gateway.

Answers carry no body unless they are for WeChat: a stranger learns nothing here.
"""

import time
from collections.abc import Awaitable

from aiohttp import web

from api.bodies import CALLBACK_BYTES, BodyTooLarge, BodyTooSlow, read_body
from api.deps import DEPS
from bot.wechat.envelope import NotAuthentic
from db.errors import StorageDown

CHANNELS = ("oa", "wecom")
RETRY_AFTER_S = "1"


def add_callbacks(app: web.Application) -> None:
    """Mount `GET` and `POST /wechat/oa` and `/wechat/wecom`."""
    for channel in CHANNELS:
        door = _Door(channel)
        app.router.add_get(f"/wechat/{channel}", door.verify, allow_head=False)
        app.router.add_post(f"/wechat/{channel}", door.accept)


class _Door:
    """One channel's callback address."""

    def __init__(self, channel: str) -> None:
        self.channel = channel

    async def verify(self, request: web.Request) -> web.Response:
        """WeChat checks that the address is ours; it waits one second at most."""
        gateway = request.app[DEPS].gateway
        return await self._answered(
            request, self._echo(gateway.verify(self.channel, request.query))
        )

    async def accept(self, request: web.Request) -> web.Response:
        """One message or event. 200 only once it can no longer be lost."""
        return await self._answered(request, self._accepted(request))

    async def _echo(self, verified: Awaitable[str]) -> bytes:
        return (await verified).encode()

    async def _accepted(self, request: web.Request) -> bytes:
        deps = request.app[DEPS]
        body = await read_body(request, CALLBACK_BYTES, deps.body_read_s)
        return await deps.gateway.accept(self.channel, request.query, body)

    async def _answered(self, request: web.Request, work: Awaitable[bytes]) -> web.Response:
        started = time.monotonic()
        with request.app[DEPS].spans("callback", channel=self.channel) as span:
            response, result = await _outcome(work)
            span.note(result=result)
        metrics = request.app[DEPS].metrics
        metrics.callback(self.channel, result, time.monotonic() - started)
        return response


async def _outcome(work: Awaitable[bytes]) -> tuple[web.Response, str]:
    """The answer, and how the metrics call it."""
    try:
        content = await work
    except NotAuthentic:
        return web.Response(status=403), "forged"
    except BodyTooLarge:
        return web.Response(status=413), "too_large"
    except BodyTooSlow:
        slow = web.Response(status=408)
        slow.force_close()
        return slow, "too_slow"
    except StorageDown:
        return web.Response(status=503, headers={"Retry-After": RETRY_AFTER_S}), "unavailable"
    kind = "application/xml" if content.startswith(b"<") else "text/plain"
    return web.Response(body=content, content_type=kind, charset="utf-8"), "ok"
