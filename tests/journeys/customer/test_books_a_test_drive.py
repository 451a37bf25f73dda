"""From the first question to a booked test drive, one answer at a time."""

from tests.journeys.customer.conftest import MASKED, PHONE, Visitor


async def test_from_a_price_to_a_booked_test_drive(visitor: Visitor) -> None:
    await visitor.talks(
        """
        客：探岳多少钱
        号：探岳指导价 18.8–25 万元
        号：以门店为准
        客：好
        号：您在哪个城市试驾
        客：长春
        号：1. 长春净月店
        号：2. 长春绿园店
        客：1
        号：最近有空的时间
        客：周六下午3点
        号：周六（11月28日）15:00，长春净月店，试驾探岳
        号：同意请回复“同意”
        客：同意
        号：手机号和称呼
        """
    )
    assert await visitor.leads() == []
    assert await visitor.drives() == [("held", "11-28 15:00")]

    await visitor.says(f"李女士 {PHONE}", "约好了：周六（11月28日）15:00", "驾驶证")
    assert await visitor.drives() == [("booked", "11-28 15:00")]
    lead = await visitor.lead()
    assert (lead["source"], lead["dealer_code"], lead["customer"]["name"]) == (
        "official_account",
        "CC01",
        "李女士",
    )
    assert lead["customer"]["phone"] == MASKED
    kinds = await visitor.loop.kinds(lead["id"])
    assert "appointment" in kinds
    assert "consent" in kinds
    assert kinds.count("message_in") == 7

    adviser = visitor.loop.member(await visitor.loop.holder(lead["id"]))
    card = await adviser.card("lead")
    for shown in ("公众号", "李女士", "探岳", "已约本周六试驾", MASKED):
        assert shown in card.text, card.text
    assert PHONE not in card.text
    assert any("约了11月28日（周六）15:00试驾探岳" in text for text in await adviser.texts())
