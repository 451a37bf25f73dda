"""WeChat as far as a campaign needs it: takes every message, and remembers who got how many."""

from __future__ import annotations

import sys
from collections import Counter

from aiohttp import web

TOKEN = {"access_token": "stub", "expires_in": 7200}


class Stub:
    """`GET /count` tells how many messages came, to how many people, and the most to anybody."""

    def __init__(self) -> None:
        self._got: Counter[str] = Counter()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._token)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        app.router.add_get("/count", self._count)
        return app

    async def _token(self, request: web.Request) -> web.Response:
        return web.json_response(TOKEN)

    async def _send(self, request: web.Request) -> web.Response:
        message = await request.json()
        self._got[message["touser"]] += 1
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _count(self, request: web.Request) -> web.Response:
        most = max(self._got.values(), default=0)
        found = {"messages": self._got.total(), "people": len(self._got), "most": most}
        return web.json_response(found)


if __name__ == "__main__":
    web.run_app(Stub().application(), host="127.0.0.1", port=int(sys.argv[1]), print=None)
