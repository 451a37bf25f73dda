"""Who said where they are is not asked again; who has not is promised nothing yet."""

from tests.journeys.customer.conftest import follow
from tests.journeys.loop import Loop, at


async def test_a_person_of_the_store_spoken_of(loop: Loop) -> None:
    visitor = await follow(loop)
    await visitor.says("成都有店吗", "成都高新店")
    await visitor.says("人工", "已为您接通销售顾问陈晨")


async def test_a_complaint_goes_to_the_store_spoken_of(loop: Loop) -> None:
    visitor = await follow(loop)
    await visitor.says("净月那家周六下午三点试驾探岳", "为您留好了")
    told = await visitor.says("你们态度太差了，我要投诉", "长春净月店负责人")
    assert "哪个城市" not in told


async def test_no_promise_at_night_before_the_store_is_known(loop: Loop) -> None:
    visitor = await follow(loop)
    await loop.until(at("22:00"))
    told = await visitor.says("我要预约保养 周五上午", "受理编号 T1", "您在哪个城市")
    assert "前联系您" not in told
    await visitor.says("长春净月", "受理编号 T1，长春净月店将在11月25日14:00前联系您")

    await loop.until(at("13:30", day=25))
    assert "超时未答复：T1" not in "".join(await loop.member("sunli").texts())
    await loop.until(at("14:01", day=25))
    assert "超时未答复：T1" in await loop.member("sunli").last_text()
