"""One phone writes a thousand messages in a minute: nobody else notices."""

from __future__ import annotations

import asyncio
import time
from itertools import count

import aiohttp

from benchmarks.wechat import App, callback, text_message
from db.models import InboxMessage
from tests.journeys.conftest import SHARED
from tests.journeys.handoff.conftest import Talk
from tests.journeys.loop import Loop

THOUSAND = 1000
BURSTS = 10
STORED = 30 + 300  # at once, and five minutes' worth
A_MOMENT_S = 2.0
_ids = count(27_000_000_000_000_000)
ACCOUNT = App(
    channel="oa",
    app_id=SHARED["oa_app_id"],
    token=SHARED["oa_token"],
    aes_key=SHARED["oa_aes_key"],
)


async def _flood(http: aiohttp.ClientSession, loop: Loop, openid: str, number: int) -> None:
    """Real encrypted callbacks, as many at once as WeChat would have under way."""
    room = asyncio.Semaphore(20)

    async def one() -> None:
        now = int(loop.clock.now.timestamp())
        clear = text_message(ACCOUNT, openid, next(_ids), "在吗在吗", now)
        target, body = callback(ACCOUNT, clear, now)
        url = f"{loop.leadloop.settings.public_url}{target}"
        async with room, http.post(url, data=body) as answer:
            assert answer.status == 200

    await asyncio.gather(*(one() for _ in range(number)))


async def test_a_thousand_messages_a_minute_disturb_nobody_else(loop: Loop) -> None:
    flooder, others = loop.customer("oFlood"), [loop.customer(f"oOther{n}") for n in range(3)]
    for customer in (flooder, *others):
        await customer.does("follow")
    slowest = 0.0
    async with aiohttp.ClientSession() as http:
        for _ in range(BURSTS):
            flood = asyncio.create_task(_flood(http, loop, flooder.openid, THOUSAND // BURSTS))
            for other in others:
                path, started = f"customers/{other.openid}/text", time.monotonic()
                done = await loop.sandbox("POST", path, {"content": "探岳多少钱"})
                slowest = max(slowest, time.monotonic() - started)
                assert done["delivery"]["result"] == "replied"
                assert "万元" in done["delivery"]["reply"]["Content"]
            await flood
            loop.clock.advance(seconds=6)
    assert slowest < A_MOMENT_S
    said = InboxMessage.filter(sender=flooder.openid)
    assert await said.count() <= STORED + 60 + 1  # a minute went by meanwhile

    assert await said.filter(due_at_ms__gt=loop.clock.ms()).count() > STORED // 2
    await loop.pass_time(seconds=20)
    assert sum(m["channel"] == "custom" for m in await flooder.phone()) <= 5


async def test_an_adviser_is_not_buried_by_one_customer(talk: Talk) -> None:
    await talk.customer.says("人工")
    before = len(await talk.adviser.texts())
    for number in range(40):
        path = f"customers/{talk.customer.openid}/text"
        await talk.loop.sandbox("POST", path, {"content": f"在吗{number}"})
    lead = await talk.loop.send("dcd-9", customer={"phone": "13900139009"})
    await talk.loop.pass_time(seconds=50)

    texts = (await talk.adviser.texts())[before:]
    assert sum("在吗" in text for text in texts) <= 15
    assert sum("连发很多条" in text for text in texts) <= 2
    holder = talk.loop.member(await talk.loop.holder(lead["lead_id"]))
    assert await holder.cards("lead")
    said = [line["data"]["text"] for line in await talk.told("message_in")]
    assert len(said) == 41
