"""Many thumbs, one lead: what happened already is said kindly, and nothing happens twice."""

import asyncio

from tests.journeys.loop import Loop, Member


async def _both_on_the_case(loop: Loop) -> tuple[str, Member, Member]:
    """A lead that went to one adviser of CC01, and the other one."""
    lead_id = (await loop.send())["lead_id"]
    holder = await loop.holder(lead_id)
    other = "liqiang" if holder == "wangfang" else "wangfang"
    return lead_id, loop.member(holder), loop.member(other)


async def test_a_second_press_is_told_what_the_first_did(loop: Loop) -> None:
    lead_id, holder, _ = await _both_on_the_case(loop)
    card = await holder.card("lead")
    await asyncio.gather(card.tap("接单"), card.tap("接单"), card.tap("接单"))
    await loop.settle()
    assert (await loop.kinds(lead_id)).count("accepted") == 1
    assert len(await holder.cards("follow_up")) == 1
    told = [text for text in await holder.texts() if "接单" in text]
    assert told
    assert all("您已在 今天10:00 接单" in text for text in told), told
    assert "已接单" in ((await holder.card("lead")).replaced or "")


async def test_one_press_delivered_three_times_is_one_press(loop: Loop) -> None:
    lead_id, holder, _ = await _both_on_the_case(loop)
    await (await holder.card("lead")).press("接单", copies=3)
    assert (await loop.kinds(lead_id)).count("accepted") == 1
    assert len(await holder.cards("follow_up")) == 1
    assert await holder.texts() == []


async def test_an_old_card_is_no_way_back_to_a_lead_that_went_on(loop: Loop) -> None:
    lead_id, holder, other = await _both_on_the_case(loop)
    await loop.fault("wecom:message/update_template_card", "errcode", errcode=42022)
    old = await holder.card("lead")
    await loop.api("POST", f"leads/{lead_id}/transfer", {"userid": other.userid, "reason": "休假"})
    await loop.settle()
    for button in ("接单", "转派", "无效"):
        before = len(await holder.texts())
        await old.press(button)
        told = (await holder.texts())[before:]
        assert len(told) == 1, f"{button}: {told}"
        assert "王芳" in told[0] or "李强" in told[0] or "不在您名下" in told[0]
    assert await loop.holder(lead_id) == other.userid
    kinds = await loop.kinds(lead_id)
    assert "accepted" not in kinds
    assert "defeat_requested" not in kinds
    await (await other.card("lead")).press("接单")
    assert (await loop.lead(lead_id))["state"] == "accepted"


async def test_the_former_advisers_card_is_closed_by_itself(loop: Loop) -> None:
    lead_id, holder, other = await _both_on_the_case(loop)
    await loop.api("POST", f"leads/{lead_id}/transfer", {"userid": other.userid, "reason": "休假"})
    await loop.settle()
    assert (await holder.card("lead")).replaced == "已转给其他同事"
    assert (await other.card("lead")).replaced is None


async def test_a_lead_handed_on_by_card_is_the_colleagues(loop: Loop) -> None:
    lead_id, holder, other = await _both_on_the_case(loop)
    await (await holder.card("lead")).press("转派")
    choice = await holder.card("transfer")
    name = "李强" if other.userid == "liqiang" else "王芳"
    assert choice.buttons == [name, "取消"]
    await choice.press(name)
    assert await loop.holder(lead_id) == other.userid
    assert (await holder.card("transfer")).replaced == f"已转给 {name}"
    assert (await other.card("lead")).buttons == ["接单", "转派", "无效"]


async def test_an_old_question_whom_to_hand_on_to_moves_nothing(loop: Loop) -> None:
    lead_id, holder, other = await _both_on_the_case(loop)
    await (await holder.card("lead")).press("转派")
    choice = await holder.card("transfer")
    await loop.api("POST", f"leads/{lead_id}/transfer", {"dealer_code": "CC02", "reason": "更近"})
    await loop.settle()
    await loop.fault("wecom:message/update_template_card", "errcode", errcode=42022)
    await choice.press(choice.buttons[0])
    assert await loop.holder(lead_id) == "zhoujie"
    assert "周杰" in await holder.last_text() or "不在您名下" in await holder.last_text()
    assert await other.phone() == []


async def test_the_api_is_refused_like_a_thumb(loop: Loop) -> None:
    lead_id, holder, other = await _both_on_the_case(loop)
    path = f"leads/{lead_id}/accept"
    refused = await loop.api("POST", path, {"userid": other.userid}, status=409)
    assert refused["type"].endswith("not_yours") or refused["code"] == "not_yours"
    await loop.api("POST", path, {"userid": holder.userid})
    await loop.api("POST", path, {"userid": holder.userid}, status=409)
    assert (await loop.kinds(lead_id)).count("accepted") == 1
