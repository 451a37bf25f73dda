"""An adviser's day with one thumb: from the sign-in to a defeat that the manager approves."""

from __future__ import annotations

import pytest

from domain.commands import SetDuty
from tests.journeys.loop import PHONE, Loop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

MINE = {"intent": {"dealer_code": "CC02"}}
"""At CC02 there is one adviser, 周杰, and one manager, 吴昊."""


async def test_from_sign_in_to_an_approved_defeat(loop: Loop, hands) -> None:
    lead = await loop.send(**MINE)
    adviser = await hands()
    page = adviser.page

    await adviser.sign_in("zhoujie")
    await adviser.sees("李雷")
    assert PHONE not in await adviser.reads()
    await adviser.tap('button:text-is("接单")')
    await adviser.sees("已接单", ".toast")
    assert (await loop.lead(lead["lead_id"]))["assignment"]["accepted_at"]

    await adviser.tap('a:text-is("打电话")')
    await adviser.tap(".thumb button")
    await page.wait_for_selector(f'dialog a[href*="{PHONE}"]')
    await adviser.tap(".sheet-close")
    assert "revealed" in await loop.kinds(lead["lead_id"])

    await adviser.tap('.recorder button:text-is("约到店")')
    await adviser.tap('.details .chip:text-is("明天")')
    await adviser.tap('.details .chip:text-is("15:00")')
    await page.fill(".details textarea", "带家人来看探岳")
    await adviser.tap('.details button:text-is("保存")')
    await adviser.sees("已记录：约到店", ".toast")
    told = (await loop.timeline(lead["lead_id"]))[-1]
    assert "appointment" in await loop.kinds(lead["lead_id"]), told
    await page.goto(f"{adviser.home}/m/calendar")
    await page.wait_for_selector(".dot.appointment")

    await _two_more_tries(loop, adviser, lead["lead_id"])
    await adviser.open(f"leads/{lead['lead_id']}")
    await adviser.tap('button:text-is("申请战败")')
    await adviser.tap('dialog .chip:text-is("离店太远")')
    await adviser.tap('dialog button:text-is("提交申请")')
    await adviser.sees("已提交，等店总审批", ".toast")

    manager = await hands()
    await manager.sign_in("wuhao", "approvals")
    await manager.sees("离店太远")
    await manager.tap(".pair button:nth-of-type(2)")
    sure = manager.page.locator('dialog button:text-is("仍然同意")')
    if await sure.count():
        await sure.click()
    await manager.sees("没有待审批")
    assert (await loop.lead(lead["lead_id"]))["state"] == "defeated"
    assert adviser.complaints == []
    assert manager.complaints == []


async def _two_more_tries(loop: Loop, adviser, lead_id: str) -> None:
    """On the next days nobody answers: one tap each, after signing in anew."""
    for _ in range(2):
        await adviser.page.goto("about:blank")
        await loop.pass_time(days=1)
        await adviser.sign_in("zhoujie", f"leads/{lead_id}")
        await adviser.tap('.recorder button:text-is("未接通")')
        await adviser.sees("已记录：未接通", ".toast")


async def test_a_record_is_taken_back_where_it_was_made(loop: Loop, hands) -> None:
    lead = await loop.send(**MINE)
    adviser = await hands()
    await adviser.sign_in("zhoujie", f"leads/{lead['lead_id']}")

    await adviser.tap('.recorder button:text-is("未接通")')
    await adviser.tap('.toast button:text-is("撤销")')

    await adviser.sees("已撤销", ".toast")
    assert "follow_up_undone" in await loop.kinds(lead["lead_id"])


async def test_a_new_lead_appears_by_itself(loop: Loop, hands) -> None:
    adviser = await hands()
    await adviser.sign_in("zhoujie")
    await adviser.sees("没有待办，辛苦了")

    await loop.send(**MINE)

    await adviser.sees("李雷")


async def test_a_walk_in_is_recognised_while_the_number_is_typed(loop: Loop, hands) -> None:
    adviser = await hands()
    await adviser.sign_in("zhoujie", "new")
    await adviser.page.fill("[name=phone]", "13900139000")
    await adviser.sees("新客户")
    await adviser.page.fill("[name=name]", "欧阳")
    await adviser.tap('button:text-is("保存")')
    await adviser.sees("请先征得客户同意", ".toast")
    await adviser.tap("[name=consent]")
    await adviser.tap('button:text-is("保存")')
    await adviser.page.wait_for_url("**/m/leads/*")
    await adviser.sees("周杰（我）")

    await adviser.open("new")
    await adviser.page.fill("[name=phone]", "139 0013 9000")

    await adviser.sees("这位客户在您名下")


async def test_a_lead_is_found_and_taken_from_the_sea(loop: Loop, hands) -> None:
    for userid in ("liqiang", "zhaomin"):
        await loop.leadloop.bus.execute(SetDuty(userid, on_duty=False, by="system"))
    lead = await loop.send(intent={"dealer_code": "CC01"})
    await loop.pass_time(hours=8)
    assert (await loop.lead(lead["lead_id"]))["state"] == "sea"
    adviser = await hands()

    await adviser.sign_in("liqiang", "sea")
    assert "138" not in await adviser.reads()
    await adviser.tap('button:text-is("领取")')

    await adviser.page.wait_for_url("**/m/leads/*")
    await adviser.page.wait_for_selector(".thumb .call")
    assert await loop.holder(lead["lead_id"]) == "liqiang"


async def test_what_was_seen_stays_while_the_network_is_away(loop: Loop, hands) -> None:
    await loop.send(**MINE)
    adviser = await hands()
    await adviser.sign_in("zhoujie")

    await adviser.page.context.set_offline(True)

    await adviser.sees("网络断开了，下面是刚才的内容", ".strip")
    assert "李雷" in await adviser.reads()
    await adviser.page.context.set_offline(False)
    await adviser.page.wait_for_selector(".strip", state="hidden")


async def test_every_page_fits_a_small_phone_with_large_letters(loop: Loop, hands) -> None:
    name = "欧阳阿依古丽·买买提江"
    lead = await loop.send(**MINE, customer={"name": name, "phone": PHONE, "city": "长春"})
    adviser = await hands()
    await adviser.sign_in("zhoujie")
    for path in ("", "sea", "calendar", "me", "search", "new", f"leads/{lead['lead_id']}"):
        await adviser.open(path)
        await adviser.page.wait_for_selector("main[data-ready]")
        assert await adviser.fits(), path
        await adviser.page.evaluate("document.documentElement.style.fontSize = '24px'")
        assert await adviser.fits(), f"{path} with large letters"
    assert adviser.complaints == []
