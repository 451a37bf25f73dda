"""Handing on and letting rest wait for the manager where the policy says so; decided once."""

import asyncio

import pytest

from tests.journeys.loop import Loop, Member

ASK = {"dormant": {"needs_approval": True}, "transfer": {"needs_approval": True}}


@pytest.fixture
async def strict(loop: Loop) -> Loop:
    """A store whose manager wants to be asked."""
    await loop.api("PUT", "policies/dealer/CC01", ASK)
    return loop


async def _lead(loop: Loop) -> tuple[str, Member, Member]:
    """A lead at CC01, its adviser, and the other one."""
    lead_id = (await loop.send())["lead_id"]
    holder = await loop.holder(lead_id)
    other = "liqiang" if holder == "wangfang" else "wangfang"
    return lead_id, loop.member(holder), loop.member(other)


NAMES = {"liqiang": "李强", "wangfang": "王芳"}


async def _asks_to_hand_on(loop: Loop) -> tuple[str, Member, Member]:
    lead_id, holder, other = await _lead(loop)
    await (await holder.card("lead")).press("转派")
    choice = await holder.card("transfer")
    await choice.press(NAMES[other.userid], selected={"reason": ["customer_asks"]})
    return lead_id, holder, other


async def _asks_for_rest(loop: Loop) -> tuple[str, Member, Member]:
    lead_id, holder, other = await _lead(loop)
    await holder.says("客户说明年再考虑，先休眠")
    card = await holder.card("rest")
    await card.press("提交", selected={"reason": ["not_now"]})
    return lead_id, holder, other


async def test_a_transfer_happens_when_the_manager_agrees(strict: Loop) -> None:
    lead_id, holder, other = await _asks_to_hand_on(strict)
    assert await strict.holder(lead_id) == holder.userid, "not yet"
    assert "已申请转给" in ((await holder.card("transfer")).replaced or "")
    card = await strict.member("sunli").card("approval")
    for shown in ("转派审批", NAMES[holder.userid], NAMES[other.userid], "客户指定"):
        assert shown in card.text, card.text

    await card.press("同意")

    assert await strict.holder(lead_id) == other.userid
    assert (await strict.member("sunli").card("approval")).replaced == "孙丽 已同意"
    assert "已通过" in await holder.last_text()
    assert (await other.card("lead")).buttons == ["接单", "转派", "无效"]
    told = [line["text"] for line in await strict.timeline(lead_id)]
    assert any("客户指定" in text and NAMES[other.userid] in text for text in told), told


async def test_a_transfer_that_is_refused_stays_with_its_adviser(strict: Loop) -> None:
    lead_id, holder, _ = await _asks_to_hand_on(strict)

    await (await strict.member("sunli").card("approval")).press("驳回")

    assert await strict.holder(lead_id) == holder.userid
    assert "被驳回" in await holder.last_text()
    assert (await strict.member("sunli").card("approval")).replaced == "孙丽 已驳回"


async def test_a_rest_waits_with_its_reason_and_evidence(strict: Loop) -> None:
    lead_id, holder, _ = await _asks_for_rest(strict)
    assert (await strict.lead(lead_id))["state"] == "accepted"
    card = await strict.member("sunli").card("approval")
    for shown in ("休眠审批", "近期不买", "明年再考虑", "1 次"):
        assert shown in card.text, card.text

    await card.press("同意")

    lead = await strict.lead(lead_id)
    assert (lead["state"], lead["assignment"], lead["pool"]) == ("dormant", None, "nurture")
    assert "已通过" in await holder.last_text()
    assert "不能撤销" in await holder.says("撤销"), "the manager has decided"


async def test_no_reason_picked_is_asked_again(strict: Loop) -> None:
    lead_id, holder, _ = await _lead(strict)
    await holder.says("先休眠吧")
    card = await holder.card("rest")

    await card.press("提交", selected={"reason": ["-"]})

    assert "选一个原因" in await holder.last_text()
    assert "follow_up" not in await strict.kinds(lead_id)
    await (await holder.card("rest")).press("提交", selected={"reason": ["away"]})
    assert "dormant_requested" in await strict.kinds(lead_id)


