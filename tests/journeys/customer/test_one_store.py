"""Questions about one store get that one thing: hours, way, phone, whether it has a car."""

from tests.journeys.customer.conftest import Visitor, follow
from tests.journeys.loop import Loop, at, shown


async def test_the_nearest_one_question_by_question(visitor: Visitor) -> None:
    told = shown(await visitor.customer.does("location", lat=43.85, lng=125.3, label="人民大街"))
    assert "长春净月店（约 4.1 公里）" in told
    assert "沈阳" not in told  # 281 km is not near
    await visitor.talks(
        """
        客：最近的那家几点关门
        号：长春净月店：今天 9:00–12:00、13:00–18:00
        客：周末开门吗
        号：长春净月店：周六 9:00–18:00，周日 9:00–18:00
        客：电话多少
        号：长春净月店电话：0431-00000001
        客：怎么走
        号：长春市净月区示范路 1 号
        客：这家有揽境吗
        号：有的，长春净月店有揽境
        客：绿园店有揽境吗
        号：长春绿园店暂时没有揽境，长春净月店有
        """
    )


async def test_a_store_without_the_car_hands_on_to_its_neighbour(loop: Loop) -> None:
    visitor = await follow(loop, scene="dealer_CC02")
    await visitor.talks(
        """
        客：想试驾探歌
        号：长春绿园店暂时没有探歌
        号：长春净月店可以试驾探歌
        客：绿园店真的没有探歌吗
        号：长春绿园店暂时没有探歌，长春净月店有
        号：您选哪个时间
        """
    )


async def test_a_town_without_a_store_hears_where_there_are_some(visitor: Visitor) -> None:
    await visitor.loop.until(at("21:00"))
    await visitor.talks(
        """
        客：台州有店吗
        号：台州暂时没有我们的门店，目前在长春、成都、沈阳有店
        客：哪里有店
        号：目前在长春、成都、沈阳有我们的门店
        客：成都呢
        号：成都高新店
        """
    )
