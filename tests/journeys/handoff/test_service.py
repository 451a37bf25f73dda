"""After the sale: a ticket with a number, somebody who must answer, and where the car is."""

from tests.journeys.handoff.conftest import Talk
from tests.journeys.loop import Loop


async def test_a_complaint_gets_a_number_and_an_answer(any_talk: Talk) -> None:
    talk = any_talk
    receipt = await talk.customer.says("我要投诉，等了一个月还没交车")
    assert "T1" in receipt
    assert "长春净月店" in receipt
    manager = talk.loop.member("sunli")
    assert "等了一个月还没交车" in await manager.last_text()

    assert "T1" in await talk.customer.says("服务太差了，我要投诉你们")
    assert "补充" in await manager.last_text()

    assert "T1" in await manager.says("#T1 我们今天给您答复")
    assert await talk.last_heard() == "受理编号 T1：我们今天给您答复"
    assert "结案" in await manager.says("#T1 已处理")
    assert "已处理完成" in await talk.last_heard()


async def test_a_late_complaint_goes_further(talk: Talk) -> None:
    await talk.customer.says("我要投诉")
    await talk.loop.pass_time(hours=3, minutes=1)  # two hours, and the store's lunch
    assert "超时未答复：T1" in await talk.loop.member("linna").last_text()
    await talk.loop.member("sunli").says("#T1 马上处理")
    before = await talk.loop.member("brandops").texts()
    await talk.loop.pass_time(hours=6)
    assert await talk.loop.member("brandops").texts() == before


async def test_a_breakdown_goes_to_the_dcc_of_the_named_city(loop: Loop) -> None:
    customer = loop.customer("oDriver")
    await customer.does("follow")
    receipt = await customer.says("车在半路抛锚了，要拖车")
    assert "T1" in receipt
    assert "哪个城市" in receipt
    assert "T1" in await customer.says("我在长春")
    assert "救援 T1" in await loop.member("zhaomin").last_text()


async def test_others_cannot_answer_a_ticket(talk: Talk) -> None:
    await talk.customer.says("我要保养")
    assert "T1" not in "".join(await talk.loop.member("wuhao").texts())
    assert "不能操作" in await talk.loop.member("wuhao").says("#T1 已处理")
    assert "没有找到" in await talk.loop.member("wuhao").says("#T99 已处理")


async def test_where_is_my_car_is_answered_from_the_order(talk: Talk) -> None:
    assert "没有查到" in await talk.customer.says("我的车到哪了")
    await talk.loop.follow_up(talk.lead, "ordered")
    assert "探岳" in await talk.customer.says("我的车到哪了")
    assert "正在安排" in await talk.customer.says("什么时候能提车")
    await talk.loop.follow_up(talk.lead, "delivered")
    assert "已经交付" in await talk.customer.says("车到哪了")


async def test_a_tap_on_the_menu_only_looks(talk: Talk) -> None:
    told = await talk.customer.does("menu", key="售后服务")
    assert "直接说就行" in told["reply"]["Content"]
    assert "T1" not in told["reply"]["Content"]
    assert "T1" in await talk.customer.says("周五上午想做保养")
