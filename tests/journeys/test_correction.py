"""What was just recorded is put right by a tap, or by saying so."""

from typing import Any

import pytest

from tests.journeys.loop import Card, Loop, Member


@pytest.fixture
async def wangfang(loop: Loop) -> Member:
    """She works alone at CC01 today."""
    off = {"name": "李强", "role": "adviser", "dealer_code": "CC01", "on_duty": False}
    await loop.api("PUT", "staff/liqiang", off)
    return loop.member("wangfang")


async def _lead_of(loop: Loop, name: str = "李雷", phone: str = "13800138000") -> str:
    lead_id = (await loop.send(f"x-{phone}", customer={"name": name, "phone": phone}))["lead_id"]
    await loop.api("POST", f"leads/{lead_id}/accept", {"userid": "wangfang"})
    await loop.settle()
    return lead_id


async def _standing(loop: Loop, lead_id: str) -> list[dict[str, Any]]:
    """Data of the records that were not taken back."""
    lines = await loop.timeline(lead_id)
    undone = {x["data"]["follow_up_id"] for x in lines if x["kind"] == "follow_up_undone"}
    made = [x["data"] for x in lines if x["kind"] == "follow_up"]
    return [data for data in made if data["follow_up_id"] not in undone]


async def _confirmed(member: Member) -> Card:
    return await member.card("confirm")


async def test_one_tap_changes_the_result_and_the_card_shows_it(
    loop: Loop, wangfang: Member
) -> None:
    lead_id = await _lead_of(loop)
    await wangfang.says("没接通")
    card = await _confirmed(wangfang)
    assert card.buttons[0] == "改为已联系"

    await card.press("改为已联系")

    assert [x["result"] for x in await _standing(loop, lead_id)] == ["connected"]
    card = await _confirmed(wangfang)
    assert len(await wangfang.cards("confirm")) == 1
    assert "已联系" in card.text
    assert "改为未接通" in card.buttons
    assert card.replaced is None


async def test_level_and_next_call_are_one_tap_each(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop)
    await wangfang.says("聊了聊，意向B级，周五再联系")

    await (await _confirmed(wangfang)).press("改为A级")
    assert (await loop.lead(lead_id))["level"] == "A"
    await (await _confirmed(wangfang)).press("明天再联系")

    lead = await loop.lead(lead_id)
    assert lead["assignment"]["next_follow_up_at"].startswith("2026-11-25T")
    assert lead["level"] == "A", "the first change stays"
    assert len(await _standing(loop, lead_id)) == 1


async def test_anything_else_is_changed_on_one_card(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop)
    await wangfang.says("没接通")
    await (await _confirmed(wangfang)).press("改其他")
    card = await wangfang.card("amend")

    await card.press("保存修改", selected={"result": ["quoted"], "level": ["-"], "next": ["7"]})

    (record,) = await _standing(loop, lead_id)
    assert record["result"] == "quoted"
    assert record["next_follow_up_at"].startswith("2026-12-01T")
    assert (await wangfang.card("amend")).replaced == "已修改"


async def test_nothing_picked_changes_nothing(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop)
    await wangfang.says("没接通")
    await (await _confirmed(wangfang)).press("改其他")

    await (await wangfang.card("amend")).press("保存修改", selected={"result": ["-"]})

    assert "没有变" in await wangfang.last_text()
    assert "follow_up_undone" not in await loop.kinds(lead_id)


async def test_the_card_takes_back_too_and_then_has_no_buttons(
    loop: Loop, wangfang: Member
) -> None:
    lead_id = await _lead_of(loop)
    await wangfang.says("没接通")
    await (await _confirmed(wangfang)).press("撤销")
    assert await _standing(loop, lead_id) == []
    assert (await _confirmed(wangfang)).replaced == "已撤销"

    await wangfang.says("没接通")
    await wangfang.says("撤销")
    assert (await _confirmed(wangfang)).replaced == "已撤销", "by word as by button"


async def test_after_ten_minutes_the_card_changes_nothing(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop)
    await wangfang.says("没接通")
    loop.clock.advance(minutes=11)

    await (await _confirmed(wangfang)).press("改为已联系")

    assert "不能" in await wangfang.last_text()
    assert [x["result"] for x in await _standing(loop, lead_id)] == ["unreachable"]
    assert (await _confirmed(wangfang)).replaced == "已超过可修改时间"


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("约了周六下午3点到店", "不对，是周日上午10点", ("appointment", "2026-11-29T10:00")),
        ("约了周六下午3点到店", "不对 没接通", ("unreachable", None)),
        ("没接通", "错了，已经到店看车了", ("visited", None)),
    ],
)
async def test_saying_no_corrects_the_last_record(
    loop: Loop, wangfang: Member, first: str, then: str, expected: tuple[str, str | None]
) -> None:
    lead_id = await _lead_of(loop)
    await wangfang.says(first)

    said = await wangfang.says(then)

    (record,) = await _standing(loop, lead_id)
    assert record["result"] == expected[0]
    assert (record["appointment_at"] or "")[:16] == (expected[1] or "")
    assert "已记录" in said


async def test_the_wrong_lead_is_named_again(loop: Loop, wangfang: Member) -> None:
    meant = await _lead_of(loop, "韩梅梅", "13900139000")
    wrong = await _lead_of(loop)
    await wangfang.says("约了周六下午3点到店")

    await wangfang.says(f"不对，是#{meant}的")

    assert await _standing(loop, wrong) == []
    (record,) = await _standing(loop, meant)
    assert record["appointment_at"].startswith("2026-11-28T07:00")


async def test_wrong_alone_asks_what(loop: Loop, wangfang: Member) -> None:
    await _lead_of(loop)
    await wangfang.says("没接通")

    await wangfang.says("记错了")
    assert (await wangfang.card("amend")).buttons == ["保存修改"]
    assert "没听懂" in await wangfang.says("不对，嗯")


async def test_an_order_corrected_into_a_quote_is_no_order(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop)
    await wangfang.says("已经下订，定金5000")
    assert (await loop.lead(lead_id))["state"] == "ordered"

    await (await _confirmed(wangfang)).press("改为已报价")

    assert (await loop.lead(lead_id))["state"] == "accepted"
