"""People at the console: found, looked at, handed on in bulk."""

from __future__ import annotations

import pytest

from db.models import AuditEntry, Customer
from domain import commands as order
from tests.api.conftest import Api, AsStaff, Taker, a_lead, signed_in

V1 = "/api/v1"


async def leads_at(api: Api, dealer: str, many: int, start: int = 0) -> list[str]:
    taken = []
    for number in range(start, start + many):
        body = a_lead(
            f"{dealer}-{number}",
            customer={"phone": f"139001{number:05}", "name": f"客户{number}"},
            intent={"dealer_code": dealer},
        )
        taken.append((await api.post(f"{V1}/leads", body))[1]["lead_id"])
    return taken


async def as_brand(api: Api) -> AsStaff:
    await api.bus.execute(order.PutStaff("brand", "孙运营", "brand_ops"))
    return await signed_in(api, "brand")


# ── found ────────────────────────────────────────────────────────────────────────────────────


async def test_a_phone_is_looked_for_whole_and_for_a_reason_that_is_kept(
    api_on_sqlite: Api,
) -> None:
    api = api_on_sqlite
    await leads_at(api, "CC01", 1)
    path = f"{V1}/ops/leads/search"

    status, problem = await api.post(path, {"q": "139 0010 0000"})
    assert (status, problem["errors"][0]["loc"]) == (422, "reason")
    _, found = await api.post(path, {"q": "139 0010 0000", "reason": "客户来电核对"})

    assert [lead["name"] for lead in found["items"]] == ["客户0"]
    entry = await AuditEntry.get(action="search_phone")
    assert (entry.target, entry.data) == ("139****0000", {"count": 1, "reason": "客户来电核对"})
    assert (await api.post(path, {"q": "客户0"}))[1]["by"] == "name"
    assert await AuditEntry.all().count() == 1, "only phones are noted"


async def test_a_customer_without_a_lead_is_found_by_who_sees_everything(
    desk_on_sqlite: Api,
) -> None:
    api = desk_on_sqlite
    taken = await leads_at(api, "CC01", 1)
    fan = await Customer.create(name="客户0", created_at=api.clock.now)
    brand = await as_brand(api)
    _, found = await brand.post("ops/leads/search", {"q": "客户0"})
    assert [person["customer_id"] for person in found["people"]] == [str(fan.id)]
    assert [lead["lead_id"] for lead in found["items"]] == taken
    manager = await signed_in(api, "manager")
    _, found = await manager.post("ops/leads/search", {"q": "客户0"})
    assert found["people"] == []


async def test_a_person_is_shown_whole_and_masked(api: Api, take: Taker) -> None:
    taken = await take(customer={"openid": "oOPENID0123456789abcdefghijk"})
    await take("e-2", customer={"name": "李雷"}, intent={"dealer_code": "CD01"})
    path = f"{V1}/ops/customers/{taken['customer_id']}"

    status, person = await api.get(path)

    assert status == 200
    assert "13800138000" not in str(person)
    assert [i["kind_text"] for i in person["identities"]] == ["手机号", "公众号 openid"]
    assert {c["purpose_text"] for c in person["consents"]} == {
        "同意联系",
        "同意转给门店",
        "同意接收活动信息",
    }
    assert all(c["in_force"] for c in person["consents"])
    assert (person["pool_text"], len(person["leads"])) == ("潜客池", 2)
    seen: list[dict] = []
    cursor: dict[str, str] = {}
    while True:
        _, page = await api.get(f"{path}/timeline", limit="3", **cursor)
        seen += page["items"]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    _, whole = await api.get(f"{path}/timeline", limit="200")
    assert seen == whole["items"]
    assert [line["at"] for line in seen] == sorted((line["at"] for line in seen), reverse=True)


async def test_of_a_person_a_region_sees_only_its_own_leads(desk_on_sqlite: Api) -> None:
    api = desk_on_sqlite
    _, taken = await api.post(f"{V1}/leads", a_lead("e-1"))
    _, other = await api.post(f"{V1}/leads", a_lead("e-2", intent={"dealer_code": "CD01"}))
    await api.bus.execute(order.PutStaff("region", "大区", "region_manager", region_code="SW"))
    region = await signed_in(api, "region")

    _, person = await region.get(f"ops/customers/{taken['customer_id']}")
    _, lines = await region.get(f"ops/customers/{taken['customer_id']}/timeline")

    assert [lead["lead_id"] for lead in person["leads"]] == [other["lead_id"]]
    assert taken["lead_id"] not in {line["lead_id"] for line in lines["items"]}


