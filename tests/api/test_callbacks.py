"""WeChat's door, with a gateway that plays its part."""

from __future__ import annotations

import asyncio
import io

import pytest

from tests.api.conftest import Api

GENUINE = {"signature": "genuine", "echostr": "4375120948345356249"}


@pytest.mark.parametrize("channel", ["oa", "wecom"])
async def test_url_verification_echoes_what_wechat_sent(api_on_sqlite: Api, channel: str) -> None:
    async with api_on_sqlite.http.get(f"/wechat/{channel}", params=GENUINE) as response:
        assert response.status == 200
        assert await response.read() == GENUINE["echostr"].encode()


async def test_a_genuine_message_reaches_the_gateway_byte_for_byte(api_on_sqlite: Api) -> None:
    body = b"<xml>\x00\xff</xml>"
    async with api_on_sqlite.http.post("/wechat/oa", params=GENUINE, data=body) as response:
        assert (response.status, await response.read()) == (200, b"success")

    assert api_on_sqlite.gateway.taken == [("oa", GENUINE, body)]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_not_authentic_gets_403_and_no_word(api_on_sqlite: Api, method: str) -> None:
    async with api_on_sqlite.http.request(method, "/wechat/oa", data=b"<xml/>") as response:
        assert (response.status, await response.read()) == (403, b"")


async def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_413(api_on_sqlite: Api) -> None:
    for size, expected in ((64 * 1024, 200), (64 * 1024 + 1, 413)):
        async with api_on_sqlite.http.post(
            "/wechat/wecom", params=GENUINE, data=io.BytesIO(b"x" * size)
        ) as response:
            assert response.status == expected
            assert expected == 200 or await response.read() == b""


async def test_a_slow_body_is_cut_off(api_on_sqlite: Api) -> None:
    server = api_on_sqlite.http.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"POST /wechat/oa HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>")

    answer = await asyncio.wait_for(reader.readline(), 3)

    assert b" 408 " in answer
    assert api_on_sqlite.gateway.taken == []
    writer.close()


async def test_what_cannot_be_stored_is_503_so_that_wechat_sends_again(
    api_on_sqlite: Api,
) -> None:
    api_on_sqlite.gateway.storage_down = True
    async with api_on_sqlite.http.post("/wechat/oa", params=GENUINE, data=b"<xml/>") as response:
        assert (response.status, await response.read()) == (503, b"")
        assert response.headers["Retry-After"]


async def test_callbacks_are_counted_by_channel_and_result(api_on_sqlite: Api) -> None:
    await api_on_sqlite.http.post("/wechat/oa", params=GENUINE, data=b"<xml/>")
    await api_on_sqlite.http.post("/wechat/oa", data=b"<xml/>")

    async with api_on_sqlite.http.get("/metrics") as response:
        text = await response.text()

    assert 'leadloop_callbacks_total{channel="oa",result="ok"} 1.0' in text
    assert 'leadloop_callbacks_total{channel="oa",result="forged"} 1.0' in text
    assert 'leadloop_callback_seconds_count{channel="oa"} 2.0' in text
