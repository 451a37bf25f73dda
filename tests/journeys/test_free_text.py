"""An adviser writes a sentence: it is recorded on the right lead, repeated, and undoable."""

from typing import Any

import pytest

from tests.journeys.loop import Loop, Member, at


@pytest.fixture
async def wangfang(loop: Loop) -> Member:
    """She works alone at CC01 today."""
    await loop.api(
        "PUT",
        "staff/liqiang",
        {"name": "李强", "role": "adviser", "dealer_code": "CC01", "on_duty": False},
    )
    return loop.member("wangfang")


async def _lead_of(loop: Loop, name: str, phone: str, *, accepted: bool = True) -> str:
    lead_id = (await loop.send(f"x-{phone}", customer={"name": name, "phone": phone}))["lead_id"]
    if accepted:
        await loop.api("POST", f"leads/{lead_id}/accept", {"userid": "wangfang"})
        await loop.settle()
    return lead_id


async def _last_follow_up(loop: Loop, lead_id: str) -> dict[str, Any]:
    return [line for line in await loop.timeline(lead_id) if line["kind"] == "follow_up"][-1]


async def test_what_was_understood_is_repeated_and_acted_upon(
    loop: Loop, wangfang: Member
) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    said = await wangfang.says("客户很感兴趣，约了周六下午3点到店，意向A级，周五再联系")
    for part in ("李雷", "约到店", "28日", "15:00", "A", "27日", "撤销"):
        assert part in said, said
    lead = await loop.lead(lead_id)
    assert lead["level"] == "A" or lead["level"] == "H"
    assert lead["assignment"]["first_response_at"]
    assert lead["assignment"]["next_follow_up_at"].startswith("2026-11-27")
    data = (await _last_follow_up(loop, lead_id))["data"]
    assert data["result"] == "appointment"
    assert data["appointment_at"].startswith("2026-11-28T")
    assert "appointment" in await loop.kinds(lead_id)


async def test_the_same_question_is_answered_every_time(loop: Loop, wangfang: Member) -> None:
    for _ in range(3):
        await wangfang.says("待办")
    assert len(await wangfang.texts()) == 3