# ── handed on ────────────────────────────────────────────────────────────────────────────────


async def test_a_filter_is_counted_then_each_lead_goes_for_itself(api: Api) -> None:
    ids = await leads_at(api, "CC01", 4)
    await api.post(f"{V1}/leads/{ids[3]}/follow-ups", {"result": "delivered"})
    room = order.PutStaff("lina", "李娜", "adviser", dealer_code="CC02", capacity=2)
    await api.bus.execute(room)
    wanted = {"filter": {"dealer_code": "CC01", "staff": "wangfang"}}
    _, preview = await api.post(f"{V1}/ops/transfers/preview", wanted)
    assert (preview["count"], preview["too_many"]) == (3, False)
    order_ = {**wanted, "userid": "lina", "reason": "王芳休假"}
    status, problem = await api.post(f"{V1}/ops/transfers", {**order_, "count": 2})
    assert (status, problem["code"]) == (409, "count_changed")

    status, done = await api.post(f"{V1}/ops/transfers", {**order_, "count": 3})

    assert status == 200
    assert (done["moved"], done["waiting"], done["refused"]) == (2, 0, 1)
    assert [(r["outcome"], r["name"], r["code"]) for r in done["items"]] == [
        ("moved", "李娜", ""),
        ("moved", "李娜", ""),
        ("refused", "", "nobody_to_take"),
    ]
    _, left = await api.get(f"{V1}/leads/{ids[2]}")
    assert left["assignment"]["userid"] == "wangfang", "a refusal changes nothing"
    acts = await AuditEntry.filter(action="transfer_lead").order_by("id")
    assert [act.target for act in acts] == ids[:2]
    assert acts[0].data["before"] == {"dealer": "CC01", "adviser": "wangfang"}
    assert acts[0].data["after"] == {"dealer": "CC02", "adviser": "lina"}
    [summary] = await AuditEntry.filter(action="transfer_leads")
    assert summary.data == {
        "reason": "王芳休假",
        "count": 3,
        "moved": 2,
        "waiting": 0,
        "refused": 1,
    }


async def test_a_selection_goes_to_a_dealer_or_to_colleagues(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    await api.bus.execute(order.PutStaff("hanmei", "韩梅", "adviser", dealer_code="CC01"))
    ids = await leads_at(api, "CC01", 2)
    holder = {}
    for lead_id in ids:
        _, lead = await api.get(f"{V1}/leads/{lead_id}")
        holder[lead_id] = lead["assignment"]["userid"]
    both = {"lead_ids": ids, "count": 2, "reason": "调换"}
    _, done = await api.post(f"{V1}/ops/transfers", both)
    assert [r["userid"] for r in done["items"]] == [
        {"wangfang": "hanmei", "hanmei": "wangfang"}[holder[i]] for i in ids
    ]
    _, done = await api.post(f"{V1}/ops/transfers", {**both, "dealer_code": "CD01"})
    assert {r["userid"] for r in done["items"]} == {"zhouwei"}


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ""),
        ({"lead_ids": ["1"], "filter": {"dealer_code": "CC01"}}, ""),
        ({"filter": {"level": "H"}}, "filter"),
        ({"lead_ids": ["1"], "userid": "lina", "dealer_code": "CC02"}, ""),
    ],
)
async def test_an_order_that_says_too_little_or_too_much_is_refused(
    api_on_sqlite: Api, body: dict, loc: str
) -> None:
    status, problem = await api_on_sqlite.post(
        f"{V1}/ops/transfers", {"count": 1, "reason": "x", **body}
    )
    assert status == 422
    assert [error["loc"] for error in problem["errors"]] == [loc]


async def test_staff_hand_on_only_what_they_see_to_whom_they_see(desk_on_sqlite: Api) -> None:
    api = desk_on_sqlite
    [mine] = await leads_at(api, "CC01", 1)
    [foreign] = await leads_at(api, "CD01", 1, start=5)
    manager = await signed_in(api, "manager")
    body = {"count": 1, "reason": "调换", "userid": "manager"}
    for lead_ids, userid, status in (
        ([foreign], "wangfang", 404),
        ([mine], "zhouwei", 404),
        ([mine], "wangfang", 200),
    ):
        wanted = {**body, "lead_ids": lead_ids, "userid": userid}
        assert (await manager.post("ops/transfers", wanted))[0] == status, wanted
