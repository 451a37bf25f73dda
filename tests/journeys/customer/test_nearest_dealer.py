"""The nearest store: by place, by town, by district, and honestly where there is none."""

from tests.journeys.customer.conftest import Visitor
from tests.journeys.loop import at


async def test_a_place_gives_stores_by_distance(visitor: Visitor) -> None:
    delivery = await visitor.customer.does("location", lat=43.88, lng=125.26, label="绿园区")
    told = delivery["reply"]["Content"]
    assert told.index("长春绿园店") < told.index("长春净月店")
    assert "公里" in told
    assert "https://apis.map.qq.com/uri/v1/marker?marker=coord:43.8803,125.256" in told
    assert "今天 9:00–12:00、13:00–18:00" in told
    assert len(told.encode()) <= 2048


async def test_only_stores_that_sell_the_car(visitor: Visitor) -> None:
    told = await visitor.says("长春哪里有卖探歌的", "长春净月店")
    assert "绿园店" not in told


async def test_a_district_names_its_store(visitor: Visitor) -> None:
    await visitor.talks(
        """
        客：附近有店吗
        号：您在哪个城市
        客：净月区
        号：长春净月店
        客：三亚有店吗
        号：三亚暂时没有我们的门店，目前在长春、成都、沈阳有店
        号：发个位置
        """
    )


async def test_the_stores_hours_are_those_of_today(visitor: Visitor) -> None:
    await visitor.loop.until(at("20:00"))
    await visitor.says(
        "长春净月店几点关门", "长春净月店：今天 9:00–12:00、13:00–18:00（现在休息）"
    )


async def test_a_place_sent_for_a_test_drive_offers_what_is_near(visitor: Visitor) -> None:
    await visitor.says("想试驾探岳", "直接发送位置")
    delivery = await visitor.customer.does("location", lat=43.88, lng=125.26)
    told = delivery["reply"]["Content"]
    assert told.index("长春绿园店") < told.index("长春净月店")
    await visitor.says("1", "长春绿园店可以试驾探岳")


async def test_a_named_store_answers_for_itself(visitor: Visitor) -> None:
    """Also where it does not have the car that was spoken of."""
    await visitor.says("揽境多少钱", "揽境指导价")
    delivery = await visitor.customer.does("location", city="长春")
    assert "（不到 1 公里）" in delivery["reply"]["Articles"]["item"]["Title"]
    await visitor.says("绿园那家几点关门", "长春绿园店：全天营业")
