"""What WeChat refuses for a lasting reason is left alone, and goes on when somebody mended it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import aiohttp
import pytest
from redis.asyncio import Redis

from bot.wechat.client import Connection, OfficialAccountClient, WeComClient
from bot.wechat.errors import ConfigurationAlarm, QuotaUsedUp, RecipientInvalid
from tests.bot.wechat.fake_wechat import FakeWeChat
from tests.clock import FakeClock

SEND = "cgi-bin/message/send"
CUSTOM = "cgi-bin/message/custom/send"
OK = {"errcode": 0, "errmsg": "ok"}
NOT_TRUSTED = {
    "errcode": 60020,
    "errmsg": "not allow to access from your ip, from ip: 203.0.113.9",
}
QUOTA = {"errcode": 45009, "errmsg": "reach max api daily quota limit"}
TEXT = {"touser": "wangfang", "msgtype": "text", "text": {"content": "您好"}}


@pytest.fixture
def connect(
    wechat: FakeWeChat, http: aiohttp.ClientSession, redis: Redis, clock: FakeClock
) -> Callable[[], Connection]:
    return lambda: Connection(http=http, redis=redis, clock=clock, api_base=wechat.base)


@pytest.fixture
def process(connect: Callable[[], Connection]) -> Callable[[], WeComClient]:
    """Each call is another process' client of the same app."""
    return lambda: WeComClient("corp", 1000002, "secret", connect())


async def refused(client: WeComClient) -> ConfigurationAlarm:
    with pytest.raises(ConfigurationAlarm) as alarm:
        await client.send_message(TEXT)
    return alarm.value


async def test_an_address_that_is_not_trusted_is_refused_once_a_pause(
    process: Callable[[], WeComClient], wechat: FakeWeChat, clock: FakeClock
) -> None:
    client = process()
    wechat.says(SEND, NOT_TRUSTED)
    for _ in range(20):
        alarm = await refused(client)
    assert wechat.calls[SEND] == 1
    assert (alarm.code, alarm.egress_ip, alarm.retry_after_s) == (60020, "203.0.113.9", 60)
    assert [(stop.api, stop.code) for stop in client.stops()] == [(SEND, 60020)]

    clock.advance(60)
    assert client.stops() == []
    await refused(client)
    assert (await refused(client)).retry_after_s == 120
    assert wechat.calls[SEND] == 2


async def test_the_first_call_that_goes_through_opens_the_gate_in_every_process(
    process: Callable[[], WeComClient], wechat: FakeWeChat, clock: FakeClock
) -> None:
    one, other = process(), process()
    wechat.says(SEND, NOT_TRUSTED, NOT_TRUSTED, OK)
    await refused(one)
    clock.advance(30)
    await refused(other)
    clock.advance(30)
    assert await one.send_message(TEXT), "its minute is over"
    assert await other.send_message(TEXT), "half a minute before its own is"
    assert one.stops() == []


async def test_whoever_mended_it_opens_the_gates_of_processes_they_do_not_see(
    process: Callable[[], WeComClient], wechat: FakeWeChat
) -> None:
    worker, desk = process(), process()
    wechat.says(SEND, NOT_TRUSTED, OK)
    await refused(worker)
    await desk.ask_again()
    assert await worker.send_message(TEXT)


async def test_a_token_that_is_paused_is_asked_for_again_in_every_process(
    process: Callable[[], WeComClient], wechat: FakeWeChat
) -> None:
    worker, desk = process(), process()
    wechat.says("cgi-bin/gettoken", {"errcode": 40001, "errmsg": "invalid credential"})
    await refused(worker)
    assert [stop.code for stop in worker.stops()] == [40001]
    del wechat.scripts["cgi-bin/gettoken"]
    await refused(worker)
    await desk.ask_again()
    assert await worker.send_message(TEXT)


async def test_a_daily_quota_is_waited_for_until_midnight_in_china(
    connect: Callable[[], Connection], wechat: FakeWeChat, clock: FakeClock
) -> None:
    client = OfficialAccountClient("wx1", "secret", connect())
    wechat.says(CUSTOM, QUOTA)
    wechat.says("cgi-bin/message/template/send", {**OK, "msgid": 7})
    for _ in range(2):
        with pytest.raises(QuotaUsedUp):
            await client.send_custom("oLiLei", {"msgtype": "text"})
    assert wechat.calls[CUSTOM] == 1
    assert client.stops()[0].until == (clock() + timedelta(hours=14)).timestamp()
    sent = await client.send_template("oLiLei", "t", {}, client_msg_id="1")
    assert sent == "7", "other APIs have quotas of their own"


async def test_one_person_who_cannot_be_reached_stops_nobody_else(
    process: Callable[[], WeComClient], wechat: FakeWeChat
) -> None:
    client = process()
    wechat.says(SEND, {"errcode": 81013, "errmsg": "user not in range"}, OK)
    with pytest.raises(RecipientInvalid):
        await client.send_message(TEXT)
    assert await client.send_message(TEXT)
