"""People and rules at the console, in a real browser: merged, taken apart; stored, returned to."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Hand
from tests.journeys.loop import Loop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE = (1440, 900)
PAGES = (
    ("customers/1", "#timeline li"),
    ("policies?scope=dealer:CC01", ".rule"),
    ("organisation#staff", "table.staff"),
    ("faq", ".question"),
    ("keys", "#keys .state"),
)


async def at_the_console(hand: Hand, path: str, there: str, userid: str = "ops") -> None:
    await hand.sign_in_to_console(userid)
    await hand.page.wait_for_selector('#live[data-state="on"]')
    await hand.page.goto(f"{hand.home}/console/{path}")
    await hand.page.wait_for_selector(there)


async def test_two_customers_are_merged_and_taken_apart_again(loop: Loop, hands) -> None:
    one = await loop.send()
    other = await loop.send("dcd-2", customer={"name": "欧阳阿依古丽", "phone": "13900139000"})
    before = [await loop.lead(lead["lead_id"]) for lead in (one, other)]
    ops = await hands(WIDE)
    page = ops.page
    await at_the_console(ops, f"customers/{one['customer_id']}", "#timeline li")

    await ops.tap('button:text-is("合并另一位客户")')
    await page.fill("dialog [name=q]", "欧阳阿依古丽")
    await ops.tap('dialog button:text-is("查找")')
    await page.wait_for_selector("dialog [name=typed]")
    named = f"#{other['lead_id']} 并入 #{one['lead_id']}"
    assert named in await ops.reads("dialog")
    await page.fill("dialog [name=reason]", "来电确认是同一人")
    await page.fill("dialog [name=typed]", "合并")
    await ops.tap('dialog button:text-is("合并")')
    await ops.sees("已合并", ".toast")
    assert (await loop.lead(other["lead_id"]))["state"] == "lapsed"

    await ops.tap('button:text-is("撤销合并")')
    await page.fill("dialog [name=reason]", "认错人了")
    await ops.tap('dialog button:text-is("撤销合并")')
    await ops.sees("已撤销，两位客户各归各", ".toast")
    after = [await loop.lead(lead["lead_id"]) for lead in (one, other)]
    for was, now in zip(before, after, strict=True):
        for name in ("customer_id", "state", "level", "assignment", "touchpoints"):
            assert now[name] == was[name], name
    assert ops.complaints == []


async def test_a_rule_is_refused_at_its_field_then_stored_and_returned_to(
    loop: Loop, hands
) -> None:
    ops = await hands(WIDE)
    page = ops.page
    await at_the_console(ops, "policies?scope=dealer:CC01", ".rule")
    late = '[data-loc="sla.escalate_at"]'
    await page.fill(f"{late} input", "3")
    await page.press(f"{late} input", "Tab")
    await ops.sees("不能早于前一档", '[data-loc="sla.escalate_to_manager_at"]')
    await ops.tap(f'{late} button:text-is("恢复")')
    await page.fill('[data-loc="sla.unaccepted_minutes"] input', "300")
    await page.press('[data-loc="sla.unaccepted_minutes"] input', "Tab")
    await ops.tap('#save button:text-is("看差异并保存")')
    await page.wait_for_selector('dialog del:text-is("240 分钟")')
    await ops.tap('dialog button:text-is("保存")')
    await ops.sees("已保存，马上生效", ".toast")
    rules = await loop.api("GET", "policies/dealer/CC01")
    assert rules["sla"]["unaccepted_minutes"] == 300

    await ops.tap('button:text-is("全部恢复继承")')
    await ops.tap('dialog button:text-is("恢复")')
    await page.wait_for_selector('#versions b:text-is("第 2 版")')
    rules = await loop.api("GET", "policies/dealer/CC01")
    assert rules["sla"]["unaccepted_minutes"] == 240
    assert ops.complaints == []


async def test_the_pages_of_people_and_rules_fit_a_phone(loop: Loop, hands) -> None:
    await loop.send(customer={"name": "欧阳阿依古丽·买买提江"})
    ops = await hands(color_scheme="dark")
    await at_the_console(ops, *PAGES[0])
    for path, there in PAGES:
        await ops.page.goto(f"{ops.home}/console/{path}")
        await ops.page.wait_for_selector(there)
        assert await ops.fits(), path
    assert ops.complaints == []
