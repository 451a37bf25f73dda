"""No lead goes cold: reminders, escalation and taking back, on the dealer's own calendar."""

from datetime import timedelta

import pytest

from db.queue_rows import claim_due
from handlers.tx import to_ms
from tests.journeys.loop import Loop, at, when

HEARING = ("wangfang", "liqiang", "zhaomin", "sunli", "linna")


async def _heard(loop: Loop) -> dict[str, list[str]]:
    """Texts on the phones of everybody at CC01 and of their region."""
    return {userid: await loop.member(userid).texts() for userid in HEARING}


async def test_an_untouched_lead_climbs_the_ladder(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    holder = await loop.holder(lead_id)
    assert (await loop.lead(lead_id))["assignment"]["sla"] == "ok"

    await loop.until(at("10:07"))
    assert await loop.member(holder).texts() == []
    await loop.pass_time(minutes=1)
    heard = await _heard(loop)
    assert ["提醒" in text for text in heard[holder]] == [True]
    assert heard["zhaomin"] == heard["sunli"] == []

    await loop.until(at("10:15"))
    assert (await loop.lead(lead_id))["assignment"]["sla"] == "late", "exactly at it is late"
    heard = await _heard(loop)
    assert "超时" in heard[holder][-1]
    assert ["超时" in text for text in heard["zhaomin"]] == [True]
    assert heard["sunli"] == []

    await loop.until(at("10:23"))
    heard = await _heard(loop)
    assert ["店总" in text for text in heard["sunli"]] == [True]
    assert len(heard["zhaomin"]) == 1
    kinds = await loop.kinds(lead_id)
    assert kinds.count("reminded") == 1
    assert kinds.count("escalated") == 2


async def test_a_contact_in_time_keeps_everybody_quiet(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    await loop.pass_time(minutes=5)
    await loop.member(await loop.holder(lead_id)).says("没接通，明天再打")
    await loop.until(at("17:00"))
    heard = await _heard(loop)
    assert not any("超时" in text or "提醒" in text for texts in heard.values() for text in texts)
    assert (await loop.lead(lead_id))["assignment"]["sla"] == "ok"


async def test_what_counts_is_when_the_contact_happened(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    await loop.until(at("10:40"))
    assert (await loop.lead(lead_id))["assignment"]["sla"] == "late"
    then = at("10:14:59")
    lead = await loop.follow_up(lead_id, "connected", occurred_at=then.isoformat())
    assert lead["assignment"]["sla"] == "ok"
    line = next(x for x in await loop.timeline(lead_id) if x["kind"] == "follow_up")
    assert when(line["at"]) == then


async def test_a_contact_exactly_at_the_deadline_is_late(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    await loop.until(at("10:16"))
    then = at("10:15").isoformat()
    lead = await loop.follow_up(lead_id, "connected", occurred_at=then)
    assert lead["assignment"]["sla"] == "late"


async def test_a_contact_is_not_in_the_future(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    then = at("10:10").isoformat()
    lead = await loop.follow_up(lead_id, "connected", occurred_at=then)
    assert when(lead["assignment"]["first_response_at"]) == at("10:00")


async def test_a_note_is_no_contact(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    lead = await loop.follow_up(lead_id, "note", note="资料已读")
    assert lead["assignment"]["first_response_at"] is None
    await loop.until(at("10:15"))
    assert "escalated" in await loop.kinds(lead_id)


async def test_a_lead_nobody_accepts_goes_to_a_colleague_then_to_the_region(loop: Loop) -> None:
    """Four business hours, with the lunch break of CC01: 10:00 → 15:00, 15:00 → 10:00."""
    lead_id = (await loop.send())["lead_id"]
    first = await loop.holder(lead_id)
    second = "liqiang" if first == "wangfang" else "wangfang"
    await loop.until(at("14:59"))
    assert await loop.holder(lead_id) == first
    await loop.until(at("15:00"))
    assert await loop.holder(lead_id) == second
    assert "回收" in (await loop.member(first).card("lead")).replaced
    assert any("回收" in text for text in await loop.member(first).texts())
    assert any("回收" in text for text in await loop.member("zhaomin").texts())

    await loop.until(at("10:00", day=25))
    lead = await loop.lead(lead_id)
    assert (lead["state"], lead["assignment"]) == ("region", None)
    assert any("大区" in text for text in await loop.member("linna").texts())
    assert any("大区" in text for text in await loop.member("sunli").texts())
    kinds = await loop.kinds(lead_id)
    assert kinds.count("recycled") == 2


async def test_an_accepted_lead_nobody_calls_is_taken_back_after_a_day(loop: Loop) -> None:
    lead_id = (await loop.send(intent={"dealer_code": "CC02"}))["lead_id"]
    await loop.api("POST", f"leads/{lead_id}/accept", {"userid": "zhoujie"})
    await loop.pass_time(minutes=1439)
    assert await loop.holder(lead_id) == "zhoujie"
    await loop.pass_time(minutes=1)
    lead = await loop.lead(lead_id)
    assert (lead["state"], lead["assignment"]) == ("sea", None), "nobody else works there"


async def test_a_customer_who_comes_again_is_fished_out_of_the_sea(loop: Loop) -> None:
    lead_id = (await loop.send(intent={"dealer_code": "CC02"}))["lead_id"]
    await loop.pass_time(minutes=240)
    assert (await loop.lead(lead_id))["state"] == "sea"
    await loop.send("dcd-2", intent={"dealer_code": "CC02"})
    assert await loop.holder(lead_id) == "zhoujie"


async def test_a_lead_of_the_night_is_due_half_an_hour_after_opening(loop: Loop) -> None:
    loop.clock.now = at("22:10")
    taken = await loop.send(intent={"purchase_window_days": 20, "message": ""})
    assert taken["level"] == "A"
    assignment = (await loop.lead(taken["lead_id"]))["assignment"]
    assert when(assignment["first_response_due_at"]) == at("09:30", day=25)
    await loop.until(at("09:29", day=25))
    assert "escalated" not in await loop.kinds(taken["lead_id"])
    await loop.until(at("09:30", day=25))
    assert "escalated" in await loop.kinds(taken["lead_id"])


async def test_two_missed_cycles_lower_the_level(loop: Loop) -> None:
    loop.clock.now += timedelta(microseconds=321)  # timers know milliseconds only
    lead_id = (await loop.send())["lead_id"]
    holder = loop.member(await loop.holder(lead_id))
    await holder.says("联系上了，客户在考虑")
    assert (await loop.lead(lead_id))["level"] == "H"
    await loop.until(at("10:00", day=25))
    assert (await loop.lead(lead_id))["level"] == "H"
    assert any("该跟进了" in text for text in await holder.texts())
    await loop.until(at("10:00", day=26))
    assert (await loop.lead(lead_id))["level"] == "A"
    assert "level_lowered" in await loop.kinds(lead_id)
    assert any("降为" in text for text in await holder.texts())


async def test_no_cycle_is_missed_while_the_manager_decides(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    holder = loop.member(await loop.holder(lead_id))
    await (await holder.card("lead")).press("无效")
    await loop.until(at("17:00", day=27))
    kinds = await loop.kinds(lead_id)
    for kind in ("reminded", "escalated", "follow_up_missed", "level_lowered", "recycled"):
        assert kind not in kinds, kind
    await (await loop.member("sunli").card("defeat")).press("驳回")
    assert (await loop.lead(lead_id))["state"] == "accepted"
    await loop.until(at("17:00", day=30))
    assert "recycled" in await loop.kinds(lead_id), "an adviser who still does not call loses it"


@pytest.mark.parametrize("fires", [1, 2])
async def test_a_clock_that_strikes_late_or_twice_does_no_harm(loop: Loop, fires: int) -> None:
    """The worker was away for hours: what is still true is done once."""
    lead_id = (await loop.send())["lead_id"]
    for _ in range(fires):
        loop.clock.now = at("11:30")
        await loop.settle()
    kinds = await loop.kinds(lead_id)
    assert kinds.count("reminded") == 1
    assert kinds.count("escalated") == 2


async def test_a_contact_while_its_clock_is_in_another_hand_is_in_time(loop: Loop) -> None:
    """A worker took the timer and died; before another finds it, the adviser has called."""
    lead_id = (await loop.send())["lead_id"]
    await loop.follow_up(lead_id, "connected")
    due, lease_ms = at("10:00", day=25), 30_000
    assert len(await claim_due("timers", to_ms(due), 10, lease_ms)) == 1
    loop.clock.now = due
    agreed = at("11:00", day=27)
    called = {"result": "connected", "next_follow_up_at": agreed.isoformat()}
    await loop.api("POST", f"leads/{lead_id}/follow-ups", called)
    loop.clock.now = at("10:01", day=25)
    await loop.settle()
    await loop.until(at("10:59", day=27))
    kinds = await loop.kinds(lead_id)
    assert "follow_up_missed" not in kinds
    await loop.until(agreed)
    assert (await loop.kinds(lead_id)).count("follow_up_missed") == 1, "the agreed day stands"


async def test_a_contact_taken_back_starts_again_the_clocks_it_had_stopped(loop: Loop) -> None:
    """Also those that would have struck meanwhile."""
    lead_id = (await loop.send(intent={"dealer_code": "CC02"}))["lead_id"]
    zhoujie = loop.member("zhoujie")
    await (await zhoujie.card("lead")).press("接单")
    await loop.pass_time(minutes=1435)
    await zhoujie.says("没接通")
    await loop.pass_time(minutes=9)
    await zhoujie.says("撤销")
    assert (await loop.lead(lead_id))["assignment"] is None
    kinds = await loop.kinds(lead_id)
    assert (kinds.count("reminded"), kinds.count("recycled")) == (1, 1)
