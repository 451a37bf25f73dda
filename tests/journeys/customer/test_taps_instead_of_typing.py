"""A whole booking with one thumb: every answer the bot offers can be tapped."""

from tests.journeys.customer.conftest import PHONE, Visitor
from tests.journeys.loop import at


async def test_from_hello_to_a_booking_by_tapping(visitor: Visitor) -> None:
    han = visitor.customer
    await han.taps("有哪些车")
    assert "ID.4" in await visitor.says("二十万左右的suv")
    assert "中型 SUV" in await han.taps("探岳")
    assert "您在哪个城市试驾" in await han.taps("好，约试驾")
    await visitor.says("长春", "您去哪家")
    assert "最近有空的时间" in await han.taps("长春净月店")
    assert "为您留好了：明天09:00" in await han.taps("明天09:00")
    assert "手机号" in await han.taps("同意")
    await visitor.says(PHONE, "约好了：明天09:00，长春净月店，试驾探岳")
    await visitor.says("我想试驾探岳", "1. 改时间")
    assert "最近有空的时间" in await han.taps("改时间")
    assert "已改到明天10:00" in await han.taps("明天10:00")
    assert await visitor.drives() == [("booked", "11-25 10:00")]


async def test_an_old_menu_says_what_it_shows(visitor: Visitor) -> None:
    """A time tapped a day later is still that time, not what has its number now."""
    han = visitor.customer
    await visitor.says("想在长春净月店试驾探岳", "明天09:00")
    picks = await han.picks()
    await visitor.loop.until(at("09:30", day=25))
    await visitor.says("想在长春净月店试驾探岳", "有空")
    await visitor.says(picks["明天13:00"], "为您留好了：今天13:00")


async def test_one_store_is_an_article_with_the_way_there(visitor: Visitor) -> None:
    delivery = await visitor.customer.does("text", content="成都有店吗")
    article = delivery["reply"]["Articles"]["item"]
    assert article["Title"] == "成都高新店"
    assert "028-00000004" in article["Description"]
    assert article["Url"].startswith("https://apis.map.qq.com/")
    assert "成都高新店" in (await visitor.customer.heard())[-1]


async def test_a_late_answer_is_wechats_own_menu(visitor: Visitor) -> None:
    await visitor.loop.api("POST", "queues/inbox/pause")
    await visitor.customer.does("text", content="想在长春净月店试驾探岳")
    await visitor.loop.api("POST", "queues/inbox/resume")
    await visitor.loop.pass_time(minutes=1)
    late = (await visitor.customer.phone())[-1]
    assert late["kind"] == "msgmenu"
    rows = [row["content"] for row in late["content"]["list"]]
    assert "周三（11月25日）09:00" in rows
    assert "为您留好了：明天09:00" in await visitor.customer.taps("周三")
