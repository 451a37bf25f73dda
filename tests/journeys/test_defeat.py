"""Giving a lead up has to be earned, reasoned and approved; a manager decides once."""

import asyncio

import pytest

from tests.journeys.loop import Loop, Member


async def _lead(loop: Loop) -> tuple[str, Member]:
    lead_id = (await loop.send())["lead_id"]
    return lead_id, loop.member(await loop.holder(lead_id))


async def _earn(loop: Loop, lead_id: str) -> None:
    """Three tries on two days."""
    for hours in (0, 2, 24):
        await loop.pass_time(hours=hours)
        await loop.follow_up(lead_id, "unreachable")


async def test_what_is_missing_is_said(loop: Loop) -> None:
    lead_id, holder = await _lead(loop)
    said = await holder.says("客户战败，嫌太贵了")
    assert "还不能申请战败" in said
    assert "3 次（现在 1 次）" in said
    assert "2 天" in said
    assert "已记录" in said, "the call itself counts"
    lead = await loop.lead(lead_id)
    assert (lead["state"], await loop.member("sunli").cards()) == ("accepted", [])
    refused = await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "price"}, status=409)
    assert refused["code"] == "defeat_not_earned"
    missing = {m["code"]: m for m in refused["facts"]["missing"]}
    assert set(missing) == {"too_few_attempts", "too_few_days"}


async def test_three_tries_on_one_day_are_not_enough(loop: Loop) -> None:
    lead_id, _ = await _lead(loop)
    for _ in range(3):
        loop.clock.advance(hours=1)
        await loop.follow_up(lead_id, "unreachable")
    refused = await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "price"}, status=409)
    assert [m["code"] for m in refused["facts"]["missing"]] == ["too_few_days"]


async def test_notes_and_undone_records_are_no_tries(loop: Loop) -> None:
    lead_id, holder = await _lead(loop)
    await _earn(loop, lead_id)
    await holder.says("没接通")
    await holder.says("撤销")
    body = {"reason": "price"}
    await loop.api("POST", f"leads/{lead_id}/defeat", body)
    other = (await loop.send("dcd-2", customer={"phone": "13900139000"}))["lead_id"]
    for _ in range(3):
        await loop.follow_up(other, "note", note="再想想")
        await loop.pass_time(days=1)
    await loop.api("POST", f"leads/{other}/defeat", body, status=409)


async def test_the_manager_agrees_by_card(loop: Loop) -> None:
    lead_id, holder = await _lead(loop)
    await _earn(loop, lead_id)
    said = await holder.says("战败，客户嫌太贵，买了比亚迪")
    assert "已提交" in said
    assert (await loop.lead(lead_id))["state"] == "defeat_requested"
    card = await loop.member("sunli").card("defeat")
    assert card.buttons == ["同意", "驳回", "换人跟进"]
    for shown in ("李雷", "4 次", "2 天"):
        assert shown in card.text, card.text
    await card.press("同意")
    lead = await loop.lead(lead_id)
    assert (lead["state"], lead["level"], lead["assignment"]) == ("defeated", "F", None)
    assert "已同意" in (await loop.member("sunli").card("defeat")).replaced
    assert "已通过" in await holder.last_text()
    kinds = await loop.kinds(lead_id)
    for kind in ("defeat_requested", "defeated"):
        assert kinds.count(kind) == 1, kind


@pytest.mark.parametrize(("talk_seconds", "never_spoke"), [(4, True), (75, False)])
async def test_the_calls_and_the_way_are_held_against_the_reason(
    loop: Loop, talk_seconds: int, never_spoke: bool
) -> None:
    """Three calls of four seconds are no talk; and nobody sells the car nearer to the customer."""
    lei = loop.customer()
    await lei.does("follow")
    await lei.does("location", lat=43.82, lng=125.32)
    lead_id = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    for hours in (0, 2, 24):
        await loop.pass_time(hours=hours)
        await loop.follow_up(lead_id, "connected", talk_seconds=talk_seconds)
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "distance"})
    await loop.settle()
    shown = (await loop.member("sunli").card("defeat")).text
    assert "本店就是最近的门店" in shown
    assert ("一次都没通上话" in shown) is never_spoke


async def test_the_manager_turns_it_down(loop: Loop) -> None:
    lead_id, holder = await _lead(loop)
    await _earn(loop, lead_id)
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "price"})
    await loop.settle()
    await (await loop.member("sunli").card("defeat")).press("驳回")
    lead = await loop.lead(lead_id)
    assert (lead["state"], lead["assignment"]["userid"]) == ("accepted", holder.userid)
    assert "驳回" in (await loop.member("sunli").card("defeat")).replaced
    await holder.says("再联系一次，没接通")
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "price"})
    await loop.settle()
    assert len(await loop.member("sunli").cards("defeat")) == 2


