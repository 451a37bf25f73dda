"""Late at night, and wary: asked for a number, she first wants to know what it is for."""

from db.models import Ticket
from tests.journeys.customer.conftest import PHONE, Visitor
from tests.journeys.loop import at


async def test_the_purpose_is_told_and_the_question_asked_again(visitor: Visitor) -> None:
    await visitor.loop.until(at("23:30"))
    await visitor.talks(
        f"""
        客：净月那家周六下午三点试驾探岳
        号：同意请回复“同意”
        客：为什么要电话
        号：确认时间、通知变化
        号：回复“同意”
        客：拿我电话做啥子
        号：只是方便门店联系您
        号：回复“同意”
        客：凭什么给你们号码
        号：回复“同意”
        客：你们会不会把我电话卖了
        号：加密保存
        号：回复“同意”
        客：我约了什么时候
        号：还没约成，先为您留着：周六（11月28日）15:00
        客：先不给
        号：不会保存您的号码
        客：你们店几点开门
        号：长春净月店：今天 9:00
        客：那行吧同意
        号：手机号
        客：{PHONE}，小王
        号：约好了：周六（11月28日）15:00，长春净月店，试驾探岳
        """
    )
    assert not await Ticket.exists()
    assert await visitor.drives() == [("booked", "11-28 15:00")]
    assert (await visitor.lead())["customer"]["name"] == "小王"


async def test_agreed_to_nothing_is_asked_what_for(visitor: Visitor) -> None:
    await visitor.says("同意", "是约试驾，还是让顾问联系您")
    assert await visitor.leads() == []
