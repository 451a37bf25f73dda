"""She does not know which car: the bot asks nothing twice and says what it does not know."""

from tests.journeys.customer.conftest import Visitor


async def test_budget_and_wishes_bring_a_short_list(visitor: Visitor) -> None:
    await visitor.talks(
        """
        客：有没有适合带娃的suv，预算二十来万
        号：20 万左右可以看看
        号：探岳，18.8–25 万元
        客：七座的有没
        号：ID.6 CROZZ，19–33 万元，纯电七座 SUV
        客：有纯电的吗，15万以内
        号：15 万左右可以看看
        号：ID.4 CROZZ
        客：有没有五十万的两厢车
        号：正合适的没有找到
        客：推荐一款
        号：万左右可以看看
        """
    )


async def test_what_the_catalogue_has_is_told_and_the_rest_is_not_invented(
    visitor: Visitor,
) -> None:
    await visitor.talks(
        """
        客：探岳有四驱吗
        号：探岳：四驱。
        客：油耗怎么样
        号：探岳的油耗我这里没有准确资料
        客：有红色吗
        号：探岳的颜色我这里没有准确资料
        """
    )


async def test_the_same_answer_is_not_read_out_twice(visitor: Visitor) -> None:
    first = await visitor.says("分期首付多少", "可以贷款分期")
    again = await visitor.says("那月供呢，贷款怎么算", "算不准")
    assert "需要顾问联系您吗" in first
    assert "需要顾问联系您吗" not in again
    await visitor.says("揽境多少钱", "指导价 27.9–40 万元")
    await visitor.says("落地多少钱", "揽境指导价就是 27.9–40 万元", "让门店给您算")
    await visitor.says("太贵了吧", "理解")
