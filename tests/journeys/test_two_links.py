"""Two links, one conversation: who goes cold is the brand's, who warms is the adviser's again."""

from typing import Any

import pytest

from tests.journeys.loop import Loop, Member

NO_HURRY: dict[str, Any] = {"purchase_window_days": None, "message": ""}


async def _known(loop: Loop) -> tuple[str, Member]:
    """Li Lei follows the account and is an adviser's lead; they have spoken."""
    await loop.customer().does("follow")
    taken = await loop.send(customer={"openid": "oLiLei"}, intent=NO_HURRY)
    lead_id = str(taken["lead_id"])
    await loop.follow_up(lead_id, "connected")
    return lead_id, loop.member(str(await loop.holder(lead_id)))


async def _link(loop: Loop, lead_id: str) -> tuple[str, str]:
    lead = await loop.lead(lead_id)
    return lead["pool"], lead["link"]


async def _hand_overs(loop: Loop, lead_id: str) -> list[tuple[str, str]]:
    """To whom and by what, oldest first."""
    lines = [line for line in await loop.timeline(lead_id) if line["kind"] == "handed_over"]
    assert all(line["text"] for line in lines)
    return [(line["data"]["link"], line["data"]["cause"]) for line in lines]


async def test_a_weak_defeat_is_the_brands_and_a_question_brings_it_back(loop: Loop) -> None:
    lead_id, holder = await _known(loop)
    await loop.give_up(lead_id, "price")
    assert await _link(loop, lead_id) == ("nurture", "brand")
    assert "由品牌沟通" in await holder.last_text()
    await loop.pass_time(days=10)

    await loop.customer().says("探岳现在多少钱")

    lead = await loop.lead(lead_id)
    assert (lead["pool"], lead["link"], lead["level"]) == ("prospects", "dealer", "A")
    assert (lead["attribution"], lead["assignment"]["userid"]) == ("won_back", holder.userid)
    card = await holder.card("lead")
    assert "探岳现在多少钱" in card.text
    assert "战败" in card.text
    assert card.buttons == ["接单", "转派", "无效"]
    assert await _hand_overs(loop, lead_id) == [
        ("dealer", "opened"),
        ("brand", "defeated"),
        ("dealer", "message"),
    ]
    await card.press("接单")
    assert "已下订" not in await holder.says("客户下订了，定金5000")
    assert (await loop.lead(lead_id))["state"] == "ordered"


@pytest.mark.parametrize("reason", ["service", "price"])
async def test_who_was_the_reason_does_not_have_the_customer_back(loop: Loop, reason: str) -> None:
    """Unhappy with the service, or given up without ever having spoken."""
    await loop.customer().does("follow")
    lead_id = (await loop.send(customer={"openid": "oLiLei"}, intent=NO_HURRY))["lead_id"]
    if reason == "service":
        await loop.follow_up(lead_id, "connected")
    holder = await loop.holder(lead_id)
    await loop.give_up(lead_id, reason)
    await loop.pass_time(days=10)

    await loop.customer().says("探岳现在多少钱")

    assert await loop.holder(lead_id) == ({"wangfang", "liqiang"} - {holder}).pop()
    why = [x["data"]["why"] for x in await loop.timeline(lead_id) if x["kind"] == "dispatched"]
    assert why[-1]["params"]["skipped"][holder] in {"was_the_reason", "gave_up_early"}


async def test_too_far_away_goes_to_another_dealer_of_the_town(loop: Loop) -> None:
    lead_id, _ = await _known(loop)
    await loop.give_up(lead_id, "distance")
    await loop.pass_time(days=10)

    await loop.customer().says("探岳现在多少钱")

    customer = await loop.api("GET", f"customers/{(await loop.lead(lead_id))['customer']['id']}")
    assert [lead["dealer_code"] for lead in customer["leads"]] == ["CC02", "CC01"]
    back = await loop.lead(customer["leads"][0]["id"])
    assert (back["attribution"], back["assignment"]["userid"]) == ("won_back", "zhoujie")
    assert "战败" in (await loop.member("zhoujie").card("lead")).text


async def test_missed_cycles_hand_a_prospect_to_the_brand_until_somebody_calls(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    holder = loop.member(await loop.holder(lead_id))
    await loop.follow_up(lead_id, "connected")
    await loop.pass_time(days=3)
    assert await _link(loop, lead_id) == ("prospects", "brand")
    assert await loop.holder(lead_id) == holder.userid
    told = [text for text in await holder.texts() if "转由品牌沟通" in text]
    assert len(told) == 1
    before = len(await holder.phone())

    await loop.follow_up(lead_id, "connected")

    assert await _link(loop, lead_id) == ("prospects", "dealer")
    assert len(await holder.phone()) == before, "what they did themselves they know"
    assert [link for link, _ in await _hand_overs(loop, lead_id)] == ["dealer", "brand", "dealer"]


async def test_a_scan_warms_a_lead_that_was_for_later(loop: Loop) -> None:
    lead_id, holder = await _known(loop)
    await loop.follow_up(lead_id, "connected", level="C")
    assert await _link(loop, lead_id) == ("nurture", "brand")
    await loop.pass_time(days=5)

    await loop.customer().does("scan", scene="dealer_CC01")

    lead = await loop.lead(lead_id)
    assert (lead["pool"], lead["link"], lead["level"]) == ("prospects", "dealer", "A")
    assert (lead["state"], lead["assignment"]["userid"]) == ("assigned", holder.userid)
    assert lead["attribution"] == "converted"
    _, fresh = await holder.cards("lead")
    assert (fresh.replaced, "扫码" in fresh.text) == (None, True)
    assert await _hand_overs(loop, lead_id) == [
        ("dealer", "opened"),
        ("brand", "follow_up"),
        ("dealer", "scanned"),
    ]


async def test_while_the_adviser_is_away_a_colleague_takes_the_customer_back(loop: Loop) -> None:
    lead_id, holder = await _known(loop)
    await loop.follow_up(lead_id, "connected", level="C")
    await holder.says("休息")
    await loop.pass_time(hours=1)

    await loop.customer().says("贷款怎么算")

    colleague = ({"wangfang", "liqiang"} - {holder.userid}).pop()
    assert await loop.holder(lead_id) == colleague
    assert "贷款怎么算" in (await loop.member(colleague).card("lead")).text


async def test_an_owner_who_scans_a_code_is_served_and_one_who_asks_prices_is_sold_to(
    loop: Loop,
) -> None:
    lead_id, holder = await _known(loop)
    await loop.follow_up(lead_id, "delivered")
    lei = loop.customer()
    await lei.does("scan", scene="dealer_CC01")
    assert await _link(loop, lead_id) == ("owners", "brand")

    await lei.says("途观多少钱")

    customer = await loop.api("GET", f"customers/{(await loop.lead(lead_id))['customer']['id']}")
    fresh = await loop.lead(customer["leads"][0]["id"])
    assert fresh["id"] != lead_id
    assert (fresh["pool"], fresh["assignment"]["userid"]) == ("prospects", holder.userid)
    assert (await loop.lead(lead_id))["state"] == "delivered"


async def test_who_asked_for_silence_is_not_handed_to_anybody(loop: Loop) -> None:
    lead_id, _ = await _known(loop)
    await loop.follow_up(lead_id, "connected", level="C")
    lei = loop.customer()
    await lei.says("退订")
    await lei.does("scan", scene="dealer_CC01")
    await lei.says("探岳多少钱")
    assert await loop.holder(lead_id) is None
    assert await _link(loop, lead_id) == ("out", "none")
