"""Order, delivery and what comes after; closed leads come back."""

import pytest

from tests.journeys.loop import Loop


async def test_an_order_becomes_an_owner(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    holder = loop.member(await loop.holder(lead_id))
    assert "定金" in await holder.says("客户已下订，定金5000")
    lead = await loop.lead(lead_id)
    assert (lead["state"], lead["level"], lead["pool"]) == ("ordered", "O", "owners")
    await holder.says("客户已经提车了")
    lead = await loop.lead(lead_id)
    assert (lead["state"], lead["pool"], lead["assignment"]) == ("delivered", "owners", None)
    assert lead["link"] == "brand"
    assert "handed_over" in await loop.kinds(lead_id)


async def test_nobody_is_reminded_of_a_delivered_car(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    holder = loop.member(await loop.holder(lead_id))
    await loop.follow_up(lead_id, "delivered")
    before = await holder.texts()
    await loop.pass_time(days=10)
    assert await holder.texts() == before


async def test_an_owner_who_wants_another_car_is_a_lead_again(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    await loop.follow_up(lead_id, "delivered")
    await loop.pass_time(days=30)
    back = await loop.send("dcd-2", intent={"purchase_window_days": None, "message": ""})
    assert (back["outcome"], back["attribution"]) == ("reactivated", "converted")
    assert back["level"] == "A"
    assert await loop.holder(lead_id)


@pytest.mark.parametrize("closed_by", ["dormant", "delivered"])
async def test_a_closed_lead_can_be_reopened(loop: Loop, closed_by: str) -> None:
    lead_id = (await loop.send())["lead_id"]
    holder = await loop.holder(lead_id)
    await loop.follow_up(lead_id, closed_by)
    loop.clock.advance(days=1)
    reopened = await loop.api("POST", f"leads/{lead_id}/reopen", {"reason": "客户来电"})
    assert reopened["level"] in {"A", "H"}
    assert reopened["assignment"]["userid"] == holder
    await loop.settle()
    await loop.api("POST", f"leads/{lead_id}/reopen", {"reason": "x"}, status=409)
    assert "reactivated" in await loop.kinds(lead_id)


async def test_the_contact_that_closes_a_lead_counts_as_the_first_response(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    await loop.pass_time(minutes=3)
    await loop.follow_up(lead_id, "dormant")
    figures = await loop.api("GET", "stats/timeliness", dealer="CC01")
    assert figures["total"]["on_time"] == 1
    assert figures["median_minutes"] == 3


async def test_a_reopened_lead_does_not_double_an_open_one(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    await loop.follow_up(lead_id, "dormant")
    await loop.pass_time(days=181)
    fresh = await loop.send("dcd-2")
    assert fresh["outcome"] == "created", "too long ago to be the same interest"
    await loop.api("POST", f"leads/{lead_id}/reopen", {"reason": "x"}, status=409)
