"""A booked test drive is moved, then called off; the adviser reads each step."""

from tests.journeys.customer.conftest import PHONE, Visitor


async def test_another_time_and_then_none(visitor: Visitor) -> None:
    await visitor.talks(
        f"""
        客：我想周六下午3点在长春净月店试驾探岳
        客：同意 {PHONE}
        号：约好了
        客：试驾改到周日上午10点
        号：已改到周日（11月29日）10:00
        客：我想试驾探岳
        号：您已经约了周日（11月29日）10:00
        客：来不了了
        号：1. 改时间
        客：1
        号：有空的时间
        客：算了
        客：取消试驾
        号：已取消周日（11月29日）10:00
        客：取消试驾
        号：没有查到您的试驾预约
        """
    )
    assert await visitor.drives() == [("cancelled", "11-29 10:00")]
    lead = await visitor.lead()
    lines = await visitor.loop.timeline(lead["id"])
    states = [line["data"]["state"] for line in lines if line["kind"] == "appointment"]
    assert states == ["booked", "moved", "cancelled"]
    adviser = visitor.loop.member(await visitor.loop.holder(lead["id"]))
    told = " ".join(await adviser.texts())
    for step in ("约了11月28日（周六）15:00", "改到11月29日（周日）10:00", "取消了"):
        assert step in told