async def test_refused_somebody_else_goes_on(strict: Loop) -> None:
    lead_id, holder, other = await _asks_for_rest(strict)
    manager = strict.member("sunli")
    await (await manager.card("approval")).press("换人跟进")
    choice = await manager.card("reassign")
    assert NAMES[other.userid] in choice.buttons

    await choice.press(NAMES[other.userid])

    assert await strict.holder(lead_id) == other.userid
    assert (await strict.lead(lead_id))["state"] == "assigned"
    done = f"已驳回，转给 {NAMES[other.userid]} 跟进"
    assert (await manager.card("approval")).replaced == done
    assert (await manager.card("reassign")).replaced == done
    assert "已换同事跟进" in await holder.last_text()


async def test_a_defeat_too_goes_to_somebody_else(loop: Loop) -> None:
    lead_id, _, other = await _lead(loop)
    for hours in (0, 2, 24):
        await loop.pass_time(hours=hours)
        await loop.follow_up(lead_id, "unreachable")
    await loop.api("POST", f"leads/{lead_id}/defeat", {"reason": "price"})
    await loop.settle()
    manager = loop.member("sunli")
    await (await manager.card("defeat")).press("换人跟进")
    await (await manager.card("reassign")).press(NAMES[other.userid])

    assert await loop.holder(lead_id) == other.userid
    assert "转给" in ((await manager.card("defeat")).replaced or "")
    kinds = await loop.kinds(lead_id)
    assert (kinds.count("defeat_rejected"), kinds.count("transferred")) == (1, 1)


async def test_two_managers_decide_once_and_both_see_it(strict: Loop) -> None:
    deputy = {"name": "副店总", "role": "store_manager"}
    await strict.sandbox("PUT", "staff/deputy", deputy)
    await strict.api("PUT", "staff/deputy", {**deputy, "dealer_code": "CC01"})
    lead_id, _, _ = await _asks_for_rest(strict)
    managers = [strict.member("sunli"), strict.member("deputy")]
    cards = [await manager.card("approval") for manager in managers]

    await asyncio.gather(cards[0].tap("同意"), cards[1].tap("驳回"))
    await strict.settle()

    faces = {(await manager.card("approval")).replaced for manager in managers}
    assert len(faces) == 1
    kinds = await strict.kinds(lead_id)
    assert kinds.count("dormant_approved") + kinds.count("dormant_rejected") == 1


async def test_who_speaks_again_is_not_let_rest(strict: Loop) -> None:
    lead_id, _, _ = await _asks_for_rest(strict)

    await strict.send("dcd-2", source="autohome", intent={"message": "落地价多少"})

    assert (await strict.member("sunli").card("approval")).replaced == "无需再审批"
    assert (await strict.lead(lead_id))["state"] == "accepted"


async def test_taken_back_is_not_asked_any_more(strict: Loop) -> None:
    lead_id, holder, _ = await _asks_for_rest(strict)

    assert "已撤销" in await holder.says("撤销")

    assert (await strict.member("sunli").card("approval")).replaced == "无需再审批"
    assert (await strict.lead(lead_id))["state"] == "accepted"


async def test_a_newer_request_takes_the_place_of_the_older(strict: Loop) -> None:
    lead_id, holder, _ = await _asks_to_hand_on(strict)
    await holder.says("算了，客户说先休眠")
    await (await holder.card("rest")).press("提交", selected={"reason": ["money"]})

    older, newer = await strict.member("sunli").cards("approval")

    assert older.replaced == "无需再审批"
    assert newer.replaced is None
    await newer.press("同意")
    assert (await strict.lead(lead_id))["state"] == "dormant"


async def test_managers_clerks_and_systems_decide_themselves(strict: Loop) -> None:
    lead_id, _, other = await _lead(strict)

    await strict.api("POST", f"leads/{lead_id}/transfer", {"userid": other.userid, "reason": "x"})
    assert await strict.holder(lead_id) == other.userid
    await strict.follow_up(lead_id, "dormant")

    assert (await strict.lead(lead_id))["state"] == "dormant"
    assert await strict.member("sunli").cards("approval") == []


async def test_nobody_is_asked_unless_the_policy_says_so(loop: Loop) -> None:
    lead_id, holder, other = await _lead(loop)
    await (await holder.card("lead")).press("转派")
    await (await holder.card("transfer")).press(NAMES[other.userid])
    assert await loop.holder(lead_id) == other.userid
    await other.says("客户说明年再说，先休眠")

    assert (await loop.lead(lead_id))["state"] == "dormant"
    assert await loop.member("sunli").cards() == []
