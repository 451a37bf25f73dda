"""The console as JSON: the wall, failures put right in bulk, leads found and explained."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from api.app_parts import WATCH
from api.auth import AUTHENTICATORS, Caller
from api.roles import caller_of
from db.errors import StorageDown
from db.models import OutboxJob, Staff
from db.models.queues import RowState
from domain import commands as order
from tests.api.conftest import Api, Taker, a_lead
from tests.jobs import a_webhook

V1 = "/api/v1"
SHANGHAI = ZoneInfo("Asia/Shanghai")
OUT_OF_RANGE = "RecipientInvalid: 60011"
NOT_TRUSTED = "ConfigurationAlarm: 60020 from 203.0.113.9"


async def as_member(api: Api, userid: str) -> None:
    """Requests without a key are this member's from now on."""
    caller = caller_of(await Staff.get(userid=userid))

    async def session(request: web.Request) -> Caller | None:
        return caller

    api.app[AUTHENTICATORS][1:] = [session]


async def ask(api: Api, method: str, path: str, body: object = None) -> tuple[int, object]:
    async with api.http.request(method, V1 + path, json=body) as response:
        text = await response.text()
        return response.status, await response.json(content_type=None) if text else None


async def dead_letters(api: Api, many: int, error: str = OUT_OF_RANGE, **more: object) -> None:
    for number in range(many):
        await OutboxJob.create(
            queue="urgent",
            state=RowState.DEAD,
            attempts=1,
            error=error,
            due_at_ms=0,
            created_at_ms=api.clock.ms(),
            kind="notice",
            name="lead_card",
            staff_id="wangfang",
            dedupe_key=f"{error} {number} {more}",
            **more,
        )


async def everybody(api: Api) -> None:
    for userid, role, place in (
        ("ops", "ops", {}),
        ("brand", "brand_ops", {}),
        ("region", "region_manager", {"region_code": "SW"}),
        ("dcc", "dcc", {"dealer_code": "CC01"}),
    ):
        await api.bus.execute(order.PutStaff(userid, userid, role, **place))


async def the_wall(api: Api) -> dict:
    """A look taken now."""
    api.app[WATCH]._next_at = api.app[WATCH]._slow_at = float("-inf")
    status, wall = await api.get(f"{V1}/ops/wall")
    assert status == 200, wall
    return wall


@pytest.fixture
def take_here(api_on_sqlite: Api) -> Taker:
    """Takes one lead in on SQLite alone."""

    async def taken(external_id: str = "e-1", **changes: object) -> dict:
        status, body = await api_on_sqlite.post(f"{V1}/leads", a_lead(external_id, **changes))
        assert status in (200, 201), body
        return body

    return taken


@pytest.mark.parametrize(
    ("userid", "looks", "acts"),
    [
        ("ops", 200, 200),
        ("brand", 200, 403),
        ("region", 200, 403),
        ("manager", 200, 403),
        ("dcc", 403, 403),
        ("wangfang", 403, 403),
    ],
)
async def test_ops_act_others_of_the_console_look_advisers_do_neither(
    api_on_sqlite: Api, userid: str, looks: int, acts: int
) -> None:
    api = api_on_sqlite
    await everybody(api)
    await as_member(api, userid)
    for path in ("/ops/wall", "/queues", "/queues/urgent/failed"):
        assert (await ask(api, "GET", path))[0] == looks, path
    assert (await ask(api, "POST", "/ops/leads/search", {"q": "李雷"}))[0] == looks
    for path in ("failed/retry", "failed/discard", "waiting/run"):
        assert (await ask(api, "POST", f"/queues/urgent/{path}", {}))[0] == acts, path
    for path in ("pause", "resume"):
        done = (await ask(api, "POST", f"/queues/urgent/{path}"))[0]
        assert done == (204 if acts == 200 else 403), path


