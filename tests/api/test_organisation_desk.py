"""Organisation, rules, questions and keys as the console keeps them: looked at, changed, noted."""

from __future__ import annotations

import math

import pytest

from api.auth import AUTHENTICATORS
from bot.customer.frequent import frequent
from db.models import ApiKey, AuditEntry, Staff
from domain import commands as order
from tests.api.conftest import Api, a_lead, signed_in

V1 = "/api/v1"
SLA = {"sla": {"first_response_minutes": 20}}
QUESTION = {"keywords": ["电池质保", "电池保多久"], "answer": "三电系统质保八年。"}


async def acts(action: str) -> list[dict]:
    return [entry.data for entry in await AuditEntry.filter(action=action).order_by("id")]


# ── the organisation ─────────────────────────────────────────────────────────────────────────


async def test_dealers_and_staff_are_listed_page_by_page(api: Api) -> None:
    await api.post(f"{V1}/leads", a_lead())
    away = order.PutStaff(
        "wangfang",
        "王芳",
        "adviser",
        dealer_code="CC01",
        leave=(("2026-11-20", "2026-11-30"),),
    )
    await api.bus.execute(away)
    seen, cursor = [], {}
    while True:
        _, page = await api.get(f"{V1}/staff", limit="2", **cursor)
        seen += [member["userid"] for member in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["lina", "manager", "wangfang", "zhouwei"]
    _, page = await api.get(f"{V1}/staff", q="王")
    [wang] = page["items"]
    assert (wang["open_leads"], wang["absence"], wang["dealer_name"]) == (
        1,
        "请假中",
        "长春净月店",
    )
    _, page = await api.get(f"{V1}/dealers", q="长春", region="NE")
    assert [(d["code"], d["staff"], d["on_duty"]) for d in page["items"]] == [
        ("CC01", 2, 2),
        ("CC02", 1, 1),
    ]
    _, models = await api.get(f"{V1}/models")
    assert {m["code"]: m["guide_price"] for m in models["items"]} == {
        "magotan": None,
        "tayron": [199900, 259900],
    }
    _, regions = await api.get(f"{V1}/regions")
    assert [(r["code"], r["dealers"]) for r in regions["items"]] == [("NE", 2), ("SW", 1)]


async def test_every_change_is_noted_with_what_was_before_and_after(api: Api) -> None:
    body = {"name": "长春净月店", "region": "NE", "city": "长春", "hours": {"mon": []}}
    for _ in range(2):
        assert (await api.put(f"{V1}/dealers/CC01", body))[0] == 200
    [entry] = await acts("put_dealer")
    assert entry == {"before": {"hours": "always"}, "after": {"hours": {"mon": []}}}
    new = {"name": "孙丽", "role": "adviser", "dealer_code": "CC02"}
    await api.put(f"{V1}/staff/sunli", new)
    [entry] = await acts("put_staff")
    assert "before" in entry
    assert entry["before"] == {}
    assert entry["after"]["name"] == "孙丽"
    assert (await api.put(f"{V1}/dealers/CC01", {**body, "region": "XX"}))[0] == 422
    assert len(await acts("put_dealer")) == 1, "a refusal is no act"


async def test_special_days_stand_in_the_hours_and_count(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    hours = {"tue": [["09:00", "18:00"]], "2026-11-24": [], "2026-11-25": [["13:00", "17:00"]]}
    await api.put(f"{V1}/dealers/CC01", {"name": "店", "city": "长春", "hours": hours})
    _, taken = await api.post(f"{V1}/leads", a_lead())
    _, lead = await api.get(f"{V1}/leads/{taken['lead_id']}")
    assert lead["assignment"]["first_response_due_at"] == "2026-11-25T05:15:00+00:00"
    bad = {"name": "店", "hours": {"2026-11-31": [], "mon": [["9"]]}}
    _, problem = await api.put(f"{V1}/dealers/CC01", bad)
    assert [e["loc"] for e in problem["errors"]] == ["hours.2026-11-31", "hours.mon.0"]


@pytest.mark.parametrize(
    ("who", "mine", "foreign"),
    [("manager", 200, 404), ("region", 200, 404), ("brand", 200, 200), ("wangfang", 403, 403)],
)
async def test_managers_say_when_their_people_work(
    desk_on_sqlite: Api, who: str, mine: int, foreign: int
) -> None:
    api = desk_on_sqlite
    await api.bus.execute(order.PutStaff("brand", "品牌", "brand_ops"))
    await api.bus.execute(order.PutStaff("region", "大区", "region_manager", region_code="NE"))
    page = await signed_in(api, who)
    roster = {
        "on_duty": True,
        "capacity": 7,
        "shifts": {"mon": [["09:00", "18:00"]]},
        "leave": [["2026-12-01", "2026-12-02"]],
    }
    assert (await page.call("PUT", "staff/wangfang/roster", roster))[0] == mine
    assert (await page.call("PUT", "staff/zhouwei/roster", roster))[0] == foreign
    if mine == 200:
        wang = await Staff.get(userid="wangfang")
        assert (wang.name, wang.capacity, wang.leave) == ("王芳", 7, roster["leave"])
        back = {**roster, "leave": [["2026-12-05", "2026-12-02"]]}
        status, problem = await page.call("PUT", "staff/wangfang/roster", back)
        assert (status, problem["errors"][0]["loc"]) == (422, "leave.0")


# ── rules ────────────────────────────────────────────────────────────────────────────────────


async def test_rules_are_checked_stored_compared_and_returned_to(api: Api) -> None:
    path = f"{V1}/ops/policies/dealer:CC01"
    await api.put(f"{V1}/policies/brand", {"sla": {"first_response_minutes": 40}})
    _, sheet = await api.get(path)
    assert (sheet["version"], sheet["overrides"], sheet["may_edit"]) == (0, {}, True)
    assert [layer["scope"] for layer in sheet["layers"]] == ["brand"]
    assert sheet["inherited"]["sla"]["first_response_minutes"] == 40

    _, told = await api.post(f"{path}/check", {"overrides": SLA})
    assert told["changes"] == [{"path": "sla.first_response_minutes", "before": 40, "after": 20}]
    _, told = await api.post(f"{path}/check", {"overrides": {"sla": {"remind_at": 2}}})
    assert [f["loc"] for f in told["faults"]] == ["sla.escalate_at"]

    status, sheet = await api.put(path, {"overrides": SLA, "version": 0, "note": "周末人少"})
    assert (status, sheet["version"]) == (200, 1)
    status, problem = await api.put(path, {"overrides": {}, "version": 0})
    assert (status, problem["code"], problem["facts"]) == (409, "version_changed", {"version": 1})
    await api.put(path, {"overrides": {"merge_days": 90}, "version": 1})
    _, history = await api.get(f"{path}/versions")
    assert [(v["version"], v["note"], len(v["changes"])) for v in history["items"]] == [
        (2, "", 2),
        (1, "周末人少", 1),
    ]

    status, sheet = await api.post(f"{path}/versions/1/restore", {"version": 2})

    assert (sheet["version"], sheet["overrides"]) == (3, SLA)
    assert sheet["in_force"]["merge_days"] == 180
    _, sheet = await api.post(f"{path}/versions/0/restore", {"version": 3})
    assert sheet["in_force"] == sheet["inherited"]
    assert (await api.post(f"{path}/versions/9/restore", {"version": 4}))[0] == 404
    noted = await acts("put_policy")
    assert noted[1] == {
        "before": {"sla.first_response_minutes": 40},
        "after": {"sla.first_response_minutes": 20},
        "note": "周末人少",
    }
    assert [entry.get("restored") for entry in noted[3:]] == [1, 0]


async def test_a_region_changes_its_own_rules_and_nobody_elses(desk_on_sqlite: Api) -> None:
    api = desk_on_sqlite
    await api.bus.execute(order.PutStaff("region", "大区", "region_manager", region_code="NE"))
    region = await signed_in(api, "region")
    body = {"overrides": SLA, "version": 0}
    for scope, status in (
        ("region:NE", 200),
        ("dealer:CC01", 200),
        ("brand", 403),
        ("region:SW", 404),
        ("dealer:CD01", 404),
    ):
        assert (await region.call("PUT", f"ops/policies/{scope}", body))[0] == status, scope
    manager = await signed_in(api, "manager")
    assert (await manager.get("ops/policies/dealer:CC01"))[1]["may_edit"] is False
    assert (await manager.call("PUT", "ops/policies/dealer:CC01", body))[0] == 403


# ── frequent questions ───────────────────────────────────────────────────────────────────────


async def test_questions_edited_here_are_what_the_bot_answers(api: Api) -> None:
    _, faq = await api.get(f"{V1}/faq")
    assert (faq["version"], faq["delivered"]) == (0, True)
    assert await frequent("怎么置换") is not None
    _, told = await api.post(
        f"{V1}/faq/try",
        {"text": "电池 质保几年", "questions": [QUESTION, {**QUESTION, "answer": ""}]},
    )
    assert told["answer"] == QUESTION["answer"]

    status, faq = await api.put(f"{V1}/faq", {"questions": [QUESTION], "version": 0})

    assert (status, faq["version"], faq["delivered"]) == (200, 1, False)
    entry = await frequent("电池质保几年")
    assert entry is not None
    assert entry.answer == QUESTION["answer"]
    assert await frequent("怎么置换") is None
    again = {"questions": [], "version": 0}
    assert (await api.put(f"{V1}/faq", again))[1]["code"] == "version_changed"
    _, faq = await api.post(f"{V1}/faq/versions/0/restore", {"version": 1})
    assert faq["delivered"]
    assert await frequent("怎么置换") is not None
    _, faq = await api.post(f"{V1}/faq/versions/1/restore", {"version": 2})
    assert [q["answer"] for q in faq["questions"]] == [QUESTION["answer"]]
    _, versions = await api.get(f"{V1}/faq/versions")
    assert [(v["version"], v["questions"]) for v in versions["items"]] == [
        (3, 1),
        (2, None),
        (1, 1),
    ]
    assert len(await acts("put_faq")) == 3


@pytest.mark.parametrize(
    ("question", "loc"),
    [
        ({"keywords": [], "answer": "好"}, "questions.1.keywords"),
        ({"keywords": ["保养"], "answer": " "}, "questions.1.answer"),
        ({"keywords": ["保养"], "answer": "字" * 601}, "questions.1.answer"),
        ({"keywords": ["保养", " "], "answer": "好"}, "questions.1.keywords.1"),
        ({"keywords": ["保养"], "unless": [""], "answer": "好"}, "questions.1.unless.0"),
        ({"keywords": ["电池 质保"], "answer": "好"}, "questions.1.keywords.0"),
    ],
)
async def test_a_question_that_makes_no_sense_is_named_at_its_field(
    api_on_sqlite: Api, question: dict, loc: str
) -> None:
    body = {"questions": [QUESTION, question], "version": 0}
    status, problem = await api_on_sqlite.put(f"{V1}/faq", body)
    assert (status, [e["loc"] for e in problem["errors"]]) == (422, [loc])


async def test_the_delivered_questions_pass_their_own_rules(api_on_sqlite: Api) -> None:
    _, faq = await api_on_sqlite.get(f"{V1}/faq")
    body = {"questions": faq["questions"], "version": 0}
    status, kept = await api_on_sqlite.put(f"{V1}/faq", body)
    assert (status, kept["questions"]) == (200, faq["questions"])


# ── keys ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_key_is_shown_once_used_seen_and_revoked(api: Api) -> None:
    status, made = await api.post(f"{V1}/keys", {"name": "官网", "scopes": ["leads:read"]})
    assert status == 201
    assert made["key"].startswith("ll_")
    used = {"headers": api.auth(made["key"])}
    api.clock.advance(minutes=5)

    async with api.http.get(f"{V1}/leads", **used) as response:
        assert response.status == 200
    async with api.http.get(f"{V1}/keys", **used) as response:
        assert response.status == 403

    _, page = await api.get(f"{V1}/keys")
    [key] = page["items"]
    assert (key["name"], key["last_used_at"]) == ("官网", api.clock.now.isoformat())
    assert made["key"] not in str(page)
    assert made["key"] not in str(await ApiKey.all().values())
    assert (await api.post(f"{V1}/keys", {"name": "官网", "scopes": ["ops"]}))[0] == 422
    for _ in range(2):
        async with api.http.delete(f"{V1}/keys/{key['id']}", headers=api.auth()) as response:
            assert (await response.json())["revoked_at"]
    keys = api.app[AUTHENTICATORS][0]
    keys.monotonic = lambda: math.inf  # type: ignore[attr-defined]
    async with api.http.get(f"{V1}/leads", **used) as response:
        assert response.status == 401
    assert [len(await acts(name)) for name in ("create_key", "revoke_key")] == [1, 1]
