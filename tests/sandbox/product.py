"""A stand-in for the product: it records callbacks and answers what the test tells it to.

It opens and seals envelopes with wechatpy, not with the sandbox's own code.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import xmltodict
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise import WeChatCrypto as WeComCrypto

Answer = Callable[[dict[str, Any]], Awaitable[web.Response]]


async def nothing(_: dict[str, Any]) -> web.Response:
    return web.Response()


@dataclass
class FakeProduct:
    """`seen` holds every decrypted callback, once for each try."""

    oa: WeChatCrypto
    wecom: WeComCrypto
    answer: Answer = nothing
    seen: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    leads: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/wechat/{app}", self._callback)
        app.router.add_post("/api/v1/leads", self._lead)
        return app

    async def _callback(self, request: web.Request) -> web.Response:
        crypto = self.oa if request.match_info["app"] == "oa" else self.wecom
        query = dict(request.query)
        self.queries.append(query)
        if request.method == "GET":
            return self._echo(request.match_info["app"], query)
        clear = crypto.decrypt_message(
            (await request.read()).decode(),
            query["msg_signature"],
            query["timestamp"],
            query["nonce"],
        )
        message = xmltodict.parse(clear)["xml"]
        self.seen.append(message)
        return await self.answer(message)

    def _echo(self, app: str, query: dict[str, str]) -> web.Response:
        if app == "oa":
            return web.Response(text=query["echostr"])
        echo = self.wecom.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return web.Response(body=echo.encode() if isinstance(echo, str) else echo)

    async def _lead(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/json"
        self.leads.append(await request.json())
        return web.json_response({"lead_id": "1", "outcome": "created"}, status=201)

    def reply(self, message: dict[str, Any], inner: str) -> web.Response:
        """A passive reply: `inner` is everything but the addresses and the time."""
        crypto = self.wecom if "AgentID" in message else self.oa
        xml = (
            f"<xml><ToUserName>{message['FromUserName']}</ToUserName>"
            f"<FromUserName>{message['ToUserName']}</FromUserName>"
            f"<CreateTime>1700000000</CreateTime>{inner}</xml>"
        )
        return web.Response(text=crypto.encrypt_message(xml, "4242", "1700000000"))


def says(product: FakeProduct, words: str) -> Answer:
    """Answer every message with this text."""

    async def answer(message: dict[str, Any]) -> web.Response:
        inner = f"<MsgType>text</MsgType><Content><![CDATA[{words}]]></Content>"
        return product.reply(message, inner)

    return answer


def slow(seconds: float, then: Answer = nothing, times: int = 99) -> Answer:
    """Answer too late the first `times` times."""
    tries = 0

    async def answer(message: dict[str, Any]) -> web.Response:
        nonlocal tries
        tries += 1
        if tries <= times:
            await asyncio.sleep(seconds)
        return await then(message)

    return answer
