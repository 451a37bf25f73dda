"""She would rather not leave a number: nobody insists, and nothing of it stays."""

from tests.journeys.customer.conftest import PHONE, Visitor, follow


async def test_no_number_no_drive_but_a_way_to_come(visitor: Visitor) -> None:
    await visitor.talks(
        """
        客：周六下午3点想在长春净月店试驾探岳
        号：为您留好了
        客：为什么要留电话
        号：确认时间、通知变化
        客：我不想留电话行不行
        号：没关系，不留也行
        号：长春净月店看车，今天 9:00
        """
    )
    assert await visitor.drives() == []
    await visitor.talks(
        """
        客：算了还是约吧
        号：为您留好了：周六（11月28日）15:00
        """
    )
    await visitor.says(f"同意 {PHONE}", "约好了")


async def test_agreement_given_early_is_not_asked_for_again(visitor: Visitor) -> None:
    await visitor.talks(
        f"""
        客：周六下午3点想在长春净月店试驾探岳
        号：同意请回复“同意”
        客：换成下午2点半行吗
        号：14:30约不上
        客：同意 {PHONE}
        号：好的，记下了
        号：您选哪个时间
        客：随便哪个都行
        号：约好了：周六（11月28日）
        """
    )


async def test_the_number_of_somebody_who_has_a_drive_already(visitor: Visitor) -> None:
    """From a second WeChat account: the bot says so instead of booking twice or falling silent."""
    await visitor.says("周六下午3点想在长春净月店试驾探岳", "为您留好了")
    await visitor.says(f"同意 {PHONE}", "约好了")
    other = await follow(visitor.loop, "oSecondPhone")
    await other.says("周日上午10点想在长春净月店试驾探岳", "为您留好了")
    await other.says(f"同意 {PHONE}", "这个号码已经约过探岳的试驾")
    assert await visitor.drives() == [("booked", "11-28 15:00")]
    await other.says("我约的几点", "您约了周六（11月28日）15:00")
