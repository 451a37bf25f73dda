"""Booked, and forgotten when: however she asks, she is told her own test drive."""

from db.models import Ticket
from tests.journeys.customer.conftest import PHONE, Visitor

ASKED = [
    "我的试驾是几点",
    "我约了什么时候",
    "几号来着",
    "我预约的信息发我一下",
    "帮我查下我的预约",
]


async def test_she_is_told_her_own_booking(visitor: Visitor) -> None:
    await visitor.says("我约了什么时候", "没有查到您的试驾预约")
    await visitor.says("周六下午3点想在长春净月店试驾探岳", "为您留好了")
    await visitor.says(f"同意 {PHONE}", "约好了")
    for words in ASKED:
        await visitor.says(words, "您约了周六（11月28日）15:00，长春净月店，试驾探岳")
    assert not await Ticket.exists()


async def test_another_time_and_then_none_at_all(visitor: Visitor) -> None:
    """While another time is looked for, "取消" may mean the change or the drive: she is asked."""
    await visitor.says("周六下午3点想在长春净月店试驾探岳", "为您留好了")
    await visitor.says(f"同意 {PHONE}", "约好了")
    await visitor.says("改到周一吧", "您选哪个")
    await visitor.says("算了不改了", "那就还是周六（11月28日）15:00")
    await visitor.says("改到周一吧", "您选哪个")
    await visitor.says("取消掉", "已经约了周六（11月28日）15:00", "取消预约")
    assert await visitor.drives() == [("booked", "11-28 15:00")]
    await visitor.says("取消", "已取消周六（11月28日）15:00")
    assert await visitor.drives() == [("cancelled", "11-28 15:00")]
