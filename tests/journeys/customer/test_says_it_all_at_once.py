"""Who says everything is asked for nothing but agreement."""

from tests.journeys.customer.conftest import PHONE, Visitor


async def test_one_message_one_word_one_number(visitor: Visitor) -> None:
    await visitor.talks(
        f"""
        客：你好，我想周六下午3点在长春净月店试驾探岳
        号：为您留好了：周六（11月28日）15:00，长春净月店，试驾探岳
        客：同意 {PHONE}
        号：约好了
        """
    )
    assert await visitor.drives() == [("booked", "11-28 15:00")]


async def test_a_number_in_the_first_message_still_waits_for_agreement(visitor: Visitor) -> None:
    told = await visitor.says(f"周六上午十点去长春净月店试驾探岳，电话{PHONE}", "同意")
    assert "手机号和称呼" not in told
    assert await visitor.leads() == []
    await visitor.says("同意", "约好了：周六（11月28日）10:00")
    assert len(await visitor.leads()) == 1


async def test_voice_is_as_good_as_text(visitor: Visitor) -> None:
    said = "我想周六下午三点在长春净月店试驾探岳"
    delivery = await visitor.customer.does("voice", recognition=said)
    assert "15:00，长春净月店" in delivery["reply"]["Content"]
