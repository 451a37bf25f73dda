"""Campaigns over HTTP: written, looked at, set going; and what is wrong with one."""

from __future__ import annotations

from typing import Any

import pytest

from api.campaign_views import report
from db.models import Campaign, CampaignVersion, Consent, Customer
from db.profiles import draw_range
from domain import commands as order
from domain.campaign_commands import MeasureCampaigns
from tests.api.conftest import Api, signed_in
from tests.domain.campaigns import a_document

V1 = "/api/v1/campaigns"
OWNERS = {"on": "segment", "segment": {"field": "pool", "op": "eq", "value": "owners"}}


async def owners(api: Api, number: int) -> None:
    now = api.clock.now
    for i in range(1, number + 1):
        await Customer.create(id=i, pool="owners", created_at=now)
        await Consent.create(
            customer_id=i, purpose="marketing", version="t", channel="t", obtained_at=now
        )
    await draw_range(1, number)


async def written(api: Api, code: str = "price", **changes: Any) -> dict[str, Any]:
    status, body = await api.put(f"{V1}/{code}", a_document(**changes))
    assert status == 200, body
    return body


async def test_a_changed_flow_is_a_new_version_and_the_same_one_is_not(api: Api) -> None:
    assert (await written(api))["state"] == "draft"
    assert (await written(api))["version"] == 1
    assert (await written(api, holdout=0.2))["version"] == 2
    kept = await CampaignVersion.all().order_by("version").values_list("document", flat=True)
    assert kept == [a_document(), a_document(holdout=0.2)]
    status, shown = await api.get(f"{V1}/price")
    assert (status, shown["document"]) == (200, a_document(holdout=0.2))
    assert (await api.get(f"{V1}/nothing"))[0] == 404


async def test_every_fault_is_named_to_programs_in_english_to_people_in_their_language(
    desk_on_sqlite: Api,
) -> None:
    api = desk_on_sqlite
    wrong = a_document(holdout=2, steps=[{"by": ["message"], "text": "{phone}"}])
    status, refused = await api.put(f"{V1}/price", wrong)
    assert status == 422
    told = {e["loc"]: e["msg"] for e in refused["errors"]}
    assert set(told) == {"holdout", "steps.0.text"}
    assert told["holdout"] == "must be at least 0 and at most 0.5"
    await api.bus.execute(order.PutStaff("brand", "品牌", "brand_ops"))
    page = await signed_in(api, "brand")
    status, told = await page.post(f"{V1}/preview", {"document": wrong})
    assert status == 422
    assert {"loc": "holdout", "msg": "填 0 到 0.5"} in told["errors"]
    lost = {"on": "segment", "segment": "no_such_segment"}
    _, told = await page.post(f"{V1}/preview", {"document": a_document(audience=lost)})
    assert told["errors"] == [{"loc": "audience.segment", "msg": "没有人群 no_such_segment"}]


async def test_a_preview_says_what_customers_read_and_how_many_would_join(api: Api) -> None:
    await owners(api, 3)
    status, seen = await api.post(f"{V1}/preview", {"document": a_document(audience=OWNERS)})
    assert status == 200
    assert seen["count"] == 3
    first, second = seen["steps"]
    assert (first["day"], first["text"], first["task"]) == (7, "您好，李女士", "请回访")
    assert (second["day"], second["text"]) == (21, "探岳有新优惠")
    _, seen = await api.post(f"{V1}/preview", {"document": a_document()})
    assert seen["count"] is None


async def test_a_start_that_concerns_far_more_people_is_refused(api: Api) -> None:
    await owners(api, 15)
    await written(api, audience=OWNERS)
    status, refused = await api.post(f"{V1}/price/start", {"count": 2})
    assert (status, refused["code"], refused["facts"]) == (409, "count_changed", {"count": 15})
    status, started = await api.post(f"{V1}/price/start", {"count": 15})
    assert (status, started["state"]) == (200, "running")
    assert (await api.post(f"{V1}/price/start", {}))[0] == 409
    assert (await api.post(f"{V1}/price/pause"))[1]["state"] == "paused"
    assert (await api.post(f"{V1}/price/stop"))[1]["state"] == "stopped"
    assert (await api.put(f"{V1}/price", a_document(holdout=0)))[0] == 409
    _, acts = await api.get("/api/v1/ops/audit")
    assert [act["action"] for act in acts["items"]] == [
        "stop_campaign",
        "pause_campaign",
        "start_campaign",
        "put_campaign",
    ]


async def test_the_list_says_what_each_had_brought_a_few_minutes_ago(api: Api) -> None:
    for code in ("one", "two", "three"):
        await written(api, code)
    await api.post(f"{V1}/one/start", {})
    assert await api.bus.execute(MeasureCampaigns()) == 1
    assert await api.bus.execute(MeasureCampaigns()) == 0
    status, page = await api.get(V1, limit="2")
    assert (status, [each["code"] for each in page["items"]]) == (200, ["three", "two"])
    _, rest = await api.get(V1, limit="2", cursor=page["next_cursor"])
    assert [(each["code"], each["joined"]) for each in rest["items"]] == [("one", 0)]
    assert rest["next_cursor"] is None


async def test_campaigns_are_the_brands(desk_on_sqlite: Api) -> None:
    api = desk_on_sqlite
    await written(api)
    await api.bus.execute(order.PutStaff("region", "大区", "region_manager", region_code="NE"))
    page = await signed_in(api, "region")
    for path in (V1, f"{V1}/price", f"{V1}/price/report", f"{V1}/ready-made"):
        assert (await page.get(path))[0] == 404, path
    assert (await api.put(f"{V1}/preview", a_document()))[0] == 422
    _, ready = await api.get(f"{V1}/ready-made")
    for each in ready["items"]:
        assert (await api.put(f"{V1}/{each['code']}", each["document"]))[0] == 200


@pytest.mark.parametrize(
    ("state", "places"),
    [
        ("running", {"waiting": 5, "over": 4, "armed": 2, "held_out": 1}),
        ("stopped", {"left": 7, "over": 4, "held_out": 1}),
    ],
)
def test_in_a_stopped_campaign_nobody_waits(state: str, places: dict[str, int]) -> None:
    figures = {
        "arms": {"touched": {"people": 11}, "held_out": {"people": 1}},
        "states": {"waiting": 5, "armed": 2, "over": 4, "held_out": 1},
        "endings": {},
        "steps": [],
        "labels": {},
    }
    shown = report(Campaign(state=state), figures).places
    assert {each.code: each.count for each in shown} == places
    assert all(each.text != each.code for each in shown)
