"""Connections cannot lead inside, whatever an address says and whenever a name changes."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from webhooks.guard import guarded_session, was_forbidden


class Inside:
    """A server on this machine that must not be reached."""

    def __init__(self) -> None:
        self.reached = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.reached += 1
        return web.Response()


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
async def port(inside: Inside) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_route("*", "/", inside.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield server.port


class Rebinding(AbstractResolver):
    """Says something harmless to whoever asks first, and this machine to whoever connects."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        address = "8.8.8.8" if self.asked == 1 else "127.0.0.1"
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        return


async def refused(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.post(url, data=b"{}"):
            return False
    except aiohttp.InvalidURL:  # aiohttp itself takes no number for an address
        return True
    except aiohttp.ClientError as error:
        return was_forbidden(error)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::ffff:127.0.0.1]"],
)
async def test_this_machine_is_refused_by_whatever_name(
    inside: Inside, port: int, host: str
) -> None:
    async with guarded_session(allow_private=False, timeout_s=2) as session:
        assert await refused(session, f"http://{host}:{port}/")
    assert inside.reached == 0


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "192.168.1.1", "[fe80::1]"])
async def test_networks_inside_are_refused_before_anything_is_sent(host: str) -> None:
    async with guarded_session(allow_private=False, timeout_s=2) as session:
        assert await refused(session, f"http://{host}/latest/meta-data")


async def test_a_name_that_changes_its_meaning_gains_nothing(inside: Inside, port: int) -> None:
    resolver = Rebinding()
    await resolver.resolve("rebind.example.com")  # whoever checks beforehand sees 8.8.8.8
    async with guarded_session(allow_private=False, timeout_s=2, resolver=resolver) as session:
        assert await refused(session, f"http://rebind.example.com:{port}/")
    assert resolver.asked == 2
    assert inside.reached == 0


async def test_where_it_is_allowed_this_machine_is_reached(inside: Inside, port: int) -> None:
    async with (
        guarded_session(allow_private=True, timeout_s=2) as session,
        session.post(f"http://127.0.0.1:{port}/") as answer,
    ):
        assert answer.status == 200
    assert inside.reached == 1
