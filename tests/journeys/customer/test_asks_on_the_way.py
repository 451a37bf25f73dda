"""Questions in the middle of a booking are answered, and the booking goes on where it was."""

from tests.journeys.customer.conftest import PHONE, Visitor


async def test_the_bot_comes_back_to_its_question(visitor: Visitor) -> None:
    await visitor.talks(
        f"""
        客：想试驾探歌
        号：您在哪个城市试驾
        客：对了，探岳多少钱
        号：探岳指导价
        号：接着约试驾
        号：您在哪个城市
        客：要带驾照吗
        号：本人有效的驾驶证
        号：您在哪个城市
        客：沈阳
        号：沈阳浑南店可以试驾探歌
        客：能贷款吗
        号：可以贷款分期
        号：您选哪个时间
        客：明天上午10点
        号：明天10:00，沈阳浑南店，试驾探歌
        客：留号码干什么用
        号：确认时间
        号：回复“同意”
        客：同意
        号：手机号和称呼
        客：{PHONE}
        号：约好了：明天10:00，沈阳浑南店，试驾探歌
        """
    )
    lead = await visitor.lead()
    assert (lead["intent"]["model"] if "intent" in lead else lead["model"]) == "troc"
