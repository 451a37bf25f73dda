"""One token for everybody, fetched once, and silence where asking again would do harm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bot.wechat.errors import Busy, ConfigurationAlarm, UnknownOutcome, map_error
from bot.wechat.tokens import TokenSource
from tests.clock import FakeClock
from tests.redis_server import RedisServer

API = "cgi-bin/gettoken"
KEY = "wecom:corp:1000002:token"


class Issuer:
    """Stands where WeChat's token endpoint is: gives T1, T2, … or fails as told."""

    def __init__(self, expires_in_s: int = 7200) -> None:
        self.expires_in_s = expires_in_s
        self.fetches = 0
        self.error: Callable[[], Exception] | None = None
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.always = ""

    async def fetch(self) -> tuple[str, int]:
        self.fetches += 1
        self.asked.set()
        fetched = self.always or f"T{self.fetches}"
        await self.gate.wait()
        if self.error:
            raise self.error()
        return fetched, self.expires_in_s

    def fails(self, code: int, message: str = "") -> None:
        self.error = lambda: map_error("wecom", API, {"errcode": code, "errmsg": message})


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def source(issuer: Issuer, redis: Redis, clock: FakeClock) -> Callable[[], TokenSource]:
    """Each call is another process' view of the same app."""
    return lambda: TokenSource(
        KEY, issuer.fetch, channel="wecom", api=API, redis=redis, clock=clock
    )


async def outcomes(*calls: Awaitable[str]) -> list[str | type[BaseException]]:
    results = await asyncio.gather(*calls, return_exceptions=True)
    return [type(r) if isinstance(r, BaseException) else r for r in results]


