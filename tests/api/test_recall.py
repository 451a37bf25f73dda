"""A sample of given-up customers is called by the brand, which opens the lead again if need be."""

from __future__ import annotations

from typing import Any

import pytest

from domain.commands import PutStaff
from tests.api.conftest import Api, a_lead, signed_in


async def given_up(api: Api, share: float) -> dict[str, Any]:
    """A lead that was lost with the manager's agreement."""
    brand = {"defeat": {"recall_share": share, "min_attempts": 1, "min_days": 1}}
    status, body = await api.put("/api/v1/policies/brand", brand)
    assert status == 200, body
    _, lead = await api.post("/api/v1/leads", a_lead())
    await api.post(f"/api/v1/leads/{lead['lead_id']}/follow-ups", {"result": "connected"})
    await api.post(f"/api/v1/leads/{lead['lead_id']}/defeat", {"reason": "price"})
    manager = await signed_in(api, "manager")
    _, waiting = await manager.get("me/approvals")
    await manager.post(f"me/approvals/{waiting[0]['id']}", {"approve": True})
    return lead


async def seen_by_the_brand(api: Api, lead_id: str) -> tuple[Any, dict[str, Any]]:
    await api.bus.execute(PutStaff("brand", "品牌", "brand_ops"))
    brand = await signed_in(api, "brand")
    status, sheet = await brand.get(f"me/leads/{lead_id}")
    assert (status, sheet["lead"]["state"]) == (200, "defeated")
    return brand, sheet["may"]


async def test_the_brand_calls_a_sampled_customer_and_opens_the_lead_again(
    desk_on_sqlite: Api,
) -> None:
    lead_id = (await given_up(desk_on_sqlite, share=1))["lead_id"]
    brand, may = await seen_by_the_brand(desk_on_sqlite, lead_id)
    assert may["reveal"]
    assert may["reopen"]

    status, told = await brand.post(f"leads/{lead_id}/phone")
    assert (status, told["phone"]) == (200, "13800138000")
    status, _ = await brand.post(f"leads/{lead_id}/reopen", {"reason": "客户愿意再谈"})

    assert status == 200
    _, lead = await desk_on_sqlite.get(f"/api/v1/leads/{lead_id}")
    assert (lead["state"], lead["attribution"]) == ("assigned", "won_back")


@pytest.mark.parametrize(("share", "silent"), [(0, False), (1, True)])
async def test_nobody_is_called_outside_the_sample_or_after_an_opt_out(
    desk_on_sqlite: Api, share: float, silent: bool
) -> None:
    lead = await given_up(desk_on_sqlite, share)
    brand, _ = await seen_by_the_brand(desk_on_sqlite, lead["lead_id"])
    if silent:
        path = f"customers/{lead['customer_id']}/consents/withdraw"
        status, _ = await brand.post(path, {"reason": "来电要求"})
        assert status == 200

    status, _ = await brand.post(f"leads/{lead['lead_id']}/phone")

    assert status == 409
