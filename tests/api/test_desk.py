"""The dealer desk as JSON: what is due, what is agreed, what lies in the sea, what was done."""

from __future__ import annotations

import asyncio

import pytest

from api.js_sdk import signature
from db.models import Assignment, Lead, TimelineEvent
from domain.commands import PutPolicy, PutStaff, SetDuty
from tests.api.conftest import Api, AsStaff, a_lead, signed_in


async def sent(api: Api, number: int = 1, **changes: object) -> str:
    """A lead at CC01 of its own customer; its id."""
    customer = {"phone": f"138001380{number:02}", "name": f"客户{number}"}
    lead = a_lead(f"e-{number}", customer=customer, **changes)
    status, taken = await api.post("/api/v1/leads", lead)
    assert status == 201, taken
    return taken["lead_id"]


async def into_the_sea(api: Api, lead_id: str) -> None:
    """As if the clocks had taken it back from whoever held it."""
    await Assignment.filter(lead_id=int(lead_id)).update(
        ended_at=api.clock(), end_reason="unaccepted", open_lead_id=None
    )
    await Lead.filter(id=int(lead_id)).update(state="sea", recycles=1)


@pytest.fixture
async def wang(desk: Api) -> AsStaff:
    return await signed_in(desk, "wangfang")


# ── what is due ──────────────────────────────────────────────────────────────────────────────


async def test_the_most_overdue_comes_first(desk: Api, wang: AsStaff) -> None:
    first = await sent(desk, 1)
    desk.clock.advance(minutes=10)
    second = await sent(desk, 2)
    await wang.post(f"leads/{first}/accept", {})
    desk.clock.advance(minutes=5)

    _, todo = await wang.get("me/todo")

    assert [(x["lead"]["lead_id"], x["kind"], x["late"]) for x in todo["items"]] == [
        (first, "first_response", True),
        (second, "accept", False),
    ]
    assert todo["late"] == 1
    assert todo["items"][0]["lead"]["phone"] == "138****8001"


async def test_what_was_done_falls_due_when_it_was_promised(desk: Api, wang: AsStaff) -> None:
    lead = await sent(desk)
    at = "2026-11-25T15:00:00+08:00"

    await wang.post(f"leads/{lead}/follow-ups", {"result": "connected", "next_follow_up_at": at})

    _, todo = await wang.get("me/todo")
    assert [(x["kind"], x["due_at"]) for x in todo["items"]] == [
        ("follow_up", "2026-11-25T07:00:00+00:00")
    ]


async def test_the_manager_sees_everybodys_work_the_adviser_only_theirs(desk: Api) -> None:
    await sent(desk)
    await desk.bus.execute(PutStaff("hanmei", "韩梅", "adviser", dealer_code="CC01"))
    manager, other = await signed_in(desk, "manager"), await signed_in(desk, "hanmei")

    assert len((await manager.get("me/todo?whose=all"))[1]["items"]) == 1
    assert (await manager.get("me/todo"))[1]["items"] == []
    assert (await other.get("me/todo?whose=all"))[1]["items"] == []


async def test_a_later_agreement_replaces_the_one_before(desk: Api, wang: AsStaff) -> None:
    lead = await sent(desk)
    for at in ("2026-11-26T15:00:00+08:00", "2026-11-28T10:00:00+08:00"):
        await wang.post(
            f"leads/{lead}/follow-ups", {"result": "appointment", "appointment_at": at}
        )

    _, week = await wang.get("me/calendar?from=2026-11-23")

    agreed = [x["at"] for x in week["items"] if x["kind"] == "appointment"]
    assert agreed == ["2026-11-28T02:00:00+00:00"]


# ── one lead ─────────────────────────────────────────────────────────────────────────────────


async def test_the_number_is_shown_only_after_the_accept_and_that_is_noted(
    desk: Api, wang: AsStaff
) -> None:
    lead = await sent(desk)
    assert (await wang.post(f"leads/{lead}/phone"))[0] == 409

    await wang.post(f"leads/{lead}/accept", {})
    status, shown = await wang.post(f"leads/{lead}/phone")

    assert (status, shown["phone"]) == (200, "13800138001")
    noted = await TimelineEvent.filter(lead_id=int(lead), kind="revealed")
    assert [line.actor for line in noted] == ["staff:wangfang"]


async def test_the_page_says_what_may_be_done_now(desk: Api, wang: AsStaff) -> None:
    lead = await sent(desk)
    before = (await wang.get(f"me/leads/{lead}"))[1]["may"]
    await wang.post(f"leads/{lead}/accept", {})
    after = (await wang.get(f"me/leads/{lead}"))[1]["may"]

    assert (before["accept"], before["reveal"], before["claim"]) == (True, False, False)
    assert (after["accept"], after["reveal"], after["follow_up"]) == (False, True, True)


