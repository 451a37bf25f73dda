"""A language model thinks for long: the customer is answered once all the same, others at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.journeys.customer.conftest import Visitor, follow
from tests.journeys.handoff.conftest import restarted

UNCLEAR = "火星上能开不"


@dataclass
class Model:
    """An endpoint that takes its time, and what it was asked."""

    seconds: float
    answer: str = '{"intent": "ask_price", "models": ["talagon"]}'
    asked: list[str] = field(default_factory=list)

    async def complete(self, request: web.Request) -> web.Response:
        self.asked.append((await request.json())["messages"][-1]["content"])
        await asyncio.sleep(self.seconds)
        return web.json_response({"choices": [{"message": {"content": self.answer}}]})


@asynccontextmanager
async def beside(visitor: Visitor, model: Model, timeout_s: float = 10) -> AsyncIterator[None]:
    """The system with that model."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.complete)
    server = TestServer(app)
    await server.start_server()
    settings = {
        "llm_base_url": str(server.make_url("/v1")),
        "llm_model": "m",
        "llm_timeout_s": timeout_s,
    }
    try:
        async with restarted(visitor.loop, **settings):
            yield
    finally:
        await server.close()


async def _writes(visitor: Visitor, words: str, copies: int = 1) -> str:
    """What came of the callback, without waiting for what follows."""
    path = f"customers/{visitor.customer.openid}/text"
    done = await visitor.loop.sandbox("POST", path, {"content": words, "copies": copies})
    return str(done["delivery"]["result"])


async def _answered_once(visitor: Visitor, model: Model, within_s: float) -> None:
    before = len(await visitor.customer.phone())
    started = time.monotonic()
    assert await _writes(visitor, UNCLEAR, copies=3) == "accepted"
    assert time.monotonic() - started < within_s
    await visitor.loop.settle()
    await visitor.loop.pass_time(minutes=10)
    late = (await visitor.customer.phone())[before:]
    assert [m["channel"] for m in late] == ["custom"]
    assert "揽境指导价" in (await visitor.customer.heard())[-1]
    assert model.asked == [UNCLEAR]


async def test_it_comes_later_and_once_and_keeps_nobody_waiting(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.ANSWER_WITHIN_S", 0.3)  # nobody waits three seconds here
    model = Model(seconds=0.8)
    others = [await follow(visitor.loop, f"oOther{n}") for n in range(10)]
    async with beside(visitor, model):
        slow = [asyncio.create_task(_writes(other, UNCLEAR)) for other in others[1:]]
        await asyncio.sleep(0.1)
        assert await _writes(others[0], "探岳多少钱") == "replied"
        await asyncio.gather(*slow)
        model.asked.clear()
        await _answered_once(visitor, model, within_s=0.8)


@pytest.mark.faults
@pytest.mark.timeout(90)
async def test_ten_seconds_of_thought(visitor: Visitor) -> None:
    """As it is delivered: three seconds for the callback, ten for the model."""
    model = Model(seconds=9.5)
    async with beside(visitor, model):
        await _answered_once(visitor, model, within_s=4.5)


@pytest.mark.parametrize(
    "answer",
    [
        "not json",
        '{"intent": "opt_out"}',
        '{"intent": "ask_price", "models": ["ferrari"]}',
        '{"intent": "ask_price", "price": 1}',
    ],
)
async def test_nonsense_of_the_model_is_no_answer(visitor: Visitor, answer: str) -> None:
    async with beside(visitor, Model(0, answer)):
        await visitor.says(UNCLEAR, "这个我还不会回答")


async def test_who_never_answers_is_not_waited_for(visitor: Visitor) -> None:
    model = Model(seconds=5)
    async with beside(visitor, model, timeout_s=0.2):
        await visitor.says(UNCLEAR, "这个我还不会回答")
        await visitor.says("探岳多少钱", "探岳指导价")
        await visitor.says("人工", "哪个城市")
        assert len(model.asked) == 1  # what the grammar can read is not asked about
