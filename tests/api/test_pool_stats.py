"""The pools in figures, on both databases: who is where, comes, goes, stays, and what becomes."""

from __future__ import annotations

from typing import Any

import pytest

from domain.commands import ComparePools
from tests.api.conftest import Api, a_lead, signed_in

POOLS = "/api/v1/stats/pools"
LATER = {"purchase_window_days": None, "message": ""}


def _nonzero(counts: dict[str, int]) -> dict[str, int]:
    return {pool: count for pool, count in counts.items() if count}


async def _a_month(api: Api) -> None:
    """Three leads on the first day; one cools down after ten days, one is bought after twenty."""
    leads = (
        a_lead("e-1", intent=LATER),
        a_lead("e-2", customer={"phone": "13900139000"}, source="autohome"),
        a_lead("e-3", customer={"phone": "13900139001"}, intent={"dealer_code": "CD01"}),
    )
    cools, bought, _ = [(await api.post("/api/v1/leads", lead))[1] for lead in leads]
    api.clock.advance(days=10)
    await api.post(f"/api/v1/leads/{cools['lead_id']}/follow-ups", {"result": "dormant"})
    api.clock.advance(days=10)
    await api.post(f"/api/v1/leads/{bought['lead_id']}/follow-ups", {"result": "delivered"})


async def test_sizes_flows_dwell_and_what_becomes_of_them(api: Api) -> None:
    await _a_month(api)

    status, found = await api.get(POOLS)

    assert status == 200
    assert _nonzero(found["sizes"]) == {"nurture": 1, "prospects": 1, "owners": 1}
    assert _nonzero(found["pools"]) == _nonzero(found["sizes"])
    flows = [(f["day"], f["pool"], f["entered"], f["left"]) for f in found["flows"]]
    assert flows == [
        ("2026-11-24", "leads", 1, 0),
        ("2026-11-24", "prospects", 2, 0),
        ("2026-12-04", "leads", 0, 1),
        ("2026-12-04", "nurture", 1, 0),
        ("2026-12-14", "owners", 1, 0),
        ("2026-12-14", "prospects", 0, 1),
    ]
    stays = {d["pool"]: (d["left"], d["median_days"]) for d in found["dwell"] if d["left"]}
    assert stays == {"leads": (1, 10.0), "prospects": (1, 20.0)}
    assert [(c["before"], c["pool"], c["count"], c["share"]) for c in found["conversions"]] == [
        (None, "prospects", 2, 0.6667),
        (None, "leads", 1, 0.3333),
        ("leads", "nurture", 1, 1.0),
        ("prospects", "owners", 1, 1.0),
    ]
    assert found["hand_overs"] == {"to_dealer": 3, "to_brand": 2}
    assert found["check"] is None


async def test_one_source_or_model_has_all_figures_of_its_own(api: Api) -> None:
    await _a_month(api)

    _, found = await api.get(POOLS, source="autohome", model="tayron")

    assert (found["customers"], _nonzero(found["sizes"])) == (1, {"owners": 1})
    stays = {d["pool"]: d["median_days"] for d in found["dwell"] if d["left"]}
    assert stays == {"prospects": 20.0}
    moves = [(c["before"], c["pool"], c["count"]) for c in found["conversions"]]
    assert moves == [(None, "prospects", 1), ("prospects", "owners", 1)]
    assert found["hand_overs"] == {"to_dealer": 1, "to_brand": 1}
    _, nothing = await api.get(POOLS, model="no_such_model")
    assert (nothing["customers"], nothing["flows"]) == (0, [])
    assert _nonzero(nothing["sizes"]) == {}


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        ("source", {"dongchedi": 2, "autohome": 1}),
        ("model", {"tayron": 3}),
        ("dealer", {"CC01": 2, "CD01": 1}),
        ("region", {"NE": 2, "SW": 1}),
    ],
)
async def test_figures_by_one_thing_add_up_to_the_whole(
    api: Api, by: str, parts: dict[str | None, int]
) -> None:
    await _a_month(api)

    _, found = await api.get(POOLS, by=by)

    groups = found["groups"]
    assert {group["key"]: group["customers"] for group in groups} == parts
    for name, whole in (("sizes", found["sizes"]), ("entered", _entered(found))):
        for pool, count in whole.items():
            assert sum(group[name][pool] for group in groups) == count, (name, pool)
    assert all(group["title"] for group in groups if group["key"])


def _entered(found: dict[str, Any]) -> dict[str, int]:
    counted = dict.fromkeys(found["sizes"], 0)
    for flow in found["flows"]:
        counted[flow["pool"]] += flow["entered"]
    return counted


async def test_a_period_in_the_past_shows_the_pools_as_they_were(api: Api) -> None:
    await _a_month(api)

    _, then = await api.get(POOLS, to="2026-12-05")
    assert _nonzero(then["sizes"]) == {"nurture": 1, "prospects": 2}
    _, before = await api.get(POOLS, to="2026-11-23")
    assert (_nonzero(before["sizes"]), before["flows"]) == ({}, [])


async def test_figures_are_of_the_rows_one_may_see(desk: Api) -> None:
    await _a_month(desk)
    manager, adviser = await signed_in(desk, "manager"), await signed_in(desk, "wangfang")

    for page, there in ((manager, 2), (adviser, 2)):
        status, found = await page.get("stats/pools?by=dealer")
        assert status == 200
        assert sum(found["sizes"].values()) == there
        assert [group["key"] for group in found["groups"]] == ["CC01"]
    assert (await manager.get("stats/pools/differences"))[0] == 403
    assert _nonzero((await desk.get(POOLS, staff="wangfang"))[1]["sizes"]) == {
        "nurture": 1,
        "owners": 1,
    }


async def test_the_nightly_round_shows_what_it_found(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    await api.bus.execute(ComparePools("2026-11-24", 100))
    _, found = await api.get(POOLS)
    assert found["check"]["finished_at"].startswith("2026-11-24T")
    assert {**found["check"], "finished_at": ""} == {
        "day": "2026-11-24",
        "checked": 0,
        "differences": 0,
        "finished_at": "",
    }
    assert (await api.get(f"{POOLS}/differences")) == (200, {"items": []})
    assert (await api.get(POOLS, by="weather"))[0] == 422