async def test_ones_own_record_can_be_taken_back_by_nobody_else(desk: Api, wang: AsStaff) -> None:
    lead = await sent(desk)
    _, logged = await wang.post(f"leads/{lead}/follow-ups", {"result": "unreachable"})
    path = f"leads/{lead}/follow-ups/{logged['id']}/undo"
    manager = await signed_in(desk, "manager")
    assert (await manager.post(path))[0] == 404

    assert (await wang.post(path))[0] == 200

    assert (await wang.post(path))[0] == 404
    assert (await wang.get(f"me/leads/{lead}"))[1]["undo"] is None


async def test_a_lead_is_handed_to_a_colleague_and_not_out_of_the_house(
    desk: Api, wang: AsStaff
) -> None:
    lead = await sent(desk)
    await desk.bus.execute(PutStaff("hanmei", "韩梅", "adviser", dealer_code="CC01"))
    path = f"leads/{lead}/transfer"
    assert (await wang.post(path, {"userid": "lina", "reason": "x"}))[0] == 404
    assert (await wang.post(path, {"dealer_code": "CC02", "reason": "x"}))[0] == 404

    status, after = await wang.post(path, {"userid": "hanmei", "reason": "客户指定"})

    assert (status, after["assignment"]["userid"]) == (200, "hanmei")
    assert (await wang.get(f"me/leads/{lead}"))[0] == 404


@pytest.mark.parametrize("words", ["客户1", "客户", "8001", "13800138001", "#1"])
async def test_a_lead_is_found_by_what_one_remembers(desk: Api, wang: AsStaff, words: str) -> None:
    lead = await sent(desk)
    words = words.replace("#1", f"#{lead}")

    _, found = await wang.call("GET", f"me/search?q={words.replace('#', '%23')}")

    assert [x["lead_id"] for x in found["items"]] == [lead]


# ── the sea ──────────────────────────────────────────────────────────────────────────────────


async def test_the_sea_tells_the_past_and_hides_the_number(desk: Api) -> None:
    lead = await sent(desk)
    await desk.bus.execute(PutStaff("hanmei", "韩梅", "adviser", dealer_code="CC01"))
    wang = await signed_in(desk, "wangfang")
    await wang.post(f"leads/{lead}/follow-ups", {"result": "unreachable", "note": "关机"})
    await into_the_sea(desk, lead)

    _, sea = await (await signed_in(desk, "hanmei")).get("me/sea")

    (item,) = sea["items"]
    assert item["lead"]["phone"] is None
    assert (item["last_adviser"], item["last_contact"]) == ("王芳", "未接通 · 关机")
    assert item["may_claim_at"] is None


async def test_who_lost_a_lead_waits_before_claiming_it_back(desk: Api, wang: AsStaff) -> None:
    lead = await sent(desk)
    await into_the_sea(desk, lead)
    assert (await wang.get("me/sea"))[1]["items"][0]["may_claim_at"]

    status, problem = await wang.post(f"leads/{lead}/claim")
    assert (status, problem["code"]) == (409, "cooling_down")

    desk.clock.advance(days=1)
    next_day = await signed_in(desk, "wangfang")
    assert (await next_day.post(f"leads/{lead}/claim"))[0] == 200


async def test_a_days_claims_are_counted_even_when_made_at_once(desk: Api) -> None:
    await desk.bus.execute(
        PutPolicy("dealer:CC01", {"sea": {"claims_per_day": 2, "cool_down_minutes": 0}}, "t")
    )
    await desk.bus.execute(PutStaff("hanmei", "韩梅", "adviser", dealer_code="CC01"))
    leads = [await sent(desk, n) for n in range(1, 6)]
    for lead in leads:
        await into_the_sea(desk, lead)
    page = await signed_in(desk, "hanmei")

    done = await asyncio.gather(*(page.post(f"leads/{lead}/claim") for lead in leads))

    codes = sorted(body.get("code", "claimed") for _, body in done)
    assert codes == ["claim_limit"] * 3 + ["claimed"] * 2
    assert (await page.get("me/sea"))[1]["claims_left"] == 0
    desk.clock.advance(days=1)
    next_day = await signed_in(desk, "hanmei")
    assert (await next_day.get("me/sea"))[1]["claims_left"] == 2


