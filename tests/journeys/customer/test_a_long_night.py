"""One long, messy talk at night: detours, second thoughts, small words, and a drive at the end."""

from tests.journeys.customer.conftest import PHONE, Visitor
from tests.journeys.loop import at


async def test_nothing_is_lost_on_the_way(visitor: Visitor) -> None:
    await visitor.loop.until(at("23:20"))
    await visitor.talks(
        f"""
        客：😊
        号：好的
        客：你是真人吗
        号：智能助手
        客：探岳和途岳哪个好呀
        号：别家的车我不便评价
        客：我老婆不同意 哎
        号：不着急
        客：附近有店吗
        号：您在哪个城市
        客：长春
        号：长春净月店
        客：想试驾探岳
        号：您去哪家
        客：周六吧 下午
        号：好的，记下了
        号：您去哪家
        客：净月那家
        号：周六（11月28日）15:00
        客：哦
        号：不急
        客：保养一次多少钱
        号：服务顾问报价最准
        号：您选哪个时间
        客：三点
        号：为您留好了：周六（11月28日）15:00
        客：我叫梅梅
        号：好的，记下了
        客：能带我老公一起吗
        号：家人朋友都能一起来
        号：回复“同意”
        客：谢谢啦
        号：不客气
        客：同意
        号：手机号
        客：{PHONE}
        号：约好了：周六（11月28日）15:00
        客：我约的几点来着
        号：您约了周六（11月28日）15:00
        客：11点
        号：已改到周六（11月28日）11:00
        客：迟到了怎么办
        号：门店电话
        客：晚安
        号：好的
        """
    )
    assert await visitor.drives() == [("booked", "11-28 11:00")]
    assert (await visitor.lead())["customer"]["name"] == "梅梅"
