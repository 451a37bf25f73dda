"""The official account's door: answered in the callback, once, in order, or not let in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientSession

from db.models import InboxMessage
from sandbox.line import lines_of
from tests.journeys.conftest import a_sandbox_config
from tests.journeys.loop import Loop


async def test_following_scanning_and_writing_are_answered_in_the_callback(loop: Loop) -> None:
    lei = loop.customer()
    for done in (
        await lei.does("follow", scene="CC01"),
        await lei.does("scan", scene="CC01"),
        await lei.does("text", content="探岳多少钱"),
        await lei.does("location", city="长春"),
    ):
        assert (done["result"], len(done["attempts"])) == ("replied", 1)
        assert done["reply"]["Content"]
    assert {m["channel"] for m in await lei.phone()} == {"passive"}
    assert await loop.calls("oa:message/custom/send") == {}


async def test_the_same_message_three_times_at_once_is_handled_and_answered_once(
    loop: Loop,
) -> None:
    lei = loop.customer()
    await lei.does("follow")
    lead_id = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    answers = len(await lei.phone())
    await lei.does("text", content="探岳多少钱", copies=3)
    await loop.pass_time(minutes=1)
    assert (await loop.kinds(lead_id)).count("message_in") == 1
    assert len(await lei.phone()) == answers + 1


async def test_a_lost_answer_is_given_again(loop: Loop) -> None:
    """The platform did not hear the answer and asks once more: the same words, not a second."""
    lei = loop.customer()
    await lei.does("follow")
    answers = len(await lei.phone())
    await loop.fault("callback:oa", "lost_answer", times=1)
    done = await lei.does("text", content="探岳多少钱")
    assert (done["result"], len(done["attempts"])) == ("replied", 2)
    await loop.pass_time(minutes=1)
    assert len(await lei.phone()) == answers + 1


async def test_every_message_is_on_the_timeline_of_each_lead(loop: Loop) -> None:
    lei = loop.customer()
    await lei.does("follow")
    one = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    two = (await loop.send("dcd-2", intent={"dealer_code": "CC02"}))["lead_id"]
    await lei.says("探岳多少钱，我电话13900139000")
    for lead_id in (one, two):
        said = [x for x in await loop.timeline(lead_id) if x["kind"] == "message_in"]
        assert len(said) == 1
        assert "探岳多少钱" in said[0]["data"]["text"]
        assert "13900139000" not in str(said)


async def test_messages_of_one_customer_are_handled_in_order(loop: Loop) -> None:
    """The first one is stuck behind a pause; the second does not overtake it."""
    lei = loop.customer()
    await lei.does("follow")
    lead_id = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    await loop.api("POST", "queues/inbox/pause")
    for words in ("一", "二", "三"):
        assert (await lei.does("text", content=words))["result"] == "accepted"
    await loop.api("POST", "queues/inbox/resume")
    await loop.pass_time(minutes=1)
    said = [x["data"]["text"] for x in await loop.timeline(lead_id) if x["kind"] == "message_in"]
    assert said == ["一", "二", "三"]


async def test_who_waited_too_long_is_answered_by_a_message_of_its_own(loop: Loop) -> None:
    lei = loop.customer()
    await lei.does("follow")
    await loop.api("POST", "queues/inbox/pause")
    assert (await lei.does("text", content="探岳多少钱"))["result"] == "accepted"
    before = len(await lei.phone())
    await loop.api("POST", "queues/inbox/resume")
    await loop.pass_time(minutes=1)
    late = (await lei.phone())[before:]
    assert [(m["channel"], m["kind"]) for m in late] == [("custom", "msgmenu")]
    assert "探岳" in (await lei.heard())[-1]


@asynccontextmanager
async def _held(url: str, table: str) -> AsyncIterator[None]:
    """Another session holds every row of a table."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield
    await connection.close()