async def test_of_two_who_claim_one_lead_one_gets_it(desk: Api) -> None:
    lead = await sent(desk)
    await into_the_sea(desk, lead)
    for userid in ("hanmei", "hanlei"):
        await desk.bus.execute(PutStaff(userid, "韩", "adviser", dealer_code="CC01"))
    pages = [await signed_in(desk, userid) for userid in ("hanmei", "hanlei")]

    done = await asyncio.gather(*(page.post(f"leads/{lead}/claim") for page in pages))

    statuses = [status for status, _ in done]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 404, 409}  # gone from the sea, or taken at that very moment


# ── approvals, numbers, walk-ins ─────────────────────────────────────────────────────────────


async def test_a_manager_decides_with_the_evidence_before_them(desk: Api, wang: AsStaff) -> None:
    lead = await sent(desk)
    await wang.post(f"leads/{lead}/follow-ups", {"result": "wrong_number"})
    await wang.post(f"leads/{lead}/defeat", {"reason": "wrong_number", "note": "空号"})
    manager = await signed_in(desk, "manager")

    _, (asked,) = await manager.get("me/approvals")
    assert (asked["asked_by"], asked["reason_text"], asked["contacts"]) == ("王芳", "号码错误", 1)
    assert (await wang.get("me/todo"))[1]["items"] == []
    status, decided = await manager.post(f"me/approvals/{asked['id']}", {"approve": True})

    assert (status, decided["approved"]) == (200, True)
    again, problem = await manager.post(f"me/approvals/{asked['id']}", {"approve": False})
    assert (again, problem["code"]) == (409, "already_reviewed")
    assert (await wang.get(f"me/leads/{lead}"))[1]["lead"]["state"] == "invalid"


ASK = {"dormant": {"needs_approval": True}, "transfer": {"needs_approval": True}}


async def test_a_rest_and_a_transfer_wait_where_the_policy_says_so(
    desk: Api, wang: AsStaff
) -> None:
    await desk.bus.execute(PutStaff("lina", "李娜", "adviser", dealer_code="CC01"))
    await desk.bus.execute(PutPolicy("dealer:CC01", ASK, "system"))
    resting, going = await sent(desk, 1), await sent(desk, 2)
    for lead in (resting, going):
        await desk.post(f"/api/v1/leads/{lead}/transfer", {"userid": "wangfang", "reason": "x"})
    body = {"result": "dormant", "reason": "away", "note": "年后回来"}

    _, page = await wang.get(f"me/leads/{resting}")
    assert "away" in [reason["code"] for reason in page["reasons_to_rest"]]
    status, logged = await wang.post(f"leads/{resting}/follow-ups", body)
    assert (status, logged["lead"]["state"]) == (201, "accepted")
    order = {"userid": "lina", "reason": "customer_asks"}
    status, after = await wang.post(f"leads/{going}/transfer", order)
    assert (status, after["assignment"]["userid"]) == (200, "wangfang")

    manager = await signed_in(desk, "manager")
    _, (rest, transfer) = await manager.get("me/approvals")
    assert (rest["kind"], rest["reason_text"], rest["note"]) == ("dormant", "人在外地", "年后回来")
    assert (transfer["kind"], transfer["to"]) == ("transfer", "李娜")
    assert (await wang.get(f"me/leads/{going}"))[1]["asked"] == "transfer"
    assert (await manager.get(f"me/leads/{going}"))[1]["may"]["review"] == transfer["id"]
    await manager.post(f"me/approvals/{transfer['id']}", {"approve": True})
    refused = {"approve": False, "userid": "lina"}
    await manager.post(f"me/approvals/{rest['id']}", refused)

    for lead in (resting, going):
        _, sheet = await desk.get(f"/api/v1/leads/{lead}")
        assert (sheet["state"], sheet["assignment"]["userid"]) == ("assigned", "lina")
    assert (await manager.get("me/approvals"))[1] == []


async def test_who_could_take_a_lead_is_told_with_what_keeps_the_others(
    desk: Api, wang: AsStaff
) -> None:
    lead = await sent(desk)
    await desk.bus.execute(PutStaff("lina", "李娜", "adviser", dealer_code="CC01", on_duty=False))
    await desk.bus.execute(PutStaff("zhang", "张强", "adviser", dealer_code="CC01"))

    _, page = await wang.get(f"me/leads/{lead}/takers")

    told = [(p["name"], p["free"], p["why"]) for p in page["people"]]
    assert told == [("张强", True, ""), ("李娜", False, "休息中")]
    assert page["dealers"] == []


