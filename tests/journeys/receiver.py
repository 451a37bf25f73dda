"""Another program that takes webhooks, as it may be: strict, slow, broken or gone."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.journeys.loop import Loop

Behaviour = Callable[[], Awaitable[web.Response]]
Receivers = Callable[..., Awaitable["Receiver"]]


async def _takes() -> web.Response:
    return web.Response(status=204)


def answers(status: int, **headers: str) -> Behaviour:
    """A receiver that always says this."""

    async def answer() -> web.Response:
        return web.Response(status=status, headers=headers)

    return answer


class Receiver:
    """Keeps every request it got; `behaves` is what it does with the next ones."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.behaves: Behaviour = _takes
        self.webhook: dict[str, Any] = {}
        app = web.Application()
        app.router.add_post("/in", self._hear)
        self.server = TestServer(app, host="127.0.0.1")

    async def _hear(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((headers, await request.read()))
        return await self.behaves()

    @property
    def url(self) -> str:
        return str(self.server.make_url("/in"))

    async def subscribe(self, **wanted: Any) -> None:
        """Ask to be told."""
        body = {"name": "CRM", "url": self.url, **wanted}
        self.webhook = await self.loop.api("POST", "webhooks", body)

    @property
    def id(self) -> str:
        return str(self.webhook["id"])

    async def now(self) -> dict[str, Any]:
        """The webhook as the API shows it."""
        return await self.loop.api("GET", f"webhooks/{self.id}")

    async def post(self, path: str, body: Any = None) -> Any:
        """One order about the webhook, and everything that follows."""
        done = await self.loop.api("POST", f"webhooks/{self.id}/{path}", body)
        await self.loop.settle()
        return done

    async def deliveries(self) -> list[dict[str, Any]]:
        return (await self.loop.api("GET", f"webhooks/{self.id}/deliveries", limit="200"))["items"]

    def events(self) -> list[dict[str, Any]]:
        """The bodies, in the order they came."""
        return [json.loads(body) for _, body in self.requests]

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events()]

    def times(self) -> Counter[str]:
        """How often each event id came."""
        return Counter(headers["webhook-id"] for headers, _ in self.requests)

    def trusts(self, secret: str, number: int = -1) -> bool:
        """Whether a request bears a signature by this secret; worked out by hand."""
        headers, body = self.requests[number]
        key = b64decode(secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return f"v1,{mac}" in headers["webhook-signature"].split(" ")


async def until(true: Callable[[], bool], within_s: float = 5.0) -> None:
    """Wait until something outside has happened."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110  # no event tells of another program
            await asyncio.sleep(0.003)