async def test_the_wall_counts_today_against_the_same_time_last_week(
    api: Api, take: Taker
) -> None:
    api.clock.advance(days=-7, hours=-1)
    await take("before")
    api.clock.advance(hours=3)
    await take("later that day", customer={"phone": "13900139001"})
    api.clock.advance(days=7, hours=-2)
    for number in range(2):
        await take(f"today {number}", customer={"phone": f"1390013900{number + 2}"})
    lead = await take("answered", customer={"phone": "13900139009"})
    await api.post(f"{V1}/leads/{lead['lead_id']}/accept", {"userid": "wangfang"})
    await api.post(f"{V1}/leads/{lead['lead_id']}/follow-ups", {"result": "connected"})
    card = await OutboxJob.filter(name="lead_card").order_by("-id").first()
    await api.bus.execute(order.RecordDelivery(card.id, "delivered", "wecom"))
    api.clock.advance(seconds=1)

    wall = await the_wall(api)

    told = {
        name: (each["now"], each["today"], each["last_week"])
        for name, each in wall["today"].items()
    }
    assert told == {"leads": (3, 3, 1), "answered": (1, 1, 0), "pushed": (1, 1, 0)}
    hour = api.clock().astimezone(SHANGHAI).hour
    leads = wall["today"]["leads"]
    assert leads["by_hour"] == [0] * hour + [3]
    assert [n for n, many in enumerate(leads["last_week_by_hour"]) if many] == [hour - 1, hour + 2]
    assert (wall["database"], wall["redis"]) == ("ok", "none")


async def test_late_leads_are_shown_by_region_and_dealer_and_go_with_the_first_contact(
    api: Api, take: Taker
) -> None:
    lead = await take("e-1")
    await take("e-2", customer={"phone": "13900139000"}, intent={"dealer_code": "CD01"})
    assert (await the_wall(api))["late"] == []
    api.clock.advance(minutes=15)

    late = {each["dealer_code"]: each for each in (await the_wall(api))["late"]}

    assert late.keys() == {"CC01", "CD01"}
    assert (late["CC01"]["region"], late["CC01"]["dealer"]) == ("东北大区", "长春净月店")
    await api.post(f"{V1}/leads/{lead['lead_id']}/follow-ups", {"result": "connected"})
    assert [each["dealer_code"] for each in (await the_wall(api))["late"]] == ["CD01"]


async def test_region_staff_see_the_numbers_of_their_dealers(
    api_on_sqlite: Api, take_here: Taker
) -> None:
    api = api_on_sqlite
    await everybody(api)
    for number, dealer in enumerate(("CC01", "CD01", "CD01")):
        await take_here(
            f"e-{number}",
            customer={"phone": f"1390013900{number}"},
            intent={"dealer_code": dealer},
        )
    await dead_letters(api, 1)
    api.clock.advance(minutes=15)
    await as_member(api, "region")

    _, wall = await ask(api, "GET", "/ops/wall")

    assert wall["today"]["leads"]["today"] == 2
    assert [each["dealer_code"] for each in wall["late"]] == ["CD01"]
    assert wall["troubles"] == []


async def test_rates_are_of_the_last_minute_and_the_oldest_is_aged(api: Api, take: Taker) -> None:
    await take("e-1")
    api.clock.advance(70)
    await take("e-2", customer={"phone": "13900139000"})
    api.clock.advance(5)

    wall = await the_wall(api)

    urgent = next(queue for queue in wall["queues"] if queue["name"] == "urgent")
    assert (urgent["ready"], urgent["oldest_ready_seconds"]) == (2, 75)
    assert (urgent["in_per_minute"], urgent["out_per_minute"]) == (1, 0)


async def test_what_waits_for_a_failing_receiver_is_told_among_the_ready(api: Api) -> None:
    await a_webhook(api.clock, 2)
    await a_webhook(api.clock, 3, held_until_ms=api.clock.ms() + 60_000)
    wall = await the_wall(api)
    webhooks = next(queue for queue in wall["queues"] if queue["name"] == "webhooks")
    assert (webhooks["ready"], webhooks["held"]) == (5, 3)
    assert not any(queue["held"] for queue in wall["queues"] if queue["name"] != "webhooks")


