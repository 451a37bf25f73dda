"""Who has said where they are is not asked again, by the hand-off or by a ticket."""

from tests.journeys.customer.conftest import follow
from tests.journeys.loop import Loop


async def test_a_person_of_the_store_spoken_of(loop: Loop) -> None:
    visitor = await follow(loop)
    await visitor.says("成都有店吗", "成都高新店")
    await visitor.says("人工", "已为您接通销售顾问陈晨")


async def test_a_complaint_goes_to_the_store_spoken_of(loop: Loop) -> None:
    visitor = await follow(loop)
    await visitor.says("净月那家周六下午三点试驾探岳", "为您留好了")
    told = await visitor.says("你们态度太差了，我要投诉", "长春净月店负责人")
    assert "哪个城市" not in told
