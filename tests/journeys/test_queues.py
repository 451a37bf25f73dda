"""Ops hold the queues in hand: stop, go on, look at what failed, try again, drop."""

from typing import Any

from tests.journeys.loop import PHONE, Loop


async def _queue(loop: Loop, name: str) -> dict[str, Any]:
    return next(q for q in await loop.api("GET", "queues") if q["name"] == name)


async def _a_dead_card(loop: Loop) -> dict[str, Any]:
    """A card that WeCom refuses for good."""
    await loop.fault("wecom:message/send", "errcode", errcode=40058)
    await loop.send(intent={"dealer_code": "CC02", "message": f"我的电话是{PHONE}，请联系"})
    return (await loop.api("GET", "queues/urgent/failed"))["items"][0]


async def test_a_paused_queue_keeps_everything_and_refuses_nothing(loop: Loop) -> None:
    await loop.api("POST", "queues/urgent/pause")
    lead_id = (await loop.send())["lead_id"]
    holder = loop.member(await loop.holder(lead_id))
    assert await holder.phone() == []
    queue = await _queue(loop, "urgent")
    assert (queue["paused"], queue["ready"]) == (True, 1)
    await loop.pass_time(minutes=1)
    assert (await _queue(loop, "urgent"))["oldest_ready_seconds"] >= 60
    await loop.api("POST", "queues/urgent/resume")
    await loop.settle()
    assert len(await holder.cards("lead")) == 1
    assert (await _queue(loop, "urgent"))["paused"] is False


async def test_clocks_wait_for_a_paused_queue_and_are_not_lost(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    await loop.api("POST", "queues/timers/pause")
    await loop.pass_time(hours=1)
    assert "reminded" not in await loop.kinds(lead_id)
    await loop.api("POST", "queues/timers/resume")
    await loop.settle()
    kinds = await loop.kinds(lead_id)
    assert kinds.count("escalated") == 2


async def test_a_dead_letter_is_shown_without_phones_and_can_be_tried_again(loop: Loop) -> None:
    dead = await _a_dead_card(loop)
    assert dead["kind"] == "lead_card"
    assert "OurBug" in dead["error"]
    assert PHONE not in str(dead)
    assert (await _queue(loop, "urgent"))["failed"] == 1
    await loop.sandbox("DELETE", "faults")
    await loop.api("POST", f"queues/urgent/failed/{dead['id']}/retry")
    await loop.settle()
    assert len(await loop.member("zhoujie").cards("lead")) == 1
    assert (await loop.api("GET", "queues/urgent/failed"))["items"] == []


async def test_a_dead_letter_can_be_dropped(loop: Loop) -> None:
    dead = await _a_dead_card(loop)
    await loop.api("DELETE", f"queues/urgent/failed/{dead['id']}")
    await loop.sandbox("DELETE", "faults")
    await loop.pass_time(hours=1)
    assert await loop.member("zhoujie").cards("lead") == []
    assert (await _queue(loop, "urgent"))["failed"] == 0
    await loop.api("POST", f"queues/urgent/failed/{dead['id']}/retry", status=404)


async def test_one_bad_notice_does_not_hold_up_the_others(loop: Loop) -> None:
    await loop.fault("wecom:message/send", "errcode", errcode=40058, times=1)
    await loop.send(intent={"dealer_code": "CC02"})
    await loop.send("dcd-2", customer={"phone": "13900139000"}, intent={"dealer_code": "CC02"})
    assert len(await loop.member("zhoujie").cards("lead")) == 1
