"""The doorway of every platform API: method, token, frequency, body; faults; counting."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.errors import Refused
from sandbox.faults import Fault
from sandbox.world import World

WORLD: web.AppKey[World] = web.AppKey("world", World)
MAX_BODY = 4 * 1024 * 1024
OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
HTML_PAGE = "<html><body>502 Bad Gateway</body></html>"


@dataclass(slots=True)
class Call:
    """One API call that passed the doorway."""

    world: World
    request: web.Request
    query: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> float:
        return self.world.now()


Answer = dict[str, Any] | web.StreamResponse
Function = Callable[[Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Api:
    """One API of one app. `kind` json reads the body as JSON; form leaves it to the function."""

    app: str
    method: str
    path: str
    function: Function
    token: bool = True
    kind: str = "json"
    content_type: str = "application/json; encoding=utf-8"

    @property
    def name(self) -> str:
        """As faults and counters call it, e.g. `wecom:message/send`."""
        return f"{self.app}:{self.path}"


def routes(apis: Iterable[Api]) -> list[web.RouteDef]:
    """Serve each under /cgi-bin/ (sns/… as it is); a shared path is told apart by its token."""
    by_path: dict[str, dict[str, Api]] = {}
    for api in apis:
        by_path.setdefault(api.path, {})[api.app] = api
    return [
        web.route("*", f"/{path}" if path.startswith("sns/") else f"/cgi-bin/{path}", _door(ways))
        for path, ways in by_path.items()
    ]


def _door(ways: dict[str, Api]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        world = request.app[WORLD]
        app = world.tokens.app_of(request.query.get("access_token", ""))
        api = ways.get(app or "") or next(iter(ways.values()))
        fault = world.faults.take(api.name)
        if fault is not None and fault.kind != "lost_answer":
            broken = await _suffer(request, api, fault)
            if broken is not None:
                return broken
        response = await _answer(request, api)
        if fault is not None and fault.kind == "lost_answer":
            world.counters.add(api.name, "lost_answer")
            return _hang_up(request)
        return response

    return serve


async def _suffer(request: web.Request, api: Api, fault: Fault) -> web.Response | None:
    """Play a fault that comes before the call is looked at; None lets it pass after a delay."""
    world = request.app[WORLD]
    if fault.kind == "delay":
        await world.stream.pause(fault.seconds)
        return None
    name = str(fault.errcode) if fault.kind == "errcode" else fault.kind
    world.counters.add(api.name, name)
    if fault.kind == "errcode":
        return _json(api, Refused(fault.errcode).body)
    if fault.kind == "http_500":
        return web.Response(status=500, text="Internal Server Error")
    if fault.kind == "html":
        return web.Response(text=HTML_PAGE, content_type="text/html")
    await world.stream.pause(fault.seconds)
    return _hang_up(request)


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _answer(request: web.Request, api: Api) -> web.StreamResponse:
    world = request.app[WORLD]
    try:
        call = await _admit(request, api)
        answer = api.function(call)
        if inspect.isawaitable(answer):
            answer = await answer
    except Refused as refusal:
        answer = refusal.body
    if isinstance(answer, web.StreamResponse):
        world.counters.add(api.name, "0")
        return answer
    world.counters.add(api.name, str(answer.get("errcode", 0)))
    return _json(api, answer)


async def _admit(request: web.Request, api: Api) -> Call:
    """All checks that do not depend on the API. Raises Refused."""
    world = request.app[WORLD]
    if request.method != api.method:
        raise Refused(43001 if api.method == "GET" else 43002)
    if api.token:
        world.tokens.check(request.query.get("access_token", ""), api.app, world.now())
    if world.counters.add_in_minute(api.name, world.now()) > world.config.calls_per_minute:
        raise Refused(45009 if api.app == "wecom" else 45011)
    call = Call(world, request, request.query)
    if api.method == "POST" and api.kind == "json":
        call.body = _parse(await _read(request))
    return call


async def _read(request: web.Request) -> bytes:
    async with asyncio.timeout(30):
        return await request.read()


def _parse(raw: bytes) -> dict[str, Any]:
    if not raw:
        raise Refused(44002)
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Refused(47001) from error
    if not isinstance(body, dict):
        raise Refused(47001)
    return body


def _json(api: Api, body: dict[str, Any]) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(body=text.encode(), headers={"Content-Type": api.content_type})