async def test_two_managers_decide_once(loop: Loop) -> None:
    await loop.sandbox("PUT", "staff/deputy", {"name": "副店长", "role": "store_manager"})
    deputy = {"name": "副店长", "role": "store_manager", "dealer_code": "CC01"}
    await loop.api("PUT", "staff/deputy", deputy)
    lead_id, _ = await _lead(loop)
    await _earn(loop, lead_id)
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "price"})
    await loop.settle()
    managers = [loop.member("sunli"), loop.member("deputy")]
    cards = [await manager.card("defeat") for manager in managers]
    await asyncio.gather(cards[0].tap("同意"), cards[1].tap("驳回"))
    await loop.settle()
    faces = {(await manager.card("defeat")).replaced for manager in managers}
    assert len(faces) == 1, "both cards show what was decided"
    told = [text for manager in managers for text in await manager.texts()]
    assert ["已经处理过" in text for text in told] == [True], told
    kinds = await loop.kinds(lead_id)
    assert kinds.count("defeated") + kinds.count("defeat_rejected") == 1


async def test_only_the_store_or_its_region_decides(loop: Loop) -> None:
    """A store without a manager asks the region."""
    manager = {"name": "孙丽", "role": "store_manager", "dealer_code": "CC01", "active": False}
    await loop.api("PUT", "staff/sunli", manager)
    lead_id, _ = await _lead(loop)
    await _earn(loop, lead_id)
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "price"})
    await loop.settle()
    assert await loop.member("sunli").cards() == []
    await (await loop.member("linna").card("defeat")).press("同意")
    assert (await loop.lead(lead_id))["state"] == "defeated"


@pytest.mark.parametrize(("reason", "pool"), [("price", "nurture"), ("refuses_contact", "out")])
async def test_how_hard_the_no_was_decides_the_pool(loop: Loop, reason: str, pool: str) -> None:
    lead_id, _ = await _lead(loop)
    await _earn(loop, lead_id)
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": reason})
    await loop.settle()
    await (await loop.member("sunli").card("defeat")).press("同意")
    assert (await loop.lead(lead_id))["pool"] == pool


async def test_an_invalid_lead_is_asked_for_from_its_card(loop: Loop) -> None:
    lead_id, holder = await _lead(loop)
    await (await holder.card("lead")).press("无效")
    assert "等店总" in await holder.last_text()
    assert "等店总" in (await holder.card("lead")).replaced
    await (await loop.member("sunli").card("defeat")).press("同意")
    lead = await loop.lead(lead_id)
    assert (lead["state"], lead["pool"]) == ("invalid", "out")


async def test_a_reason_is_asked_for_when_none_was_given(loop: Loop) -> None:
    lead_id, holder = await _lead(loop)
    await _earn(loop, lead_id)
    await holder.says(f"#{lead_id} 战败")
    assert (await loop.lead(lead_id))["state"] == "accepted"
    card = await holder.card("reason")
    await card.press("提交", selected={"reason": ["distance"]})
    assert (await holder.card("reason")).replaced == "已提交"
    assert (await loop.lead(lead_id))["state"] == "defeat_requested"
    assert "太远" in (await loop.member("sunli").card("defeat")).text


async def test_pressing_twice_is_not_trying_twice(loop: Loop) -> None:
    lead_id, holder = await _lead(loop)
    await (await holder.card("lead")).press("接单")
    await (await holder.card("follow_up")).press("战败")
    card = await holder.card("reason")
    body = {"reason": ["price"]}
    await asyncio.gather(card.tap("提交", selected=body), card.tap("提交", selected=body))
    await loop.settle()
    assert (await loop.kinds(lead_id)).count("follow_up") == 1


async def test_nothing_is_recorded_while_the_manager_decides(loop: Loop) -> None:
    lead_id, holder = await _lead(loop)
    await (await holder.card("lead")).press("无效")
    assert "不能这样操作" in await holder.says("没接通")
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "invalid"}, status=409)
    await loop.api(
        "POST", f"leads/{lead_id}/transfer", {"userid": "zhoujie", "reason": "x"}, status=409
    )


async def test_without_needed_approval_a_defeat_is_final(loop: Loop) -> None:
    await loop.api("PUT", "policies/dealer/CC01", {"defeat": {"needs_approval": False}})
    lead_id, _ = await _lead(loop)
    await _earn(loop, lead_id)
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "price"})
    assert (await loop.lead(lead_id))["state"] == "defeated"
    assert await loop.member("sunli").cards() == []
