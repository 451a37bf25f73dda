"""What may be done with a lead over HTTP."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api, Taker, a_lead

CALLED = {"result": "connected", "way": "phone", "note": "想周六来看车"}


async def at(api: Api, taken: dict, action: str, body: dict) -> tuple[int, dict]:
    return await api.post(f"/api/v1/leads/{taken['lead_id']}/{action}", body)


async def test_a_follow_up_accepts_the_lead_and_stops_its_clock(api: Api, take: Taker) -> None:
    taken = await take()
    when = {"appointment_at": "2026-11-28T15:00:00+08:00", "level": "H", "model": "迈腾"}

    status, body = await at(api, taken, "follow-ups", {**CALLED, **when})

    assert status == 201
    assert body["id"]
    assert body["lead"]["state"] == "accepted"
    assert body["lead"]["assignment"]["first_response_at"] is not None
    assert body["lead"]["model"] == "magotan"
    _, page = await api.get(f"/api/v1/leads/{taken['lead_id']}/timeline")
    told = next(line for line in page["items"] if line["kind"] == "follow_up")
    assert told["text"] == "已联系（电话），约本周六15:00到店：想周六来看车"
    assert told["actor"] == "api:bootstrap"


@pytest.mark.parametrize(
    ("loc", "changes"),
    [
        ("result", {"result": "shrugged"}),
        ("result", {"result": None}),
        ("way", {"way": "x" * 17}),
        ("level", {"level": "hot"}),
        ("level", {"level": "Z"}),
        ("model", {"model": "unheard-of"}),
        ("occurred_at", {"occurred_at": "2026-11-24 10:00"}),
        ("appointment_at", {"appointment_at": "Saturday"}),
        ("mood", {"mood": "good"}),
    ],
)
async def test_a_follow_up_that_makes_no_sense_is_422(
    api_on_sqlite: Api, loc: str, changes: dict
) -> None:
    _, taken = await api_on_sqlite.post("/api/v1/leads", a_lead())

    status, problem = await at(api_on_sqlite, taken, "follow-ups", {**CALLED, **changes})

    assert status == 422
    assert [error["loc"] for error in problem["errors"]] == [loc]


async def test_an_old_contact_added_late_moves_the_next_date_nowhere(
    api: Api, take: Taker
) -> None:
    taken = await take()
    agreed = "2026-12-02T02:00:00+00:00"
    await at(api, taken, "follow-ups", {**CALLED, "next_follow_up_at": agreed})

    _, body = await at(
        api, taken, "follow-ups", {**CALLED, "occurred_at": "2026-11-21T10:00:00+08:00"}
    )

    assert body["lead"]["assignment"]["next_follow_up_at"] == agreed


async def test_the_second_accept_is_told_who_was_first(api: Api, take: Taker) -> None:
    taken = await take()
    first, _ = await at(api, taken, "accept", {"userid": "wangfang"})

    status, problem = await at(api, taken, "accept", {"userid": "wangfang"})

    assert first == 200
    assert (status, problem["code"]) == (409, "already_accepted")
    assert problem["facts"]["by"] == "王芳"
    assert problem["type"] == "urn:leadloop:problem:already_accepted"


async def test_nobody_accepts_a_lead_of_somebody_else(api: Api, take: Taker) -> None:
    taken = await take()

    status, problem = await at(api, taken, "accept", {"userid": "lina"})

    assert (status, problem["code"]) == (409, "not_yours")


async def test_a_transfer_moves_the_lead_with_a_clock_of_its_own(api: Api, take: Taker) -> None:
    taken = await take()
    api.clock.advance(minutes=10)

    status, lead = await at(
        api, taken, "transfer", {"dealer_code": "CC02", "reason": "客户住绿园"}
    )

    assert status == 200
    assert (lead["dealer_code"], lead["assignment"]["userid"]) == ("CC02", "lina")
    assert lead["assignment"]["assigned_at"] == "2026-11-24T02:10:00+00:00"


@pytest.mark.parametrize("away", [{"on_duty": False}, {"capacity": 0}])
async def test_nobody_who_is_away_or_full_is_given_a_lead_by_name(
    api: Api, take: Taker, away: dict
) -> None:
    taken = await take()
    lina = {"name": "李娜", "dealer_code": "CC02", "role": "adviser", "on_duty": True}
    await api.put("/api/v1/staff/lina", {**lina, **away})

    status, problem = await at(api, taken, "transfer", {"userid": "lina", "reason": "休假"})

    assert (status, problem["code"]) == (409, "nobody_to_take")


@pytest.mark.parametrize(
    "body", [{"reason": "x"}, {"userid": "lina", "dealer_code": "CC02", "reason": "x"}, {}]
)
async def test_a_transfer_names_one_target_and_a_reason(
    api_on_sqlite: Api, body: dict[str, str]
) -> None:
    _, taken = await api_on_sqlite.post("/api/v1/leads", a_lead())

    assert (await at(api_on_sqlite, taken, "transfer", body))[0] == 422


async def test_a_defeat_must_be_earned(api: Api, take: Taker) -> None:
    taken = await take()

    status, problem = await at(api, taken, "defeat", {"reason": "price"})

    assert (status, problem["code"]) == (409, "defeat_not_earned")
    assert {m["code"] for m in problem["facts"]["missing"]} == {
        "too_few_attempts",
        "too_few_days",
    }


async def test_an_earned_defeat_waits_for_approval(api: Api, take: Taker) -> None:
    taken = await take()
    for _ in range(3):
        await at(api, taken, "follow-ups", {"result": "unreachable"})
        api.clock.advance(days=1)

    status, lead = await at(api, taken, "defeat", {"reason": "price", "competitor": "途观"})

    assert (status, lead["state"]) == (200, "defeat_requested")


async def test_a_closed_lead_is_reopened_and_an_open_one_is_not(api: Api, take: Taker) -> None:
    taken = await take()
    status, problem = await at(api, taken, "reopen", {"reason": "又想买了"})
    assert (status, problem["code"]) == (409, "wrong_state")
    await at(api, taken, "follow-ups", {"result": "dormant"})

    status, lead = await at(api, taken, "reopen", {"reason": "又想买了"})

    assert status == 200
    assert lead["state"] == "assigned"


@pytest.mark.parametrize("action", ["follow-ups", "accept", "transfer", "defeat", "reopen"])
async def test_nothing_can_be_done_with_a_lead_that_is_not_there(
    api_on_sqlite: Api, action: str
) -> None:
    bodies = {
        "follow-ups": CALLED,
        "accept": {"userid": "wangfang"},
        "transfer": {"userid": "lina", "reason": "x"},
        "defeat": {"reason": "price"},
        "reopen": {"reason": "x"},
    }

    status, problem = await api_on_sqlite.post(f"/api/v1/leads/99/{action}", bodies[action])

    assert (status, problem["code"]) == (404, "not_found")
