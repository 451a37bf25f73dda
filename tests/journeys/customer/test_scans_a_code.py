"""The code of an adviser or a store decides where the later lead goes."""

import pytest

from tests.journeys.customer.conftest import PHONE, follow
from tests.journeys.loop import Loop


@pytest.mark.parametrize("userid", ["wangfang", "liqiang"])
async def test_an_advisers_code_leads_to_that_adviser(loop: Loop, userid: str) -> None:
    visitor = await follow(loop, scene=f"staff_{userid}")
    (welcome,) = await visitor.customer.heard()
    assert "长春净月店" in welcome
    await visitor.says(f"电话{PHONE}，想买探歌", "交给长春净月店")
    await visitor.says("同意", "长春净月店的销售顾问")
    lead = await visitor.lead()
    assert await loop.holder(lead["id"]) == userid


async def test_a_stores_code_needs_no_city(loop: Loop) -> None:
    visitor = await follow(loop, scene="dealer_CC02")
    await visitor.says("想试驾探岳", "长春绿园店可以试驾探岳")


async def test_a_code_of_nobody_is_harmless(loop: Loop) -> None:
    visitor = await follow(loop, scene="dealer_XX99")
    await visitor.says("想试驾探岳", "您在哪个城市")
