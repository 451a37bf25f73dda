"""The wall knows what every process knows: tokens, refusals and who has fallen silent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import aiohttp
import pytest
from redis.asyncio import Redis

from api.processes import KEY, Processes, merged
from api.wechat_health import Quota, WeChatHealth
from bot.wechat.client import Connection, WeComClient
from bot.wechat.errors import WeChatError
from tests.bot.wechat.fake_wechat import FakeWeChat, start_fake_wechat
from tests.clock import FakeClock

SEND = "cgi-bin/message/send"
TEXT = {"touser": "wangfang", "msgtype": "text", "text": {"content": "您好"}}
NOT_TRUSTED = {
    "errcode": 60020,
    "errmsg": "not allow to access from your ip, from ip: 203.0.113.9",
}


class Process:
    """One process with a WeCom client of its own."""

    def __init__(self, name: str, base: str, http: aiohttp.ClientSession, redis: Redis, clock):
        self.health = WeChatHealth(lambda: clock().timestamp())
        self.processes = Processes(self.health, redis, name)
        self.client = WeComClient(
            "corp",
            1000002,
            "secret",
            Connection(
                http=http,
                redis=redis,
                clock=clock,
                app="wecom",
                api_base=base,
                on_call=lambda app, api, errcode: self.health.called(app, errcode),
            ),
        )
        self.health.watch("wecom", self.client)

    async def send(self) -> None:
        with suppress(WeChatError):
            await self.client.send_message(TEXT)


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWeChat]:
    fake, server = await start_fake_wechat()
    yield fake
    await server.close()


@pytest.fixture
async def start(
    wechat: FakeWeChat, redis_url: str, clock: FakeClock
) -> AsyncIterator[Callable[[str], Process]]:
    async with aiohttp.ClientSession() as http, Redis.from_url(redis_url) as redis:
        yield lambda name: Process(name, wechat.base, http, redis, clock)


async def test_what_a_worker_was_refused_is_known_where_the_wall_is_asked_for(
    start: Callable[[str], Process], wechat: FakeWeChat, clock: FakeClock
) -> None:
    desk, worker = start("desk"), start("worker")
    worker.processes.does("worker")
    worker.health.has_left("wecom", [Quota("message/send", 3, 100)])
    wechat.says(SEND, {"errcode": 0}, NOT_TRUSTED)
    await worker.send()
    await worker.send()
    await worker.processes.report()
    clock.advance(5)

    reports = await desk.processes.reports()
    [app] = merged(reports, clock().timestamp())

    assert [(report.id, report.duties) for report in reports] == [
        ("desk", ()),
        ("worker", ("worker",)),
    ]
    assert app.answers == {"0": 2, "60020": 1}, "the token's answer counts too"
    assert clock().timestamp() - app.token_at == 5
    assert [(stop.api, stop.code, stop.egress_ip) for stop in app.stops] == [
        (SEND, 60020, "203.0.113.9")
    ]
    assert app.quotas == [Quota("message/send", 3, 100)]


async def test_answers_outlive_their_process_by_an_hour_its_token_does_not(
    start: Callable[[str], Process], clock: FakeClock
) -> None:
    desk, worker = start("desk"), start("worker")
    await worker.send()
    await worker.processes.report(ended=True)
    clock.advance(minutes=59)
    reports = await desk.processes.reports()
    [app] = merged(reports, clock().timestamp())
    assert app.answers == {"0": 2}
    assert app.token_at is None
    assert [report.ended for report in reports] == [False, True]
    clock.advance(minutes=2)
    [alone] = await desk.processes.reports()
    assert alone.id == "desk"


async def test_a_pause_of_somebody_who_fell_silent_counts_no_more(
    start: Callable[[str], Process], wechat: FakeWeChat, clock: FakeClock
) -> None:
    desk, worker = start("desk"), start("worker")
    wechat.says(SEND, NOT_TRUSTED)
    await worker.send()
    await worker.processes.report()
    clock.advance(21)
    [app] = merged(await desk.processes.reports(), clock().timestamp())
    assert app.stops == []
    assert app.answers["60020"] == 1


async def test_a_report_of_another_version_is_passed_over(
    start: Callable[[str], Process], redis_url: str
) -> None:
    desk = start("desk")
    async with Redis.from_url(redis_url) as redis:
        await redis.hset(KEY, mapping={"newer": '{"what": "?"}', "broken": "{"})
    assert [report.id for report in await desk.processes.reports()] == ["desk"]


async def test_without_redis_everybody_knows_themselves(
    start: Callable[[str], Process], redis_server, clock: FakeClock
) -> None:
    async with Redis.from_url(redis_server.url) as redis:
        alone = Processes(WeChatHealth(lambda: clock().timestamp()), redis, "alone")
        redis_server.stop()
        await alone.report()
        assert [report.id for report in await alone.reports()] == ["alone"]
