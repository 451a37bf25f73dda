"""Two customers want the same car at the same hour."""

import asyncio

from tests.journeys.customer.conftest import PHONE, follow
from tests.journeys.loop import Loop

WISH = "我想周六下午3点在长春净月店试驾探岳"


async def test_the_second_is_offered_the_nearest_times(loop: Loop) -> None:
    first, second = await follow(loop, "oFirst"), await follow(loop, "oSecond")
    await first.says(WISH, "为您留好了")
    told = await second.says(WISH, "周六（11月28日）15:00约不上", "14:00", "16:00")
    assert "为您留好了" not in told
    await first.says(f"同意 {PHONE}", "约好了：周六（11月28日）15:00")
    await second.says("下午两点", "为您留好了：周六（11月28日）14:00")
    assert sorted(await first.drives()) == [("booked", "11-28 15:00"), ("held", "11-28 14:00")]


async def test_at_the_same_moment_one_gets_it_and_both_get_an_answer(loop: Loop) -> None:
    people = [await follow(loop, f"oPerson{n}") for n in range(8)]
    told = await asyncio.gather(*(person.says(WISH) for person in people))
    assert sum("为您留好了" in text for text in told) == 1
    assert sum("约不上" in text for text in told) == len(people) - 1