async def test_errors_are_grouped_and_told_in_plain_words(api: Api) -> None:
    await dead_letters(api, 2)
    await dead_letters(api, 3, NOT_TRUSTED)
    await OutboxJob.filter(error=NOT_TRUSTED).update(state=RowState.READY)

    first, second = (await the_wall(api))["troubles"]

    assert (first["waiting"], first["failed"], first["kind_text"]) == (3, 0, "线索卡片")
    assert first["title"] == "企业可信IP 未包含 203.0.113.9"
    assert "企业可信IP" in first["todo"]
    assert (second["waiting"], second["failed"]) == (0, 2)
    assert second["title"] == "接收人不在应用可见范围"


async def test_one_look_serves_everybody_for_two_seconds(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    now = 1000.0
    api.app[WATCH]._monotonic = lambda: now
    first = await api.app[WATCH].look()
    now += 1.9
    assert await api.app[WATCH].look() is first
    now += 0.2
    assert (await api.app[WATCH].look()).number == first.number + 1


async def test_a_database_that_is_away_is_told_with_the_last_known_numbers(
    api_on_sqlite: Api, take_here: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = api_on_sqlite
    await take_here("e-1")
    api.clock.advance(1)
    await the_wall(api)

    async def away() -> None:
        raise StorageDown("away")

    monkeypatch.setattr(api.database, "ping", away)
    wall = await the_wall(api)
    assert wall["database"] == "down"
    assert wall["today"]["leads"]["today"] == 1


async def test_the_stream_begins_with_the_whole_wall(api_on_sqlite: Api) -> None:
    await everybody(api_on_sqlite)
    await as_member(api_on_sqlite, "ops")
    async with api_on_sqlite.http.get(f"{V1}/ops/stream") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert await response.content.readline() == b"retry: 2000\n"
        await response.content.readline()
        assert await response.content.readline() == b"event: wall\n"
        assert b'"number":1' in await response.content.readline()


async def test_viewers_are_bounded_and_keys_ask_instead(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    assert (await api.get(f"{V1}/ops/stream"))[0] == 403
    await everybody(api)
    await as_member(api, "ops")
    api.app[WATCH]._viewers["others"] = 50
    status, problem = await ask(api, "GET", "/ops/stream")
    assert (status, problem["code"]) == (503, "too_many_viewers")


async def test_all_matching_dead_letters_are_run_again_others_stay(api: Api) -> None:
    await dead_letters(api, 3)
    await dead_letters(api, 2, "OurBug: 40058")

    status, done = await api.post(
        f"{V1}/queues/urgent/failed/retry", {"error": OUT_OF_RANGE, "count": 3}
    )

    assert (status, done) == (200, {"count": 3})
    revived = await OutboxJob.filter(error=OUT_OF_RANGE)
    assert {(job.state, job.attempts) for job in revived} == {(RowState.READY, 0)}
    assert {job.due_at_ms for job in revived} == {api.clock.ms()}
    assert await OutboxJob.filter(state=RowState.DEAD).count() == 2


async def test_a_count_that_is_no_longer_true_changes_nothing(api: Api) -> None:
    await dead_letters(api, 3)
    status, problem = await api.post(f"{V1}/queues/urgent/failed/discard", {"count": 2})
    assert (status, problem["code"]) == (409, "count_changed")
    assert await OutboxJob.filter(state=RowState.DEAD).count() == 3
    assert (await api.post(f"{V1}/queues/urgent/failed/discard", {"count": 3}))[0] == 200
    assert await OutboxJob.filter(state=RowState.DISCARDED).count() == 3


async def test_what_waits_after_a_failure_runs_at_once_what_is_planned_waits_on(api: Api) -> None:
    later = {"due_at_ms": api.clock.ms() + 600_000, "state": RowState.READY}
    await dead_letters(api, 2, NOT_TRUSTED)
    await OutboxJob.filter(error=NOT_TRUSTED).update(**later)
    planned = await OutboxJob.create(
        queue="urgent", created_at_ms=0, kind="notice", name="said", dedupe_key="plan", **later
    )

    _, done = await api.post(f"{V1}/queues/urgent/waiting/run", {})

    assert done == {"count": 2}
    due = await OutboxJob.filter(error=NOT_TRUSTED).values_list("due_at_ms", flat=True)
    assert set(due) == {api.clock.ms()}
    assert (await OutboxJob.get(id=planned.id)).due_at_ms == later["due_at_ms"]


async def test_dead_letters_are_filtered_by_error_and_kind(api: Api) -> None:
    await dead_letters(api, 2)
    await dead_letters(api, 1, "OurBug: 40058")
    path = f"{V1}/queues/urgent/failed"
    for query, found in (
        ({}, 3),
        ({"error": OUT_OF_RANGE}, 2),
        ({"kind": "lead_card"}, 3),
        ({"kind": "overdue"}, 0),
        ({"error": "OurBug: 40058", "kind": "lead_card"}, 1),
    ):
        assert len((await api.get(path, **query))[1]["items"]) == found, query


async def test_jobs_are_found_by_state(api: Api) -> None:
    now = api.clock.ms()
    states = {
        "ready": {"state": RowState.READY, "due_at_ms": now},
        "scheduled": {"state": RowState.READY, "due_at_ms": now + 60_000, "attempts": 0},
        "waiting": {"state": RowState.READY, "due_at_ms": now + 60_000, "attempts": 2},
        "active": {"state": RowState.LEASED, "lease_until_ms": now + 1000},
        "failed": {"state": RowState.DEAD},
        "done": {"state": RowState.DONE, "done_at_ms": now},
        "discarded": {"state": RowState.DISCARDED, "done_at_ms": now},
    }
    for name, columns in states.items():
        await dead_letters(api, 1, name)
        await OutboxJob.filter(error=name).update(**columns)

    found = {}
    for state in states:
        _, page = await api.get(f"{V1}/queues/urgent/jobs", state=state)
        found[state] = {job["error"] for job in page["items"]}

    expected = {state: {state} for state in states}
    expected["scheduled"] = {"scheduled", "waiting"}
    expected["waiting"] = {"ready", "waiting"}
    assert found == expected
    assert (await api.get(f"{V1}/queues/urgent/jobs", state="lost"))[0] == 422


async def test_jobs_of_one_customer_are_found_and_put_right_alone(api: Api, take: Taker) -> None:
    mine = await take("e-1")
    other = await take("e-2", customer={"phone": "13900139000"})
    for lead in (mine, other):
        await dead_letters(api, 2, lead_id=int(lead["lead_id"]))
    await dead_letters(api, 1, customer_id=int(mine["customer_id"]))
    path, who = f"{V1}/queues/urgent/failed", mine["customer_id"]

    assert len((await api.get(path, customer=who))[1]["items"]) == 3
    assert (await api.get(f"{V1}/queues/inbox/failed", customer=who))[1]["items"] == []
    assert (await api.get(path, customer="x"))[0] == 422
    _, done = await api.post(f"{path}/retry", {"customer": who, "count": 3})
    assert done == {"count": 3}
    left = (await api.get(path))[1]["items"]
    assert {letter["lead_id"] for letter in left} == {other["lead_id"]}


async def test_region_staff_see_the_dead_letters_of_their_leads_only(
    api: Api, take: Taker
) -> None:
    await everybody(api)
    mine = await take("e-1", intent={"dealer_code": "CD01"})
    foreign = await take("e-2", customer={"phone": "13900139000"})
    for lead in (mine, foreign):
        await dead_letters(api, 1, lead_id=int(lead["lead_id"]))
    await dead_letters(api, 1)
    await as_member(api, "region")

    for queue, leads in (("urgent", [mine["lead_id"]]), ("inbox", []), ("timers", [])):
        _, page = await ask(api, "GET", f"/queues/{queue}/failed")
        assert [letter["lead_id"] for letter in page["items"]] == leads, queue


async def test_every_act_is_noted_with_who_what_and_how_many(api: Api) -> None:
    await everybody(api)
    await dead_letters(api, 2)
    await as_member(api, "ops")
    await ask(api, "POST", "/queues/urgent/pause")
    await ask(api, "POST", "/queues/urgent/failed/retry", {"error": OUT_OF_RANGE})
    await ask(api, "POST", "/queues/urgent/failed/retry", {"error": "nothing like it"})
    await ask(api, "POST", "/queues/urgent/failed/outbox-999/retry")
    await ask(api, "POST", "/ops/leads/search", {"q": "13800138000", "reason": "核对"})
    await ask(api, "POST", "/ops/leads/search", {"q": "李雷"})

    _, page = await ask(api, "GET", "/ops/audit")

    assert [(line["name"], line["action"], line["target"]) for line in page["items"]] == [
        ("ops", "search_phone", "138****8000"),
        ("ops", "retry_all_failed", "urgent"),
        ("ops", "pause_queue", "urgent"),
    ]
    assert page["items"][1]["data"] == {"count": 2, "error": OUT_OF_RANGE}
    assert "13800138000" not in str(page)


async def test_the_record_of_acts_is_for_who_sees_every_dealer(api_on_sqlite: Api) -> None:
    await everybody(api_on_sqlite)
    for userid, status in (("brand", 200), ("region", 403), ("manager", 403)):
        await as_member(api_on_sqlite, userid)
        assert (await ask(api_on_sqlite, "GET", "/ops/audit"))[0] == status, userid


@pytest.mark.parametrize(
    ("words", "by", "found"),
    [
        ("李雷", "name", 1),
        ("13800138000", "phone", 1),
        ("+86 138 0013 8000", "phone", 1),
        ("8000", "number", 0),
        ("1380013", "number", 0),
        ("韩梅梅", "name", 0),
    ],
)
async def test_leads_are_found_by_name_and_whole_phone_never_by_its_end(
    api: Api, take: Taker, words: str, by: str, found: int
) -> None:
    await take("e-1")
    status, answer = await api.post(f"{V1}/ops/leads/search", {"q": words, "reason": "核对"})
    assert (status, answer["by"], len(answer["items"])) == (200, by, found)
    assert "13800138000" not in str(answer)


async def test_a_lead_is_found_by_its_number_but_not_at_a_foreign_dealer(
    api: Api, take: Taker
) -> None:
    await everybody(api)
    lead = await take("e-1")
    for words in (lead["lead_id"], f"#{lead['lead_id']}"):
        _, answer = await api.post(f"{V1}/ops/leads/search", {"q": words})
        assert [found["lead_id"] for found in answer["items"]] == [lead["lead_id"]]
    await as_member(api, "region")
    for words in (lead["lead_id"], "李雷", "13800138000"):
        wanted = {"q": words, "reason": "核对"}
        assert (await ask(api, "POST", "/ops/leads/search", wanted))[1]["items"] == []
    assert (await ask(api, "GET", f"/leads/{lead['lead_id']}/explain"))[0] == 404


async def test_a_lead_explains_its_level_dealer_adviser_and_pool(api: Api, take: Taker) -> None:
    lead = await take("e-1")
    api.clock.advance(minutes=5)
    await api.post(
        f"{V1}/leads/{lead['lead_id']}/transfer", {"userid": "manager", "reason": "换人"}
    )

    status, told = await api.get(f"{V1}/leads/{lead['lead_id']}/explain")

    assert status == 200
    assert told["level_text"] == "H级"
    assert told["reasons"][0] == "计划7天内购车"
    assert told["gradings"][-1]["cause"] == "线索进来"
    assert (told["dealer"]["name"], told["dealer"]["why"]) == ("长春净月店", "客户选的门店")
    assert told["holders"][-1]["name"] == "王芳"
    assert told["holders"][-1]["why"]
    assert (told["pool"]["pool_text"], told["pool"]["why"]) == ("潜客池", "意向明确，H级")
    assert told["model_text"] == "探岳"


async def test_a_stop_ends_the_streams(api_on_sqlite: Api) -> None:
    await everybody(api_on_sqlite)
    await as_member(api_on_sqlite, "ops")
    async with api_on_sqlite.http.get(f"{V1}/ops/stream") as response:
        await response.content.readline()
        api_on_sqlite.app[WATCH].end()
        assert (await response.content.read())[-2:] == b"\n\n"
