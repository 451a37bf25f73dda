"""A lead comes in, its adviser takes it and calls: the loop's straight way."""

from tests.journeys.loop import PHONE, Loop

MASKED = "138****8000"


async def test_a_lead_travels_from_form_to_first_call(any_loop: Loop) -> None:
    loop = any_loop
    taken = await loop.send()
    assert (taken["outcome"], taken["level"], taken["dealer_code"]) == ("created", "H", "CC01")
    assert taken["reasons"]
    assert (taken["pool"], taken["attribution"]) == ("prospects", "new")

    holder = loop.member(await loop.holder(taken["lead_id"]))
    card = await holder.card("lead")
    assert card.buttons == ["接单", "转派", "无效"]
    for shown in ("H", "李雷", "探岳", "懂车帝", MASKED, "10:15前", f"#{taken['lead_id']}"):
        assert shown in card.text, card.text
    assert taken["reasons"][0] in card.text
    assert PHONE not in card.text

    await card.press("接单")
    card = await holder.card("lead")
    assert card.replaced
    assert "已接单" in card.replaced
    assert PHONE in card.text
    follow_up = await holder.card("follow_up")
    assert follow_up.buttons == ["已联系", "未接通", "约到店", "战败"]
    assert PHONE in follow_up.text

    loop.clock.advance(minutes=5)
    await follow_up.press("已联系")
    assert (await holder.card("follow_up")).replaced == "已记录：已联系"
    assert "李雷" in (await holder.card("confirm")).text

    assigned = (await loop.lead(taken["lead_id"]))["assignment"]
    assert assigned["sla"] == "ok"
    assert assigned["first_response_at"]
    kinds = await loop.kinds(taken["lead_id"])
    wanted = ["captured", "graded", "dispatched", "pushed", "accepted", "follow_up"]
    assert [kind for kind in kinds if kind in wanted] == wanted
