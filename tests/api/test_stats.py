"""Figures over real rows on both databases."""

from __future__ import annotations

import pytest

from domain.commands import RequestDefeat, ReviewDefeat
from tests.api.conftest import Api, Taker

STATS = "/api/v1/stats"


async def test_the_funnel_counts_how_far_leads_came(api: Api, take: Taker) -> None:
    visited = await take("e-1")
    await take("e-2", customer={"phone": "13900139000"}, intent={"purchase_window_days": 60})
    await api.post(f"/api/v1/leads/{visited['lead_id']}/follow-ups", {"result": "visited"})

    status, funnel = await api.get(f"{STATS}/funnel")

    assert status == 200
    reached = {stage["stage"]: stage["count"] for stage in funnel["stages"]}
    assert reached["captured"] == reached["dispatched"] == 2
    assert reached["accepted"] == reached["contacted"] == 1
    assert reached["appointment"] == reached["visited"] == 1
    assert reached["test_drive"] == reached["ordered"] == 0
    assert sum(funnel["by_level"].values()) == funnel["leads"] == 2
    assert funnel["by_pool"] == {"prospects": 2}
    assert funnel["by_attribution"] == {"new": 2}


async def test_timeliness_tells_on_time_from_late_and_overdue(api: Api, take: Taker) -> None:
    leads = [await take(f"e-{n}", customer={"phone": f"139{n:08d}"}) for n in range(4)]
    called = {"result": "connected", "way": "phone"}
    api.clock.advance(minutes=10)
    await api.post(f"/api/v1/leads/{leads[0]['lead_id']}/follow-ups", called)
    api.clock.advance(minutes=5)  # exactly at the deadline of 15 minutes
    await api.post(f"/api/v1/leads/{leads[1]['lead_id']}/follow-ups", called)

    _, found = await api.get(f"{STATS}/timeliness")

    assert (found["total"]["assigned"], found["total"]["accepted"]) == (4, 2)
    assert (found["total"]["on_time"], found["total"]["late"]) == (1, 1)
    assert found["total"]["overdue"] == 2
    assert found["total"]["on_time_share"] == 0.25
    assert (found["median_minutes"], found["p90_minutes"]) == (15, 15)
    assert [group["key"] for group in found["groups"]] == ["CC01"]
    _, by_staff = await api.get(f"{STATS}/timeliness", dealer="CC01")
    assert (by_staff["by"], by_staff["groups"][0]["key"]) == ("staff", "wangfang")


async def test_pools_count_customers_not_leads(api: Api, take: Taker) -> None:
    await take("e-1")
    await take("e-2", intent={"dealer_code": "CD01"})
    await take("e-3", customer={"phone": None, "openid": "oABC"}, consent={"purposes": []})

    _, found = await api.get(f"{STATS}/pools")

    assert found["customers"] == 2
    assert (found["pools"]["prospects"], found["pools"]["traffic"]) == (1, 1)


async def test_figures_are_narrowed_by_region_dealer_staff_and_time(api: Api, take: Taker) -> None:
    await take("e-1")
    await take("e-2", customer={"phone": "13900139000"}, intent={"dealer_code": "CD01"})
    cases: list[tuple[dict[str, str], int]] = [
        ({}, 2),
        ({"region": "NE"}, 1),
        ({"region": "NE", "dealer": "CD01"}, 0),
        ({"dealer": "CD01"}, 1),
        ({"staff": "wangfang"}, 1),
        ({"from": "2026-11-24", "to": "2026-11-24"}, 2),
        ({"to": "2026-11-23"}, 0),
        ({"from": "2026-11-24T10:00:00+08:00"}, 2),
        ({"to": "2026-11-24T10:00:00+08:00"}, 0),
    ]
    for params, expected in cases:
        for figure, total in (("funnel", "leads"), ("pools", "customers")):
            status, found = await api.get(f"{STATS}/{figure}", **params)
            assert (status, found[total]) == (200, expected), (figure, params)
        _, found = await api.get(f"{STATS}/timeliness", **params)
        assert found["total"]["assigned"] == expected, params


@pytest.mark.parametrize(
    "params",
    [
        {"from": "2026-11-24", "to": "2026-11-01"},
        {"from": "soon"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
        {"from": "2026-11-24T10:00:00"},
        {"since": "2026-11-24"},
        {"dealer": "a b"},
    ],
)
async def test_a_wrong_selection_is_422(api_on_sqlite: Api, params: dict[str, str]) -> None:
    assert (await api_on_sqlite.get(f"{STATS}/funnel", **params))[0] == 422


async def test_defeats_are_told_by_dealer_and_adviser_with_the_doubtful_ones(
    api: Api, take: Taker
) -> None:
    await api.put("/api/v1/policies/brand", {"defeat": {"min_attempts": 1, "min_days": 1}})
    leads = [await take(f"e-{n}", customer={"phone": f"139{n:08d}"}) for n in range(3)]
    for lead, reason in zip(leads, ("price", "stock", "price"), strict=True):
        path = f"/api/v1/leads/{lead['lead_id']}"
        await api.post(f"{path}/follow-ups", {"result": "unreachable"})
        asked = RequestDefeat(int(lead["lead_id"]), "staff:wangfang", reason)
        number = await api.bus.execute(asked)
        if reason == "price":
            await api.bus.execute(ReviewDefeat(number, "api:x", approve=lead is leads[0]))

    _, found = await api.get(f"{STATS}/defeats")
    _, by_staff = await api.get(f"{STATS}/defeats", dealer="CC01")

    total = found["total"]
    assert (total["asked"], total["approved"], total["rejected"], total["pending"]) == (3, 1, 1, 1)
    assert total["doubtful"] == 3, "nobody was reached, and they wanted a test drive"
    assert (total["doubtful_approved"], total["rejected_share"]) == (1, 0.5)
    assert (found["by"], found["groups"][0]["key"]) == ("dealer", "CC01")
    assert (by_staff["by"], by_staff["groups"][0]["key"]) == ("staff", "wangfang")
    assert found["reasons"] == {"price": 2, "stock": 1}
    _, elsewhere = await api.get(f"{STATS}/defeats", dealer="CD01")
    assert elsewhere["total"]["asked"] == 0
