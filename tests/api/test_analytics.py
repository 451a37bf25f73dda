"""The KPI dictionary over HTTP: known answers to a small story, their rows, and who sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.commands import PutStaff
from domain.kpi import KPIS
from tests.api.conftest import Api, a_lead, signed_in

ANALYTICS = "/api/v1/analytics"


async def _follow_up(api: Api, lead: dict, result: str, **more: object) -> None:
    path = f"/api/v1/leads/{lead['lead_id']}/follow-ups"
    status, told = await api.post(path, {"result": result, **more})
    assert status == 201, told


async def a_story(api: Api) -> list[dict]:
    """One buys within the week its level promises, one is called too late, one is nobody."""
    await api.put("/api/v1/policies/brand", {"defeat": {"needs_approval": False}})
    sent = (
        a_lead("e-1"),
        a_lead("e-2", customer={"phone": "13900139000"}, source="autohome"),
        a_lead("e-3", customer={"phone": "13900139001"}, intent={"dealer_code": "CD01"}),
    )
    buys, late, nobody = [(await api.post("/api/v1/leads", lead))[1] for lead in sent]
    api.clock.advance(minutes=5)
    await _follow_up(api, buys, "connected")
    await _follow_up(api, nobody, "wrong_number")
    await api.post(f"/api/v1/leads/{nobody['lead_id']}/defeat", {"reason": "invalid"})
    tomorrow = (api.clock.now + timedelta(days=1)).isoformat()
    await _follow_up(api, buys, "appointment", appointment_at=tomorrow)
    api.clock.advance(minutes=15)
    await _follow_up(api, late, "unreachable")
    api.clock.advance(days=1)
    await _follow_up(api, buys, "test_drive")
    await _follow_up(api, buys, "ordered")
    return [buys, late, nobody]


def told(values: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {value["code"]: (value["part"], value["whole"]) for value in values}


IN_ALL = {
    "valid_rate": (2, 3),
    "first_response_rate": (2, 3),
    "connect_rate": (1, 3),
    "follow_up_rate": (3, 3),
    "invite_to_visit": (1, 1),
    "visit_to_test_drive": (1, 1),
    "visit_to_order": (1, 1),
    "defeat_rate": (0, 1),
    "defeat_rejection_rate": (0, 1),
    "level_calibration": (1, 1),
}


@pytest.mark.parametrize("view", ["cohort", "period"])
async def test_a_story_has_the_figures_counted_by_hand(api: Api, view: str) -> None:
    await a_story(api)

    status, found = await api.get(ANALYTICS, view=view, by="dealer")

    assert status == 200
    assert told(found["total"]) == IN_ALL
    shares = {value["code"]: value["share"] for value in found["total"]}
    assert (shares["valid_rate"], shares["defeat_rate"]) == (0.6667, 0.0)
    groups = {group["key"]: told(group["values"]) for group in found["groups"]}
    assert groups["CD01"]["valid_rate"] == (0, 1)
    assert groups["CC01"]["first_response_rate"] == (1, 2)
    assert [group["title"] for group in found["groups"]] == ["长春净月店", "成都高新店"]
    reached = {stage["stage"]: stage["count"] for stage in found["funnel"]}
    assert reached == {
        "captured": 3,
        "assigned": 3,
        "contacted": 1,
        "invited": 1,
        "visited": 1,
        "test_drove": 1,
        "ordered": 1,
        "delivered": 0,
    }
    (promise,) = found["calibration"]
    assert (promise["level"], promise["judged"], promise["kept"]) == ("H", 1, 1)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("region", {"NE": 2, "SW": 1}),
        ("staff", {"wangfang": 2, "zhouwei": 1}),
        ("source", {"dongchedi": 2, "autohome": 1}),
        ("model", {"tayron": 3}),
        ("level", {"H": 3}),
        ("pool", {"prospects": 1, "owners": 1, "out": 1}),
    ],
)
async def test_parts_make_the_whole(api: Api, by: str, keys: dict[str, int]) -> None:
    await a_story(api)

    _, found = await api.get(ANALYTICS, by=by)

    parts = {group["key"]: told(group["values"]) for group in found["groups"]}
    assert {key: part["valid_rate"][1] for key, part in parts.items()} == keys
    for code, (part, whole) in told(found["total"]).items():
        assert sum(each[code][0] for each in parts.values()) == part, code
        assert sum(each[code][1] for each in parts.values()) == whole, code
    assert all(group["title"] for group in found["groups"])


async def test_a_period_is_compared_with_the_one_before(api: Api) -> None:
    await a_story(api)
    api.clock.advance(days=7)
    await api.post("/api/v1/leads", a_lead("e-9", customer={"phone": "13900139009"}))

    _, found = await api.get(ANALYTICS, **{"from": "2026-12-01", "to": "2026-12-07"})

    valid = next(value for value in found["total"] if value["code"] == "valid_rate")
    assert (valid["part"], valid["whole"], valid["before"]) == (1, 1, 0.6667)
    assert found["previous"] == {"from": "2026-11-23T16:00:00+00:00", "to": found["from"]}


async def test_behind_a_figure_are_the_rows_it_was_counted_from(api: Api) -> None:
    _, late, nobody = await a_story(api)

    async def rows(**query: str) -> list[dict]:
        status, page = await api.get(f"{ANALYTICS}/rows", **query)
        assert status == 200, page
        return page["items"]

    assert [row["lead_id"] for row in await rows(kpi="valid_rate", show="missed")] == [
        nobody["lead_id"]
    ]
    (missed,) = await rows(kpi="first_response_rate", show="missed")
    assert missed["lead_id"] == late["lead_id"]
    assert (missed["adviser"], missed["phone"]) == ("王芳", "139****9000")
    assert (missed["customer"], missed["dealer"]) == ("李*", "长春净月店")
    assert len(await rows(kpi="connect_rate")) == 3
    assert len(await rows(kpi="defeat_rejection_rate")) == 1
    _, first = await api.get(f"{ANALYTICS}/rows", kpi="connect_rate", limit="2")
    _, rest = await api.get(
        f"{ANALYTICS}/rows", kpi="connect_rate", limit="2", cursor=first["next_cursor"]
    )
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert (await api.get(f"{ANALYTICS}/rows", kpi="weather"))[0] == 404
    assert (await api.get(ANALYTICS, by="weather"))[0] == 422


async def test_the_dictionary_explains_every_figure(api_on_sqlite: Api) -> None:
    _, found = await api_on_sqlite.get(f"{ANALYTICS}/definitions")

    assert [item["code"] for item in found["items"]] == list(KPIS)
    for item in found["items"]:
        assert all(item[name] for name in ("label", "text", "whole", "part", "at")), item


async def test_figures_and_rows_are_those_one_may_see(desk: Api) -> None:
    await a_story(desk)
    await desk.bus.execute(PutStaff("northeast", "东北", "region_manager", region_code="NE"))
    await desk.bus.execute(PutStaff("colleague", "同事", "adviser", dealer_code="CC01"))

    for userid, leads in (("northeast", 2), ("manager", 2), ("wangfang", 2), ("colleague", 0)):
        page = await signed_in(desk, userid)
        status, found = await page.get("analytics?by=dealer")
        assert status == 200
        assert told(found["total"])["valid_rate"][1] == leads, userid
        assert [group["key"] for group in found["groups"]] == (["CC01"] if leads else [])
        _, rows = await page.get("analytics/rows?kpi=valid_rate")
        assert len(rows["items"]) == leads
        for narrower in ("dealer=CD01", "region=SW"):
            _, found = await page.get(f"analytics?{narrower}")
            assert told(found["total"])["valid_rate"] == (0, 0)
    assert (await (await signed_in(desk, "wangfang")).get("analytics?staff=zhouwei"))[0] == 404