async def test_the_store_stands_beside_the_managers_own_numbers(desk: Api, wang: AsStaff) -> None:
    lead = await sent(desk)
    await wang.post(f"leads/{lead}/follow-ups", {"result": "connected"})

    _, mine = await wang.get("me/numbers?days=7")
    _, store = await (await signed_in(desk, "manager")).get("me/numbers")

    assert (mine["mine"]["new"], mine["mine"]["followed"], mine["mine"]["timely"]) == (1, 1, 1)
    assert mine["store"] is None
    assert store["store"]["new"] == 1
    assert [(x["name"], x["followed"]) for x in store["colleagues"]] == [("王芳", 1)]


def a_walk_in(**changes: object) -> dict[str, object]:
    return {
        "request_id": "request-1",
        "name": "韩梅",
        "phone": "139 0013 9000",
        "model": "tayron",
        "consent": True,
    } | changes


async def test_a_walk_in_stays_with_whoever_met_them(desk: Api, wang: AsStaff) -> None:
    await desk.bus.execute(PutStaff("hanmei", "韩梅", "adviser", dealer_code="CC01"))
    await desk.bus.execute(SetDuty("wangfang", on_duty=False, by="t"))

    status, taken = await wang.post("me/walk-ins", a_walk_in())

    assert (status, taken["outcome"]) == (201, "created")
    _, page = await wang.get(f"me/leads/{taken['lead_id']}")
    assert page["held"]["mine"]
    assert page["held"]["accepted"]
    assert "visited" in {x["data"].get("result") for x in page["timeline"]}
    again, same = await wang.post("me/walk-ins", a_walk_in())
    assert (again, same["lead_id"], same["outcome"]) == (200, taken["lead_id"], "duplicate")


async def test_a_colleagues_customer_stays_the_colleagues(desk: Api, wang: AsStaff) -> None:
    lead = await sent(desk)
    await desk.bus.execute(PutStaff("hanmei", "韩梅", "adviser", dealer_code="CC01"))
    other = await signed_in(desk, "hanmei")

    _, known = await other.post("me/walk-ins/check", {"phone": "13800138001"})
    assert (known["known"], known["adviser"], known["mine"]) == (True, "王芳", False)
    _, taken = await other.post("me/walk-ins", a_walk_in(phone="13800138001"))

    assert (taken["lead_id"], taken["outcome"]) == (lead, "merged")
    assert (await wang.get(f"me/leads/{lead}"))[1]["held"]["mine"]


async def test_customers_of_other_dealers_are_not_told(desk: Api, wang: AsStaff) -> None:
    await sent(desk, 1, intent={"dealer_code": "CC02"})

    _, known = await wang.post("me/walk-ins/check", {"phone": "13800138001"})

    assert not known["known"]


async def test_without_consent_a_walk_in_is_kept_but_not_given_out(
    desk: Api, wang: AsStaff
) -> None:
    _, taken = await wang.post("me/walk-ins", a_walk_in(consent=False))

    assert (await Lead.get(id=int(taken["lead_id"]))).state == "held"


# ── the page's surroundings ──────────────────────────────────────────────────────────────────


def test_a_signature_is_the_sdks_own() -> None:
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    url = "http://mp.weixin.qq.com?params=value"

    signed = signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, url)

    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


@pytest.mark.parametrize("url", ["https://evil.example/m/", "javascript:alert(1)", "", "/m/"])
async def test_only_our_own_pages_are_signed(desk_on_sqlite: Api, url: str) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")

    status, _ = await page.get(f"me/js-sdk?url={url}")

    assert status == 422


async def test_a_stream_begins_with_a_hint_and_tells_of_changes(
    desk_on_sqlite: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.stream.LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("api.streams.LOOK_EVERY_S", 0.02)
    page = await signed_in(desk_on_sqlite, "wangfang")
    cookie = {"Cookie": f"leadloop_session={page.cookie}"}
    async with desk_on_sqlite.http.get("/api/v1/me/stream", headers=cookie) as response:
        assert response.content_type == "text/event-stream"
        assert await _next_event(response) == "changed"

        await sent(desk_on_sqlite, 1, intent={"dealer_code": "CC02"})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_next_event(response), 0.3)
        await sent(desk_on_sqlite, 2)

        assert await asyncio.wait_for(_next_event(response), 5) == "changed"


async def _next_event(response: object) -> str:
    async for line in response.content:  # type: ignore[attr-defined]
        if line.startswith(b"event: "):
            return line.decode().removeprefix("event: ").strip()
    raise AssertionError("the stream ended")


async def test_the_oldest_of_too_many_streams_gives_way(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")
    cookie = {"Cookie": f"leadloop_session={page.cookie}"}
    opened = [await desk_on_sqlite.http.get("/api/v1/me/stream", headers=cookie) for _ in range(4)]

    await asyncio.wait_for(opened[0].read(), 5)

    for response in opened:
        response.close()
