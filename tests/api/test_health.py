"""Alive, ready, counting."""

from __future__ import annotations

import asyncio
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from api.deps import DEPS
from domain.commands import ConsentGiven, IngestLead, Interest, Person
from tests.api.conftest import Api, Taker, a_lead, running
from tests.clock import FakeClock

NAMES = (
    "leadloop_callbacks_total",
    "leadloop_callback_seconds",
    "leadloop_leads_total",
    "leadloop_push_seconds",
    "leadloop_queue_jobs",
    "leadloop_queue_oldest_seconds",
    "leadloop_wechat_calls_total",
    "leadloop_sla_total",
    "leadloop_token_age_seconds",
    "leadloop_queue_paused",
    "leadloop_wechat_paused",
    "leadloop_part_up",
)


async def test_a_working_system_is_ready(
    organised_url: str, redis_url: str, clock: FakeClock
) -> None:
    async with Redis.from_url(redis_url) as redis, running(organised_url, clock, redis) as api:
        status, body = await api.get("/readyz")

    assert status == 200
    assert body == {"status": "ok", "database": "ok", "schema": "ok", "redis": "ok"}


async def test_without_redis_it_is_ready_and_says_so(sqlite_url: str, clock: FakeClock) -> None:
    away = Redis.from_url("redis://127.0.0.1:1", retry=Retry(NoBackoff(), 0))
    async with away as redis, running(sqlite_url, clock, redis) as api:
        status, body = await api.get("/readyz")

    assert (status, body["redis"]) == (200, "down")


async def test_a_redis_that_hangs_holds_the_answer_one_second_at_most(
    sqlite_url: str, clock: FakeClock
) -> None:
    class Hanging:
        async def ping(self) -> None:
            await asyncio.Event().wait()

    async with running(sqlite_url, clock, Hanging()) as api, asyncio.timeout(3):
        status, body = await api.get("/readyz")

    assert (status, body["redis"]) == (200, "down")


async def test_without_its_database_it_is_alive_but_not_ready(clock: FakeClock) -> None:
    async with running("postgres://nobody@127.0.0.1:1/nothing", clock) as api:
        assert (await api.get("/livez"))[0] == 200
        status, ready = await api.get("/readyz")
        async with api.http.get("/metrics") as response:
            assert response.status == 200
            assert 'leadloop_part_up{part="database"} 0.0' in await response.text()
        for answer in (
            api.http.get("/api/v1/leads", headers=api.auth()),
            api.http.get("/api/v1/leads", headers=api.auth("a-key-to-look-up")),
            api.http.post("/api/v1/leads", headers=api.auth(), json=a_lead(intent=None)),
            api.http.post("/api/v1/leads/batch", headers=api.auth(), json=a_lead(intent=None)),
        ):
            async with answer as response:
                assert response.status == 503
                assert response.headers["Retry-After"]
                assert (await response.json())["code"] == "storage_down"

    assert (status, ready["database"]) == (503, "down")


async def test_told_to_stop_it_says_so_and_keeps_no_connection(api_on_sqlite: Api) -> None:
    api_on_sqlite.app[DEPS].stopping.set()

    async with api_on_sqlite.http.get("/readyz") as response:
        assert (response.status, (await response.json())["status"]) == (503, "stopping")
    async with api_on_sqlite.http.get("/livez") as response:
        assert response.status == 200
        assert response.headers["Connection"] == "close"


async def test_a_schema_that_is_behind_is_named(tmp_path: Path, clock: FakeClock) -> None:
    async with running(f"sqlite://{tmp_path}/empty.db", clock) as api:
        status, body = await api.get("/readyz")

    assert (status, body["schema"]) == (503, "behind")


async def test_metrics_carry_the_promised_names(api: Api, take: Taker) -> None:
    await take()
    api.clock.advance(12)

    async with api.http.get("/metrics") as response:
        text = await response.text()

    for name in NAMES:
        assert f"# HELP {name} " in text, name
    assert 'leadloop_leads_total{outcome="created",source="dongchedi"} 1.0' in text
    assert 'leadloop_queue_jobs{queue="urgent",state="ready"} 1.0' in text
    assert 'leadloop_queue_oldest_seconds{queue="urgent"} 12.0' in text
    assert 'leadloop_queue_paused{queue="urgent"} 0.0' in text
    assert 'leadloop_part_up{part="database"} 1.0' in text
    assert "process_resident_memory_bytes" in text


async def test_a_lead_counts_whichever_way_it_comes(api_on_sqlite: Api) -> None:
    consent = ConsentGiven(("contact",), "1", "oa", api_on_sqlite.clock())
    order = IngestLead(
        source="oa",
        external_id="1",
        occurred_at=api_on_sqlite.clock(),
        person=Person(openid="oLiLei"),
        interest=Interest(),
        consent=consent,
        by="customer",
    )
    for _ in range(2):
        await api_on_sqlite.bus.execute(order)

    async with api_on_sqlite.http.get("/metrics") as response:
        text = await response.text()

    assert 'leadloop_leads_total{outcome="created",source="oa"} 1.0' in text
    assert 'leadloop_leads_total{outcome="duplicate",source="oa"} 1.0' in text


async def test_metrics_are_given_before_the_first_migration(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with (
        running(f"sqlite://{tmp_path}/new.db", clock) as api,
        api.http.get("/metrics") as response,
    ):
        status, text = response.status, await response.text()

    assert status == 200
    assert "leadloop_callbacks_total" in text
