"""Nobody is there: the bot says when the store opens and takes a message."""

from tests.journeys.handoff.conftest import Talk
from tests.journeys.loop import Loop, at, shown


async def test_a_message_left_at_night_reaches_the_adviser_in_the_morning(talk: Talk) -> None:
    await talk.loop.until(at("21:30"))
    answer = await talk.customer.says("人工")
    assert "11月25日09:00开门" in answer
    before = await talk.adviser.texts()

    assert "11月25日09:00" in await talk.customer.says("周六能试驾吗")
    assert not any("周六能试驾吗" in text for text in (await talk.adviser.texts())[len(before) :])
    assert "万元" in await talk.customer.says("探岳多少钱")

    await talk.loop.until(at("09:01", day=25))
    left = [text for text in await talk.adviser.texts() if "留言" in text]
    assert len(left) == 1
    assert "李雷" in left[0]
    assert "周六能试驾吗" in left[0]


async def test_who_leaves_no_message_is_called_all_the_same(talk: Talk) -> None:
    await talk.loop.until(at("21:30"))
    await talk.customer.says("人工")
    await talk.loop.until(at("09:01", day=25))
    assert any("没有留言" in text for text in await talk.adviser.texts())


async def test_nobody_on_duty_is_said_at_once(talk: Talk) -> None:
    for userid in ("wangfang", "liqiang", "zhaomin", "sunli"):
        await talk.loop.member(userid).says("休息")
    assert "暂时都不在" in await talk.customer.says("转人工")
    assert "转给门店" in await talk.customer.says("请回电")
    assert "请回电" in await talk.adviser.last_text()


async def test_a_stranger_names_the_city_and_meets_its_dcc(loop: Loop) -> None:
    customer = loop.customer("oStranger")
    await customer.does("follow")
    assert "哪个城市" in await customer.says("人工")
    assert "赵敏" in await customer.says("我在长春净月那边，长春")

    dcc = loop.member("zhaomin")
    assert "请求人工服务" in await dcc.last_text()
    await dcc.says("您好，我是赵敏")
    phone = await customer.phone()
    assert phone[-1]["content"]["content"] == "邀约专员赵敏：您好，我是赵敏"


async def test_who_asks_twice_is_asked_for_the_city_again(loop: Loop) -> None:
    customer = loop.customer("oStranger")
    await customer.does("follow")
    await customer.says("人工")
    assert "哪个城市" in await customer.says("转人工啊")
    done = shown(await customer.does("location", lat=43.82, lng=125.32, label="净月大街"))
    assert "赵敏" in done


async def test_a_message_without_a_town_goes_to_the_brand(loop: Loop) -> None:
    customer = loop.customer("oStranger")
    await customer.does("follow")
    await customer.says("人工")
    assert "已记下" in await customer.says("你们官网打不开")
    assert "官网打不开" in await loop.member("brandops").last_text()
    assert "长春净月店可以试驾探歌" in await customer.says("想在长春试驾探歌")


async def test_an_adviser_is_called_by_name(loop: Loop) -> None:
    customer = loop.customer("oScanner")
    await customer.does("follow", scene="staff_wangfang")
    assert "销售顾问王芳" in await customer.says("王芳在吗")
    other = loop.customer("oStranger")
    await other.does("follow")
    assert "接通" not in await other.says("王芳在吗")


async def test_a_scanned_code_leads_to_its_store(loop: Loop) -> None:
    customer = loop.customer("oScanner")
    await customer.does("follow", scene="staff_wangfang")
    assert "销售顾问王芳" in await customer.says("人工")
    assert "@H" in await loop.member("wangfang").last_text()
