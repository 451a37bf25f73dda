"""Segments over HTTP: written, looked at, and refused with the place of what is wrong."""

from __future__ import annotations

from domain.commands import PutStaff
from domain.ready_segments import READY
from domain.segment import parse
from domain.segment_fields import FIELDS
from tests.api.conftest import Api, Taker, a_lead, signed_in
from tests.domain.campaigns import a_document
from texts import segments as words

HOT = {"and": [{"field": "level", "op": "eq", "value": "H"}]}
SEGMENTS = "/api/v1/segments"


async def test_a_segment_is_written_changed_and_taken_away(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    body = {"name": "本周想买", "document": HOT}

    status, kept = await api.put(f"{SEGMENTS}/hot", body)
    assert (status, kept["version"], kept["ready_made"]) == (200, 1, False)
    assert (await api.put(f"{SEGMENTS}/hot", body))[1]["version"] == 1
    _, renamed = await api.put(f"{SEGMENTS}/hot", {**body, "name": "热客"})
    assert (renamed["version"], renamed["name"], renamed["document"]) == (2, "热客", HOT)
    _, listed = await api.get(SEGMENTS)
    assert [item["code"] for item in listed["items"]] == ["hot", *READY]

    async with api.http.delete(f"{SEGMENTS}/hot", headers=api.auth()) as response:
        assert response.status == 204
    assert (await api.get(f"{SEGMENTS}/hot"))[0] == 404


async def test_a_ready_made_one_can_be_replaced_and_comes_back(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    path = f"{SEGMENTS}/dormant_30"
    await api.put(path, {"name": "休眠一个月", "document": HOT})
    assert (await api.get(path))[1]["name"] == "休眠一个月"

    async with api.http.delete(path, headers=api.auth()) as response:
        assert response.status == 204
    status, again = await api.get(path)
    assert (status, again["ready_made"], again["document"]) == (200, True, READY["dormant_30"])
    assert again["name"] == words.ready_name("dormant_30")


async def test_a_preview_counts_and_shows_nobody_in_clear(api: Api, take: Taker) -> None:
    lead = await take()
    cold = {"purchase_window_days": 365}
    await take("e-2", customer={"phone": "13900139000", "name": "韩梅"}, intent=cold)

    status, seen = await api.post(f"{SEGMENTS}/preview", {"document": HOT})

    assert (status, seen["count"], len(seen["examples"])) == (200, 1, 1)
    shown = seen["examples"][0]
    assert (shown["lead_id"], shown["name"], shown["phone"]) == (
        lead["lead_id"],
        "李*",
        "138****8000",
    )
    assert (shown["model"], shown["level"]) == ("探岳", "H")


async def test_what_is_wrong_is_said_where_it_is(desk_on_sqlite: Api) -> None:
    api = desk_on_sqlite
    await api.bus.execute(PutStaff("brand", "品牌", "brand_ops"))
    wrong = {"and": [{"field": "level", "op": "is", "value": "H"}]}

    status, problem = await api.post(f"{SEGMENTS}/preview", {"document": wrong})
    assert (status, problem["errors"][0]["loc"]) == (422, "document.and.0.op")
    assert problem["errors"][0]["msg"].startswith("must be one of eq, ne")

    page = await signed_in(api, "brand")
    status, problem = await page.call("PUT", "segments/x", {"name": "x", "document": wrong})
    assert (status, problem["errors"][0]["loc"]) == (422, "document.and.0.op")
    assert problem["errors"][0]["msg"].startswith("只能是：eq")


async def test_a_store_sees_its_own_customers_and_changes_nothing(desk_on_sqlite: Api) -> None:
    api = desk_on_sqlite
    await api.post("/api/v1/leads", a_lead())
    far = {"intent": {"dealer_code": "CD01"}, "customer": {"phone": "13700137000"}}
    await api.post("/api/v1/leads", a_lead("far", **far))
    page = await signed_in(api, "manager")

    assert (await api.post(f"{SEGMENTS}/preview", {"document": HOT}))[1]["count"] == 2
    assert (await page.post("segments/preview", {"document": HOT}))[1]["count"] == 1
    assert (await page.call("PUT", "segments/hot", {"name": "x", "document": HOT}))[0] == 403


async def test_a_segment_that_campaigns_are_for_stays(api_on_sqlite: Api) -> None:
    """Else they would go on, and nobody would ever join."""
    api, campaign = api_on_sqlite, "/api/v1/campaigns/hot"
    assert (await api.put(f"{SEGMENTS}/mine", {"name": "x", "document": HOT}))[0] == 200
    audience = {"on": "segment", "segment": "mine"}
    assert (await api.put(campaign, a_document(audience=audience)))[0] == 200
    async with api.http.delete(f"{SEGMENTS}/mine", headers=api.auth()) as refused:
        assert refused.status == 409
        assert (await refused.json())["facts"]["campaigns"] == ["hot"]
    for move in ("start", "stop"):
        assert (await api.post(f"{campaign}/{move}", {}))[0] == 200
    async with api.http.delete(f"{SEGMENTS}/mine", headers=api.auth()) as gone:
        assert gone.status == 204


async def test_who_writes_one_with_a_form_is_told_every_field(api_on_sqlite: Api) -> None:
    status, told = await api_on_sqlite.get("/api/v1/segment-fields")

    fields = {field["field"]: field for group in told["groups"] for field in group["fields"]}
    assert status == 200
    assert fields.keys() == FIELDS.keys()
    assert {"value": "tayron", "text": "探岳"} in fields["model"]["choices"]
    assert {"value": "CC01", "text": "长春净月店"} in fields["dealer"]["choices"]
    assert all(op["text"] for field in fields.values() for op in field["ops"])


def test_every_ready_made_segment_can_be_read_and_has_a_name() -> None:
    for code, document in READY.items():
        assert parse(document)
        assert words.ready_name(code) != code
