"""A small WeChat on 127.0.0.1 that counts what it is asked and answers what it is told to."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = dict[str, Any] | web.Response | Callable[[], Any]
TOKEN_APIS = ("cgi-bin/stable_token", "cgi-bin/gettoken")


@dataclass(frozen=True)
class Seen:
    """One request as the server saw it."""

    method: str
    api: str
    query: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeWeChat:
    """Gives out tokens T1, T2, … and knows which are good; answers of an API come from `says`."""

    base: str = ""
    seen: list[Seen] = field(default_factory=list)
    expires_in: int = 7200
    token_delay_s: float = 0.0
    good_tokens: set[str] = field(default_factory=set)
    refuses_all_tokens: bool = False
    scripts: dict[str, list[Answer]] = field(default_factory=dict)
    fetches: int = 0

    @property
    def calls(self) -> Counter[str]:
        """How often each API was asked."""
        return Counter(request.api for request in self.seen)

    def says(self, api: str, *answers: Answer) -> None:
        """Answer `api` with these, one after another; the last one stays."""
        self.scripts[api] = list(answers)

    def revoke(self) -> None:
        """No token given out so far is good any more."""
        self.good_tokens.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        api = request.path.removeprefix("/base/")
        self.seen.append(Seen(request.method, api, dict(request.query), await request.read()))
        if api in TOKEN_APIS and api not in self.scripts:
            return web.json_response(await self._new_token())
        if api not in TOKEN_APIS and not self._is_good(request.query.get("access_token")):
            return web.json_response({"errcode": 40014, "errmsg": "invalid access_token"})
        return await self._scripted(api)

    def _is_good(self, token: str | None) -> bool:
        if token is None:  # OAuth's exchange has its own credentials
            return True
        return token in self.good_tokens and not self.refuses_all_tokens

    async def _new_token(self) -> dict[str, Any]:
        self.fetches += 1
        token = f"T{self.fetches}"
        await asyncio.sleep(self.token_delay_s)
        self.good_tokens.add(token)
        return {"access_token": token, "expires_in": self.expires_in}

    async def _scripted(self, api: str) -> web.StreamResponse:
        script = self.scripts.get(api, [{"errcode": 0, "errmsg": "ok"}])
        answer = script.pop(0) if len(script) > 1 else script[0]
        if callable(answer):
            answer = await answer()
        if isinstance(answer, dict):
            return web.json_response(answer)
        return web.Response(body=answer.body, status=answer.status, headers=dict(answer.headers))


async def start_fake_wechat() -> tuple[FakeWeChat, TestServer]:
    """Start one on a free port; close the server when done."""
    wechat = FakeWeChat()
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", wechat.answer)
    server = TestServer(app)
    await server.start_server()
    wechat.base = str(server.make_url("/base"))
    return wechat, server
