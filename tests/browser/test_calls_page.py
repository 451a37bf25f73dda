"""The calls of the day on the clerk's phone: made, and put back to work by a tap."""

from __future__ import annotations

import pytest

from domain.calling_commands import PickCalls
from tests.journeys.loop import Loop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


async def test_the_days_calls_are_on_the_phone_and_answered_by_a_tap(loop: Loop, hands) -> None:
    for n in range(3):
        name = "欧阳娜娜·阿依古丽·买买提明" if n == 0 else f"客户{n}"
        customer = {"phone": f"1380013810{n}", "name": name}
        intent = {"purchase_window_days": 60, "dealer_code": "CC01"}
        lead = await loop.send(f"d-{n}", customer=customer, intent=intent)
        await loop.follow_up(lead["lead_id"], "dormant")
    loop.clock.advance(days=10)
    assert await loop.leadloop.bus.execute(PickCalls("CC01")) == 3
    clerk = await hands()
    await clerk.sign_in("zhaomin")
    await clerk.sees("今日回访 3")
    assert await clerk.fits()
    await clerk.tap('.call-acts button:text-is("有意向") >> nth=0')
    await clerk.sees("已重新激活，分给顾问跟进", ".toast")
    await clerk.sees("今日回访 2")
    await clerk.tap('.call-acts button:text-is("不再联系") >> nth=0')
    await clerk.tap('dialog button:text-is("不再联系")')
    await clerk.sees("今日回访 1")
    assert not clerk.complaints
