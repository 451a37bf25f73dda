"""Answers from catalogue and policy; what the bot does not know it says, and offers a person."""

from tests.journeys.customer.conftest import Visitor


async def test_price_compare_and_highlights(visitor: Visitor) -> None:
    await visitor.talks(
        """
        客：多少钱
        号：您想了解哪款车
        客：探岳
        号：探岳指导价 18.8–25 万元，优惠和落地价以门店为准
        客：跟探歌比哪个好
        号：探歌：燃油车
        客：揽境怎么样
        号：七座大 SUV
        号：以门店为准
        客：多少钱呢
        号：揽境指导价 27.9–40 万元
        客：探岳和哈弗H6哪个好
        号：别家的车我不便评价
        """
    )


async def test_what_it_does_not_know_leads_to_a_person(visitor: Visitor) -> None:
    await visitor.talks(
        """
        客：探岳有现车吗
        号：我查不到实时库存
        号：需要顾问联系您吗
        客：好
        号：同意请回复“同意”
        客：算了
        客：火星上能开吗
        号：这个我还不会回答
        号：人工
        客：质保多久
        号：3 年或 6 万公里
        """
    )
    assert await visitor.leads() == []


async def test_offers_are_those_of_the_customers_region(visitor: Visitor) -> None:
    offers = {"offers": {"any": "到店有礼", "tayron": "探岳置换补贴 8000 元"}}
    await visitor.loop.api("PUT", "policies/region/NE", offers)
    await visitor.says("探岳有什么优惠", "没有准确数字")
    await visitor.says("我在沈阳，有优惠吗", "探岳置换补贴 8000 元", "到店有礼", "以门店为准")
    told = await visitor.says("成都有什么优惠")
    assert "8000" not in told
