"""Corrections replace what was understood; the place held before is free again at once."""

from db.models import ChatSession
from tests.journeys.customer.conftest import PHONE, Visitor


async def test_time_car_and_store_can_be_corrected(visitor: Visitor) -> None:
    await visitor.talks(
        """
        客：我想周六下午3点在长春净月店试驾探岳
        号：周六（11月28日）15:00
        客：不对，周日上午
        号：周日（11月29日）10:00
        客：第二个
        号：为您留好了：周日（11月29日）
        客：不是十点 十一点
        号：为您留好了：周日（11月29日）11:00
        客：换成探歌
        号：试驾探歌
        客：还是去绿园店试驾探岳吧
        号：长春绿园店，试驾探岳
        """
    )
    assert len(await visitor.drives()) == 1


async def test_never_mind_ends_it_and_frees_the_place(visitor: Visitor) -> None:
    await visitor.says("我想周六下午3点在长春净月店试驾探岳", "同意")
    await visitor.says(PHONE, "同意")
    await visitor.says("算了", "先不约了")
    assert await visitor.drives() == []
    assert await visitor.leads() == []
    session = await ChatSession.get(channel="oa", peer=visitor.customer.openid)
    assert "phone" not in session.state
    await visitor.says("同意", "是约试驾，还是让顾问联系您")
    assert await visitor.leads() == []