class TestOneForAll:
    async def test_fifty_cold_callers_cost_one_fetch(self, source, issuer: Issuer):
        tokens = source()
        issuer.gate.clear()
        callers = asyncio.gather(*(tokens.get() for _ in range(50)))
        await asyncio.sleep(0)
        issuer.gate.set()
        assert set(await callers) == {"T1"}
        assert issuer.fetches == 1

    async def test_processes_share_one_fetch(self, source, issuer: Issuer):
        issuer.gate.clear()
        callers = asyncio.gather(*(source().get() for _ in range(5)))
        await issuer.asked.wait()
        issuer.gate.set()
        assert set(await callers) == {"T1"}
        assert issuer.fetches == 1

    async def test_a_process_that_dies_while_fetching_holds_nobody_up_for_long(
        self, source, issuer: Issuer, redis: Redis, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("bot.wechat.tokens.PATIENCE_S", 0.05)
        await redis.set(f"leadloop:wechat:{KEY}:lock", "of the dead", px=15_000)
        assert await source().get() == "T1"
        assert await redis.get(f"leadloop:wechat:{KEY}:lock") == b"of the dead"

    async def test_a_cancelled_caller_leaves_its_turn_to_the_next(self, source, issuer: Issuer):
        tokens = source()
        issuer.gate.clear()
        first = asyncio.create_task(tokens.get())
        await issuer.asked.wait()
        second = asyncio.create_task(tokens.get())
        first.cancel()
        issuer.gate.set()
        assert await second == "T2"
        with pytest.raises(asyncio.CancelledError):
            await first

    async def test_nothing_secret_names_the_keys(self, source, redis: Redis):
        await source().get()
        assert await redis.keys() == [b"leadloop:wechat:wecom:corp:1000002:token"]


class TestRenewal:
    async def test_a_token_is_renewed_five_minutes_early(
        self, source, issuer: Issuer, clock: FakeClock
    ):
        tokens = source()
        await tokens.get()
        clock.advance(7200 - 301)
        assert await tokens.get() == "T1"
        clock.advance(1)
        assert await tokens.get() == "T2"

    async def test_a_token_near_its_end_is_used_for_a_minute(self, redis: Redis, clock: FakeClock):
        issuer = Issuer(expires_in_s=300)
        tokens = TokenSource(KEY, issuer.fetch, channel="wecom", api=API, redis=redis, clock=clock)
        await tokens.get()
        clock.advance(59)
        assert await tokens.get() == "T1"
        clock.advance(1)
        assert await tokens.get() == "T2"


class TestInvalidation:
    async def test_a_refused_token_is_replaced_for_every_process(self, source, issuer: Issuer):
        one, other = source(), source()
        assert [await one.get(), await other.get()] == ["T1", "T1"]
        assert await one.invalidate("T1")
        assert await one.get() == "T2"
        assert await other.invalidate("T1")
        assert await other.get() == "T2"
        assert issuer.fetches == 2

    async def test_a_process_that_starts_later_never_sees_the_refused_token(
        self, source, issuer: Issuer
    ):
        tokens = source()
        await tokens.invalidate(await tokens.get())
        assert await source().get() == "T2"
        assert await tokens.get() == "T2"

    async def test_a_refused_token_that_is_still_shared_is_not_taken_again(
        self, source, redis: Redis
    ):
        """Redis may have been away when the token was refused."""
        tokens = source()
        await tokens.get()
        shared = await redis.get(f"leadloop:wechat:{KEY}")
        await tokens.invalidate("T1")
        await redis.set(f"leadloop:wechat:{KEY}", shared)
        assert await tokens.get() == "T2"

    async def test_a_late_complaint_never_kills_a_newer_token(
        self, source, issuer: Issuer, redis: Redis
    ):
        tokens = source()
        await tokens.get()
        await tokens.invalidate("T1")
        await tokens.get()
        assert await tokens.invalidate("T1")
        assert await tokens.get() == "T2"
        stored = await redis.get(f"leadloop:wechat:{KEY}")
        assert json.loads(stored)["value"] == "T2"
        assert issuer.fetches == 2

    async def test_fifty_complaints_cost_one_fetch(self, source, issuer: Issuer):
        tokens = source()
        await tokens.get()
        assert all(await asyncio.gather(*(tokens.invalidate("T1") for _ in range(50))))
        assert await outcomes(*(tokens.get() for _ in range(50))) == ["T2"] * 50
        assert issuer.fetches == 2

    async def test_fetching_stops_for_a_minute_when_it_does_not_help(
        self, source, issuer: Issuer, clock: FakeClock
    ):
        tokens = source()
        assert await tokens.invalidate(await tokens.get())
        for _ in range(20):
            assert not await tokens.invalidate(await tokens.get())
        assert issuer.fetches == 2
        clock.advance(60)
        assert await tokens.invalidate(await tokens.get())
        assert await tokens.get() == "T3"

    async def test_a_token_wechat_gives_out_again_is_used_again(self, source, issuer: Issuer):
        issuer.always = "SAME"
        tokens = source()
        await tokens.invalidate(await tokens.get())
        assert [await tokens.get() for _ in range(5)] == ["SAME"] * 5
        assert issuer.fetches == 2


class TestRefusedFetches:
    async def test_a_wrong_secret_is_asked_about_once_by_all(self, source, issuer: Issuer):
        issuer.fails(40001)
        tokens = source()
        results = await outcomes(*(tokens.get() for _ in range(20)), source().get())
        assert results == [ConfigurationAlarm] * 21
        assert issuer.fetches == 1

    async def test_pauses_grow_from_one_minute_to_ten(
        self, source, issuer: Issuer, clock: FakeClock
    ):
        issuer.fails(40001)
        tokens, pauses = source(), []
        for _ in range(6):
            with pytest.raises(ConfigurationAlarm) as alarm:
                await tokens.get()
            pauses.append(alarm.value.retry_after_s)
            clock.advance(alarm.value.retry_after_s)
        assert pauses == [60, 120, 240, 480, 600, 600]
        assert issuer.fetches == 6

    async def test_a_pause_is_kept_until_its_last_second(
        self, source, issuer: Issuer, clock: FakeClock
    ):
        issuer.fails(40001)
        tokens = source()
        await outcomes(tokens.get())
        issuer.error = None
        clock.advance(59.9)
        assert await outcomes(tokens.get()) == [ConfigurationAlarm]
        clock.advance(0.1)
        assert await tokens.get() == "T2"
        assert tokens.state().last_error is None

    async def test_success_forgets_the_failures_before_it(
        self, source, issuer: Issuer, clock: FakeClock
    ):
        tokens = source()
        for _ in range(2):
            issuer.fails(40001)
            with pytest.raises(ConfigurationAlarm) as alarm:
                await tokens.get()
            assert alarm.value.retry_after_s == 60
            clock.advance(60)
            issuer.error = None
            await tokens.invalidate(await tokens.get())
            clock.advance(60)

    async def test_our_address_is_told_to_everybody(self, source, issuer: Issuer):
        issuer.fails(60020, "not allow to access from your ip, from ip: 203.0.113.9, more info")
        first, second = source(), source()
        await outcomes(first.get())
        with pytest.raises(ConfigurationAlarm) as alarm:
            await second.get()
        assert alarm.value.egress_ip == "203.0.113.9"
        assert alarm.value.advice == "allow_our_address"
        assert second.state().egress_ip == "203.0.113.9"

    async def test_ops_can_end_a_pause(self, source, issuer: Issuer):
        issuer.fails(60020)
        tokens = source()
        await outcomes(tokens.get())
        issuer.error = None
        await tokens.reset()
        assert await tokens.get() == "T2"

    async def test_an_unreachable_wechat_is_asked_again_soon(
        self, source, issuer: Issuer, clock: FakeClock
    ):
        issuer.error = lambda: UnknownOutcome("wecom", API, None, retry_is_safe=False)
        tokens = source()
        results = await outcomes(*(tokens.get() for _ in range(20)))
        assert results == [Busy] * 20
        assert issuer.fetches == 1
        issuer.error = None
        clock.advance(1)
        assert await tokens.get() == "T2"

    async def test_what_waited_for_a_token_may_be_repeated(self, source, issuer: Issuer):
        """The call itself was never sent, whatever became of the fetch."""
        issuer.error = lambda: UnknownOutcome("wecom", API, None, retry_is_safe=False)
        with pytest.raises(Busy) as busy:
            await source().get()
        assert busy.value.retry_is_safe
        assert busy.value.retry_after_s == 1


class TestWithoutRedis:
    async def test_each_process_works_for_itself(self, issuer: Issuer, clock: FakeClock):
        tokens = TokenSource(KEY, issuer.fetch, channel="wecom", api=API, redis=None, clock=clock)
        assert [await tokens.get() for _ in range(3)] == ["T1"] * 3
        assert await tokens.invalidate("T1")
        assert await tokens.get() == "T2"

    async def test_fifty_cold_callers_of_one_process_still_cost_one_fetch(
        self, issuer: Issuer, clock: FakeClock
    ):
        tokens = TokenSource(KEY, issuer.fetch, channel="wecom", api=API, redis=None, clock=clock)
        issuer.gate.clear()
        callers = asyncio.gather(*(tokens.get() for _ in range(50)))
        await issuer.asked.wait()
        issuer.gate.set()
        assert set(await callers) == {"T1"}

    async def test_a_dead_redis_costs_nothing_but_sharing(
        self, redis_server: RedisServer, issuer: Issuer, clock: FakeClock
    ):
        async with Redis.from_url(redis_server.url) as redis:
            tokens = TokenSource(
                KEY, issuer.fetch, channel="wecom", api=API, redis=redis, clock=clock
            )
            redis_server.kill()
            assert await tokens.get() == "T1"
            assert await tokens.invalidate("T1")
            assert await tokens.get() == "T2"

    async def test_a_hanging_redis_is_waited_for_once(
        self, redis_server: RedisServer, issuer: Issuer, clock: FakeClock
    ):
        async with Redis.from_url(redis_server.url) as redis:
            tokens = TokenSource(
                KEY, issuer.fetch, channel="wecom", api=API, redis=redis, clock=clock
            )
            await redis.ping()
            redis_server.freeze()
            try:
                started = asyncio.get_running_loop().time()
                assert await tokens.get() == "T1"
                assert await tokens.invalidate("T1")
                assert await tokens.get() == "T2"
                assert asyncio.get_running_loop().time() - started < 1.5
            finally:
                redis_server.thaw()

    async def test_garbage_in_redis_is_no_token(self, source, redis: Redis):
        for garbage in ("", "x", "[]", '{"value": "T9"}'):
            await redis.set(f"leadloop:wechat:{KEY}", garbage)
            await redis.set(f"leadloop:wechat:{KEY}:pause", garbage)
            assert (await source().get()).startswith("T")
            await redis.flushall()


class TestState:
    async def test_ops_see_age_and_nothing_secret(self, source, clock: FakeClock):
        tokens = source()
        assert tokens.state().age_s is None
        await tokens.get()
        clock.advance(90)
        state = tokens.state()
        assert (state.age_s, state.paused_until, state.last_error) == (90, None, None)
        assert "T1" not in repr(state)

    async def test_ops_see_pause_and_code(self, source, issuer: Issuer, clock: FakeClock):
        issuer.fails(40001)
        tokens = source()
        await outcomes(tokens.get())
        state = tokens.state()
        assert state.last_error == 40001
        assert state.paused_until is not None
        assert (state.paused_until - clock()).total_seconds() == 60