async def test_a_slow_answer_comes_later_and_once(
    organised_postgres: str, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.ANSWER_WITHIN_S", 0.3)  # nobody waits three seconds here
    loop: Loop = await start(organised_postgres)
    lei = loop.customer()
    await lei.does("follow")
    before = len(await lei.phone())
    async with _held(organised_postgres, "chat_session"):
        body = {"content": "探岳多少钱"}
        done = await loop.sandbox("POST", "customers/oLiLei/text", body)
        assert done["delivery"]["result"] == "accepted"
        assert done["delivery"]["attempts"][0]["seconds"] < 3
    await loop.pass_time(minutes=1)
    late = (await lei.phone())[before:]
    assert [m["channel"] for m in late] == ["custom"]


async def test_a_promised_answer_that_is_written_late_is_given_to_the_next_delivery(
    organised_postgres: str, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first callback cannot know whether the answer is written down, so WeChat asks again."""
    monkeypatch.setattr("bot.gateway.ANSWER_WITHIN_S", 0.2)
    monkeypatch.setattr("bot.gateway.COMMIT_WITHIN_S", 0.2)
    loop: Loop = await start(organised_postgres)
    lei = loop.customer()
    await lei.does("follow")
    before = len(await lei.phone())
    async with _held(organised_postgres, "timeline_event"):
        asked = loop.sandbox("POST", "customers/oLiLei/text", {"content": "探岳多少钱"})
        sending = asyncio.create_task(asked)
        await asyncio.sleep(0.8)
        assert not sending.done()
    tries = (await sending)["delivery"]["attempts"]
    assert tries[0]["status"] == 503
    assert tries[-1]["status"] == 200
    await loop.pass_time(minutes=1)
    answers = (await lei.phone())[before:]
    assert [(m["channel"], "探岳" in str(m)) for m in answers] == [("passive", True)]


# ── who is not let in ────────────────────────────────────────────────────────────────────────


async def _knock(loop: Loop, query: dict[str, str], body: bytes, channel: str = "oa") -> int:
    url = f"{loop.leadloop.settings.public_url}/wechat/{channel}"
    async with ClientSession() as stranger, stranger.post(url, params=query, data=body) as answer:
        if answer.status in (403, 413):
            assert await answer.read() == b""
        return answer.status


def _sealed(loop: Loop, at: float = 0, **fields: Any) -> tuple[dict[str, str], bytes]:
    """A callback as the platform would send it."""
    now = loop.clock.now.timestamp() + at
    payload = {
        "ToUserName": "gh_5a4d8b0ff1e1",
        "FromUserName": "oLiLei",
        "CreateTime": int(now),
        "MsgType": "text",
        "Content": "您好",
        "MsgId": 1,
        **fields,
    }
    return lines_of(a_sandbox_config(0, loop.clock))["oa"].seal(payload, now)


async def test_a_sealed_message_is_let_in(loop: Loop) -> None:
    assert await _knock(loop, *_sealed(loop)) == 200
    assert await InboxMessage.all().count() == 1


@pytest.mark.parametrize("channel", ["oa", "wecom"])
async def test_the_platform_can_verify_the_address(loop: Loop, channel: str) -> None:
    checked = await loop.sandbox("POST", "verify", {"app": channel})
    assert all(found["ok"] for found in checked.values() if isinstance(found, dict)), checked


@pytest.mark.parametrize("part", ["msg_signature", "timestamp", "nonce"])
async def test_a_forged_callback_is_refused(loop: Loop, part: str) -> None:
    query, body = _sealed(loop)
    query[part] = query[part][:-1] + ("0" if query[part][-1] != "0" else "1")
    assert await _knock(loop, query, body) == 403
    assert await InboxMessage.all().count() == 0


async def test_a_changed_body_is_refused(loop: Loop) -> None:
    query, body = _sealed(loop)
    at = body.index(b"<Encrypt>") + 40
    assert await _knock(loop, query, body[:at] + b"A" + body[at + 1 :]) == 403


@pytest.mark.parametrize("seconds", [-3600, 3600])
async def test_an_old_callback_is_refused(loop: Loop, seconds: float) -> None:
    assert await _knock(loop, *_sealed(loop, seconds)) == 403


async def test_a_clear_body_is_refused_in_safe_mode(loop: Loop) -> None:
    query, _ = _sealed(loop)
    clear = b"<xml><ToUserName>gh</ToUserName><FromUserName>oLiLei</FromUserName></xml>"
    assert await _knock(loop, query, clear) == 403


async def test_a_body_beyond_64_kib_is_refused(loop: Loop) -> None:
    query, body = _sealed(loop)
    assert await _knock(loop, query, body + b" " * (64 * 1024)) == 413


async def test_an_event_nobody_knows_is_kept_and_acknowledged(loop: Loop) -> None:
    done = await loop.customer().does("raw", MsgType="event", Event="brand_new_thing", Card="1")
    assert done["result"] == "accepted"
    assert await InboxMessage.all().count() == 1
    queues = {q["name"]: q for q in await loop.api("GET", "queues")}
    assert queues["inbox"]["failed"] == 0


async def test_a_hundred_customers_at_once_are_all_answered(loop: Loop) -> None:
    async def follows(number: int) -> str:
        done = await loop.sandbox("POST", f"customers/oCustomer{number}/follow", {})
        return str(done["delivery"]["result"])

    results = await asyncio.gather(*(follows(i) for i in range(100)))
    assert set(results) <= {"replied", "accepted"}
    await loop.pass_time(minutes=1)
    for number in range(0, 100, 9):
        assert len(await loop.customer(f"oCustomer{number}").phone()) == 1
