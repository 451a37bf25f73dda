"""An adviser speaks: as good as writing where it can be made out, kept and said where not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.journeys.conftest import Start
from tests.journeys.loop import Loop, Member


@dataclass
class Endpoint:
    """A speech-to-text server that hears what it is told to."""

    answer: object = field(default_factory=dict)
    status: int = 200
    slow: asyncio.Event | None = None
    got: list[tuple[str, bytes, str]] = field(default_factory=list)

    async def transcribe(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        key = request.headers.get("Authorization", "")
        with file.file as content:
            self.got.append((file.filename, content.read(), key))
        if self.slow:
            await self.slow.wait()
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    stand_in = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", stand_in.transcribe)
    server = TestServer(app)
    await server.start_server()
    stand_in.url = str(server.make_url("/v1/audio/transcriptions"))
    yield stand_in
    if stand_in.slow:
        stand_in.slow.set()
    await server.close()


@pytest.fixture
async def hearing(organised_sqlite: str, start: Start, endpoint: Endpoint) -> Loop:
    """The system with ears, which listen for half a second at most."""
    return await start(
        organised_sqlite, stt_url=endpoint.url, stt_api_key="sk-ears", stt_timeout_s=0.5
    )


async def _lead(loop: Loop) -> tuple[str, Member]:
    lead_id = (await loop.send())["lead_id"]
    member = loop.member(await loop.holder(lead_id))
    await (await member.card("lead")).press("接单")
    return lead_id, member


async def _speaks(member: Member) -> str:
    heard = len(await member.phone())
    await member.loop.sandbox("POST", f"staff/{member.userid}/voice", {})
    await member.loop.settle()
    return await member.answer_since(heard)


async def test_what_is_heard_is_a_sentence(hearing: Loop, endpoint: Endpoint) -> None:
    lead_id, member = await _lead(hearing)
    endpoint.answer = {"text": "约了周六下午三点到店。"}

    said = await _speaks(member)

    assert "约到店" in said
    assert "约了周六下午三点" in said, "what was heard can be checked"
    assert endpoint.got == [("voice.amr", b"#!AMR\n", "Bearer sk-ears")]
    data = [x["data"] for x in await hearing.timeline(lead_id) if x["kind"] == "follow_up"][-1]
    assert data["appointment_at"].startswith("2026-11-28T15:00")


async def test_a_command_may_be_spoken(hearing: Loop, endpoint: Endpoint) -> None:
    _, member = await _lead(hearing)
    endpoint.answer = {"text": "待办。"}

    assert "待办 1 条" in await _speaks(member)


@pytest.mark.parametrize(
    ("answer", "status"), [({"text": " "}, 200), ({"oops": 1}, 200), ([], 200), ({}, 500)]
)
async def test_what_is_not_heard_is_kept_and_said(
    hearing: Loop, endpoint: Endpoint, answer: object, status: int
) -> None:
    lead_id, member = await _lead(hearing)
    endpoint.answer, endpoint.status = answer, status

    said = await _speaks(member)

    assert "没听清" in said
    assert f"#{lead_id}" in said
    kinds = await hearing.kinds(lead_id)
    assert (kinds.count("voice_note"), kinds.count("follow_up")) == (1, 0)


async def test_an_endpoint_that_hangs_holds_nobody_up(hearing: Loop, endpoint: Endpoint) -> None:
    _, member = await _lead(hearing)
    endpoint.slow = asyncio.Event()

    assert "没听清" in await _speaks(member)


async def test_without_an_endpoint_the_adviser_is_told(loop: Loop) -> None:
    lead_id, member = await _lead(loop)

    said = await _speaks(member)

    assert "不能识别" in said
    assert "voice_note" in await loop.kinds(lead_id)
