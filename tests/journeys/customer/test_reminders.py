"""A day and two hours before, by what WeChat allows then; nobody is reminded of what is off."""

from datetime import timedelta

from tests.journeys.customer.conftest import PHONE, Visitor
from tests.journeys.loop import Member, at

WISH = "我想周六下午3点在长春净月店试驾探岳"


async def _booked(visitor: Visitor) -> list[str]:
    await visitor.says(WISH)
    await visitor.says(f"同意 {PHONE}", "约好了")
    return await _texts(visitor)


async def _texts(visitor: Visitor) -> list[str]:
    return await visitor.customer.heard()


async def test_both_reminders_come_within_wechats_window(visitor: Visitor) -> None:
    await visitor.loop.until(at("14:30", day=27))
    before = await _booked(visitor)
    adviser = await _called_once(visitor)
    await visitor.loop.until(at("15:30", day=27))
    (tomorrow,) = (await _texts(visitor))[len(before) :]
    assert "明天 15:00 在长春净月店试驾探岳" in tomorrow
    await visitor.loop.until(at("13:30", day=28))
    (_, today) = (await _texts(visitor))[len(before) :]
    assert "今天 15:00" in today
    assert any("请提前备车" in text for text in await adviser.texts())


async def test_when_wechat_takes_nothing_the_adviser_is_asked_to_call(visitor: Visitor) -> None:
    before = await _booked(visitor)
    adviser = await _called_once(visitor)
    await visitor.loop.until(at("15:30", day=27))
    assert (await _texts(visitor))[len(before) :] == []
    assert any("请打电话联系" in text for text in await adviser.texts())


async def test_what_was_moved_or_called_off_reminds_nobody(visitor: Visitor) -> None:
    await visitor.loop.until(at("14:30", day=27))
    await _booked(visitor)
    await visitor.says("试驾改到下周三上午10点", "已改到")
    before = await _texts(visitor)
    await visitor.loop.until(at("16:00", day=28))
    assert (await _texts(visitor))[len(before) :] == []
    await visitor.says("取消试驾", "已取消")
    before = await _texts(visitor)
    await visitor.loop.until(at("10:00", day=28) + timedelta(days=5))
    assert (await _texts(visitor))[len(before) :] == []


async def test_afterwards_the_adviser_says_how_it_went(visitor: Visitor) -> None:
    await _booked(visitor)
    adviser = await _called_once(visitor)
    await visitor.loop.until(at("16:40", day=28))
    assert any("请记录结果" in text for text in await adviser.texts())
    lead = await visitor.lead()
    await adviser.says(f"#{lead['id']} 已试驾，很满意")
    assert await visitor.drives() == [("kept", "11-28 15:00")]


async def test_while_nobody_holds_the_lead_the_store_is_told(visitor: Visitor) -> None:
    await _booked(visitor)
    await visitor.loop.until(at("14:00", day=28))
    lead = await visitor.lead()
    assert await visitor.loop.holder(lead["id"]) is None
    told = await visitor.loop.member("zhaomin").texts()
    assert any("请提前备车" in text for text in told)


async def _called_once(visitor: Visitor) -> Member:
    """The adviser has taken the lead and spoken to the customer."""
    lead = await visitor.lead()
    await visitor.loop.follow_up(lead["id"], "connected")
    return visitor.loop.member(await visitor.loop.holder(lead["id"]))
