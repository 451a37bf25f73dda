"""The optional language model is used when it answers well, and never waited for."""

import asyncio
import json
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.understanding.adviser import understand_adviser
from bot.understanding.catalogue import load_catalogue
from bot.understanding.llm import Endpoint, LanguageModel, masked

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "demo" / "models.toml")
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
NOTE = "张先生 13800138000 约周六看探岳"


def completion(content):
    return web.json_response({"choices": [{"message": {"content": content}}]})


@pytest.fixture
async def ask(aiohttp_server):
    """Ask a model whose server answers with `reply`; returns the answer and what was sent."""

    async def ask_with(reply):
        sent = []

        async def complete(request):
            sent.append(await request.text())
            return await reply()

        app = web.Application()
        app.router.add_post("/v1/chat/completions", complete)
        server = await aiohttp_server(app)
        endpoint = Endpoint(f"http://127.0.0.1:{server.port}/v1", "key", "model", timeout_s=0.2)
        async with aiohttp.ClientSession() as session:
            model = LanguageModel(session, endpoint)
            return await model.understand_adviser(NOTE, MONDAY, CATALOGUE), sent

    return ask_with


async def test_a_fitting_answer_is_used_and_keeps_the_lead(ask):
    async def good():
        return completion(json.dumps({"result": "visited", "level": "H", "models": ["cc"]}))

    understood, _ = await ask(good)
    assert understood.label == "visited"
    assert understood.slots == {"level": "H", "models": ["cc"], "lead_ref": "8000"}


async def test_no_phone_number_is_sent(ask):
    async def good():
        return completion('{"result": "note"}')

    _, sent = await ask(good)
    assert "13800138000" not in sent[0]
    assert masked("打 138 0013 8000") == "打 ***********"


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "{}",
        '{"result": "sold"}',
        '{"result": "note", "models": ["rocket"]}',
        '{"result": "note", "x": 1}',
        7,
    ],
)
async def test_an_answer_that_does_not_fit_is_ignored(ask, content):
    async def garbage():
        return completion(content)

    understood, _ = await ask(garbage)
    assert understood == understand_adviser(NOTE, MONDAY, CATALOGUE)


@pytest.mark.parametrize("status", [401, 500])
async def test_a_refusing_server_is_ignored(ask, status):
    async def refuse():
        return web.Response(status=status)

    understood, _ = await ask(refuse)
    assert understood == understand_adviser(NOTE, MONDAY, CATALOGUE)


async def test_a_slow_server_is_not_waited_for(ask):
    async def slow():
        await asyncio.sleep(5)
        return completion('{"result": "delivered"}')

    understood, _ = await asyncio.wait_for(ask(slow), timeout=3)
    assert understood == understand_adviser(NOTE, MONDAY, CATALOGUE)
