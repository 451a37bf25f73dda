"""Whoever goes away in the middle finds nothing half done, and nothing of theirs kept."""

from db.models import ChatSession, Identity
from tests.journeys.customer.conftest import PHONE, Visitor, follow


async def test_an_idle_talk_is_over_and_its_number_gone(visitor: Visitor) -> None:
    await visitor.says("我想周六下午3点在长春净月店试驾探岳")
    await visitor.says(PHONE, "回复“同意”就约好了")
    await visitor.loop.pass_time(minutes=31)
    await visitor.loop.leadloop.duties.forget_idle_talks()
    assert not await ChatSession.exists(channel="oa")

    told = await visitor.says("同意")
    assert "约好了" not in told
    assert await visitor.leads() == []
    assert not await Identity.exists(kind="phone")


async def test_a_place_held_too_long_is_somebody_elses(visitor: Visitor) -> None:
    wish = "我想周六下午3点在长春净月店试驾探岳"
    await visitor.says(wish, "为您留好了")
    other = await follow(visitor.loop, "oOther")
    await other.says(wish, "约不上")
    await visitor.loop.pass_time(minutes=31)
    await other.says(wish, "为您留好了")


async def test_silence_asked_for_in_the_middle_ends_everything(visitor: Visitor) -> None:
    await visitor.says("我想周六下午3点在长春净月店试驾探岳", "为您留好了")
    await visitor.says("退订", "退订")
    assert await visitor.drives() == []
    told = await visitor.says("同意")
    assert "约好了" not in told
