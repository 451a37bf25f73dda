"""What stories about campaigns have in common."""

from __future__ import annotations

from typing import Any

from tests.journeys.loop import Customer, Loop

OPENID = "oLiLei"
OFFER = "这个月有新优惠"


def a_campaign(**changes: Any) -> dict[str, Any]:
    """Three days after somebody found the car too dear they hear of an offer."""
    return {
        "name": "嫌贵的客户",
        "audience": {"on": "defeated", "reasons": ["price"]},
        "holdout": 0,
        "steps": [
            {
                "wait_days": 3,
                "by": ["message", "task"],
                "text": "您好[，{name}]，{model}这个月有新优惠",
                "task": "带着新方案回访",
            }
        ],
    } | changes


async def running(loop: Loop, code: str = "price", **changes: Any) -> str:
    """A campaign that has been written and set going."""
    await loop.api("PUT", f"campaigns/{code}", a_campaign(**changes))
    await loop.api("POST", f"campaigns/{code}/start", {})
    await loop.settle()
    return code


async def lost(loop: Loop, external_id: str = "dcd-1", reason: str = "price", **more: Any) -> str:
    """A follower of the account who was spoken to and given up; returns the lead's id."""
    customer = {"openid": OPENID, **more.pop("customer", {})}
    more = {"intent": {"purchase_window_days": None, "message": ""}} | more
    await loop.customer(customer["openid"]).does("follow")
    lead_id = (await loop.send(external_id, customer=customer, **more))["lead_id"]
    await loop.follow_up(lead_id, "connected")
    await loop.give_up(lead_id, reason)
    return lead_id


async def heard(customer: Customer) -> list[str]:
    """What the account wrote to them: messages of its own and answers, oldest first."""
    return [
        m["content"].get("content") or str(m["content"].get("data"))
        for m in await customer.phone()
    ]


async def report(loop: Loop, code: str = "price") -> dict[str, Any]:
    found: dict[str, Any] = await loop.api("GET", f"campaigns/{code}/report")
    return found