async def test_a_record_can_be_taken_back_for_ten_minutes(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    before = await loop.lead(lead_id)
    await wangfang.says("约了周六下午3点到店，定了意向C级")
    assert (await loop.lead(lead_id))["assignment"]["first_response_at"]
    loop.clock.advance(minutes=10)
    assert "已撤销" in await wangfang.says("撤销")
    after = await loop.lead(lead_id)
    for kept in ("level", "score", "reasons", "state"):
        assert after[kept] == before[kept], kept
    for kept in ("first_response_at", "first_response_due_at", "next_follow_up_at", "userid"):
        assert after["assignment"][kept] == before["assignment"][kept], kept
    assert "没有可以撤销" in await wangfang.says("撤销")
    await loop.until(at("10:15"))
    assert "escalated" in await loop.kinds(lead_id), "the clock runs again"


async def test_after_ten_minutes_a_record_stands(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    await wangfang.says("没接通")
    loop.clock.advance(minutes=10, seconds=1)
    assert "不能撤销" in await wangfang.says("撤销")
    assert (await loop.lead(lead_id))["assignment"]["first_response_at"]


async def test_an_undo_leaves_alone_what_came_in_between(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    await wangfang.says("没接通")
    loop.clock.advance(minutes=2)
    again = await loop.send("dcd-2", source="autohome", intent={"message": "落地价多少，有优惠吗"})
    assert again["outcome"] == "merged"
    told = (await loop.lead(lead_id))["reasons"]
    assert "已撤销" in await wangfang.says("撤销")
    assert (await loop.lead(lead_id))["reasons"] == told


async def test_an_order_taken_back_is_no_order(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    await wangfang.says("已经下订，定金5000")
    assert (await loop.lead(lead_id))["state"] == "ordered"
    await wangfang.says("撤销")
    assert (await loop.lead(lead_id))["state"] == "accepted"


async def test_a_closed_lead_taken_back_is_in_work_again(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    await loop.follow_up(lead_id, "dormant")
    assert (await loop.lead(lead_id))["state"] == "dormant"
    assert await loop.holder(lead_id) is None
    loop.clock.advance(minutes=1)
    assert "已撤销" in await wangfang.says("撤销")
    lead = await loop.lead(lead_id)
    assert lead["state"] == "accepted"
    assert lead["assignment"]["userid"] == "wangfang"
    again = await loop.send("dcd-2")
    assert again["outcome"] == "merged"


async def test_an_opt_out_is_not_undone_by_undoing_a_call(loop: Loop, wangfang: Member) -> None:
    lead_id = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    await loop.customer().does("follow")
    await wangfang.says("已联系")
    await loop.customer().says("退订")
    assert (await loop.lead(lead_id))["state"] == "held"
    assert "不能撤销" in await wangfang.says("撤销")
    assert (await loop.lead(lead_id))["state"] == "held"


@pytest.mark.parametrize(
    "sentence", ["#{number} 没接通", "韩梅梅没接通", "韩女士没接，明天再打", "尾号9000 没接通"]
)
async def test_a_lead_is_named_by_number_name_or_phone(
    loop: Loop, wangfang: Member, sentence: str
) -> None:
    named = await _lead_of(loop, "韩梅梅", "13900139000")
    other = await _lead_of(loop, "李雷", "13800138000")
    said = await wangfang.says(sentence.format(number=named))
    assert f"#{named}" in said, said
    assert "follow_up" in await loop.kinds(named)
    assert "follow_up" not in await loop.kinds(other)


async def test_the_lead_handled_last_is_meant(loop: Loop, wangfang: Member) -> None:
    first = await _lead_of(loop, "李雷", "13800138000")
    second = await _lead_of(loop, "韩梅梅", "13900139000")
    await wangfang.says("没接通")
    assert "follow_up" in await loop.kinds(second)
    await wangfang.says(f"#{first} 约了周六下午3点到店")
    await wangfang.says("客户说还要带家人一起来")
    assert (await loop.kinds(first)).count("follow_up") == 2


async def test_two_that_fit_are_asked_for_with_buttons(loop: Loop, wangfang: Member) -> None:
    one = await _lead_of(loop, "张伟", "13800138000")
    two = await _lead_of(loop, "张敏", "13900139000")
    await wangfang.says("张先生约了周六下午3点到店")
    for lead_id in (one, two):
        assert "follow_up" not in await loop.kinds(lead_id)
    question = await wangfang.card("pick")
    assert "周六下午3点" in question.text
    assert len(question.buttons) == 2
    button = next(text for text in question.buttons if f"#{one}" in text)
    loop.clock.advance(minutes=3)
    await wangfang.says(f"#{two} 没接通")
    await question.press(button)
    assert (await _last_follow_up(loop, one))["data"]["result"] == "appointment"
    assert (await _last_follow_up(loop, two))["data"]["result"] == "unreachable"
    assert (await wangfang.card("pick")).replaced == "已选择"
    assert "张伟" in (await wangfang.card("confirm")).text


@pytest.mark.parametrize(
    "sentence", ["张三丰，没接通", "王女士没接通", "#99 没接通", "尾号1234 没接通"]
)
async def test_somebody_else_is_not_taken_for_a_customer_of_mine(
    loop: Loop, wangfang: Member, sentence: str
) -> None:
    lead_id = await _lead_of(loop, "张伟", "13800138000")
    said = await wangfang.says(sentence)
    assert "没有找到" in said, said
    assert "follow_up" not in await loop.kinds(lead_id)


async def test_too_many_to_ask_are_not_guessed(loop: Loop, wangfang: Member) -> None:
    for i in range(7):
        await _lead_of(loop, f"客{i}", f"1390013900{i}", accepted=False)
    said = await wangfang.says("没接通，明天再打")
    assert "7 条" in said
    assert await wangfang.cards("pick") == []


async def test_a_colleagues_lead_is_not_mine_to_write_on(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    said = await loop.member("zhoujie").says(f"#{lead_id} 没接通")
    assert "没有找到" in said
    assert "follow_up" not in await loop.kinds(lead_id)


async def test_an_appointment_without_a_time_is_asked_for(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    await (await wangfang.card("follow_up")).press("约到店")
    assert "什么时候" in await wangfang.last_text()
    said = await wangfang.says("周六下午3点")
    assert "15:00" in said
    assert (await _last_follow_up(loop, lead_id))["data"]["appointment_at"].startswith(
        "2026-11-28"
    )


async def test_another_sentence_is_no_answer_to_that_question(
    loop: Loop, wangfang: Member
) -> None:
    other = await _lead_of(loop, "韩梅梅", "13900139000")
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    await (await wangfang.card("follow_up")).press("约到店")
    await wangfang.says(f"#{other} 没接通，明天上午10点再打")
    assert (await _last_follow_up(loop, other))["data"]["result"] == "unreachable"
    assert (await _last_follow_up(loop, lead_id))["data"]["appointment_at"] is None


async def test_strangers_are_told_whom_to_ask(loop: Loop) -> None:
    await loop.sandbox("PUT", "staff/newcomer", {"name": "新人"})
    assert "newcomer" in await loop.member("newcomer").says("没接通")


async def test_sentences_of_one_adviser_are_handled_in_order(loop: Loop, wangfang: Member) -> None:
    lead_id = await _lead_of(loop, "李雷", "13800138000")
    for words in ("没接通", "约了周六下午3点到店", "已经到店看车了", "撤销"):
        await loop.sandbox("POST", "staff/wangfang/text", {"content": words})
    await loop.settle()
    results = [
        line["data"]["result"]
        for line in await loop.timeline(lead_id)
        if line["kind"] == "follow_up"
    ]
    assert results == ["unreachable", "appointment", "visited"]
    assert (await loop.kinds(lead_id))[-1] in {"follow_up_undone", "graded", "pool_moved"}
