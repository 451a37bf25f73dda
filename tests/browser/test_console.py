"""The console in a real browser: a storm is seen, understood, put right, gone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from db.models import AuditEntry, Lead, OutboxJob
from db.models.queues import RowState
from tests.browser.conftest import Hand
from tests.journeys.loop import Loop, a_lead

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE = (1440, 900)
SEND = "wecom:message/send"
STORM = 12
SEEN_WITHIN_MS = 5_000


async def a_storm(loop: Loop, errcode: int) -> None:
    """WeCom refuses every message, and a burst of leads comes in."""
    await loop.fault(SEND, "errcode", errcode=errcode)
    await loop.batch(
        [
            a_lead(
                f"storm-{n}", customer={"phone": f"138002{n:05}"}, intent={"dealer_code": "CC02"}
            )
            for n in range(STORM)
        ]
    )


async def at_the_wall(hand: Hand, userid: str = "ops") -> None:
    await hand.sign_in_to_console(userid)
    await hand.page.wait_for_selector('#live[data-state="on"]')


async def pushed(loop: Loop) -> int:
    await loop.settle()
    return await OutboxJob.filter(name="lead_card", state=RowState.DONE).count()


async def test_a_storm_of_failed_pushes_is_seen_understood_retried_and_gone(
    loop: Loop, hands
) -> None:
    ops = await hands(WIDE)
    page = ops.page
    await at_the_wall(ops)
    assert not await page.is_visible("#troubles")

    await a_storm(loop, 60011)
    began = time.monotonic()
    await page.wait_for_selector(
        f'#troubles .trouble:has-text("失败 {STORM}")', timeout=SEEN_WITHIN_MS
    )
    assert time.monotonic() - began < SEEN_WITHIN_MS / 1000
    told = await ops.reads("#troubles")
    assert "接收人不在应用可见范围" in told
    assert "可见范围" in told.partition("到企业微信管理后台")[2]

    await loop.sandbox("DELETE", "faults")  # somebody follows the advice
    await ops.tap('#troubles a:text-is("去处理")')
    await page.focus(f'button:text-is("重试 {STORM} 条")')
    loop.clock.advance(seconds=1)
    await page.wait_for_selector('#live:has-text("10:00:01")')
    await page.keyboard.press("Enter")
    assert f"重试 {STORM} 条" in await ops.reads("#confirm")
    await ops.tap('#confirm [value="yes"]')
    await ops.sees(f"已重试 {STORM} 条", ".toast")
    assert await pushed(loop) == STORM

    await page.wait_for_selector("#groups", state="hidden")
    await page.goto(f"{ops.home}/console/")
    await page.wait_for_selector('.tile:has-text("已送达顾问")')
    await page.wait_for_selector("#day canvas")
    await page.wait_for_selector("#flow canvas")
    assert not await page.is_visible("#troubles")
    await page.goto(f"{ops.home}/console/audit")
    await ops.sees("批量重试失败任务", "#entries")
    assert ops.complaints == []


async def test_what_waits_for_a_mended_setting_is_sent_at_once(loop: Loop, hands) -> None:
    ops = await hands(WIDE)
    await at_the_wall(ops)
    await a_storm(loop, 60020)
    await ops.page.wait_for_selector(f'#troubles .trouble:has-text("等待重试 {STORM}")')
    assert "企业可信IP 未包含 127.0.0.1" in await ops.reads("#troubles")
    stopped = await ops.reads("#apps .advice")
    assert "企业可信IP 未包含 127.0.0.1" in stopped
    assert "cgi-bin/message/send 已暂停调用" in stopped

    await loop.sandbox("DELETE", "faults")
    await ops.tap('#troubles a:text-is("去处理")')
    await ops.tap(f'button:text-is("立即重试 {STORM} 条")')
    await ops.tap('#confirm [value="yes"]')
    await ops.page.wait_for_selector("#groups", state="hidden")
    assert await pushed(loop) == STORM
    assert ops.complaints == []


async def test_what_failed_for_one_customer_is_found_and_retried_alone(loop: Loop, hands) -> None:
    await a_storm(loop, 60011)
    await loop.settle()
    await loop.sandbox("DELETE", "faults")
    card = await OutboxJob.filter(state=RowState.DEAD, name="lead_card").first()
    lead = await Lead.get(id=card.lead_id)
    ops = await hands(WIDE)
    page = ops.page
    await at_the_wall(ops)
    await page.goto(f"{ops.home}/console/queues?queue=urgent")
    await page.wait_for_selector(f'button:text-is("重试这 {STORM} 条")')

    assert f"线索 #{lead.id}" in await ops.reads("#letters")
    await page.wait_for_selector(
        '#narrow [name=kind] option:text-is("线索卡片")', state="attached"
    )
    await page.fill("#narrow [name=customer]", str(lead.customer_id))
    await page.press("#narrow [name=customer]", "Enter")
    await ops.tap('button:text-is("重试这 1 条")')
    await ops.tap('#confirm [value="yes"]')
    await ops.sees("已重试 1 条", ".toast")
    assert await pushed(loop) == 1
    await page.select_option("#narrow [name=state]", "done")
    await page.click('details.letter:has-text("线索卡片") summary')
    story = await ops.reads(".tries")
    assert "1 次 接收人不在应用可见范围" in story
    road = [story.index(step) for step in ("不再重试，转入失败", "人工重试", "成功")]
    assert road == sorted(road)
    assert ops.complaints == []


async def test_who_only_looks_finds_no_buttons(loop: Loop, hands) -> None:
    await a_storm(loop, 60011)
    await loop.settle()
    region = await hands(WIDE)
    await at_the_wall(region, "linna")
    assert "只读" in await region.reads(".who")
    await region.page.goto(f"{region.home}/console/queues?queue=urgent")
    await region.page.click("details.letter >> nth=0")
    for text in ("重试", "放弃", "暂停"):
        assert await region.page.locator(f'button:has-text("{text}"):visible').count() == 0


async def test_an_adviser_is_shown_the_way_to_their_own_desk(loop: Loop, hands) -> None:
    adviser = await hands()
    await adviser.page.goto(f"{adviser.home}/console/")
    await adviser.tap("#wecom")
    await adviser.tap('a[href*="as=zhoujie"]')
    await adviser.sees("这里不对您开放")
    await adviser.tap('a:text-is("打开线索工作台")')
    await adviser.page.wait_for_selector("main[data-ready]")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page_fits_a_phone(loop: Loop, hands, theme: str) -> None:
    await a_storm(loop, 60011)
    await loop.settle()
    hand = await hands(color_scheme=theme)
    page = hand.page
    await at_the_wall(hand)
    for path, there in (
        ("", "#apps .app"),
        ("queues?queue=urgent", "details.letter"),
        ("leads/1", ".timeline li"),
        ("audit", "#entries tbody tr"),
        ("leads", "#search"),
    ):
        await page.goto(f"{hand.home}/console/{path}")
        await page.wait_for_selector(there)
        if path.startswith("queues"):
            await page.click("details.letter summary")
        assert await hand.fits(), path
        assert await page.evaluate("document.documentElement.dataset.theme") == theme
    await page.fill("#q", "李雷")
    await page.press("#q", "Enter")
    await page.wait_for_selector(".leads td")
    assert await hand.fits()
    await hand.tap("#theme")
    assert await page.evaluate("document.documentElement.dataset.theme") != theme
    assert hand.complaints == []


async def test_a_lead_names_what_was_said_and_why_as_text(loop: Loop, hands) -> None:
    """What customers write is never markup; times are the business's, wherever the browser is."""
    lead = await loop.send(customer={"name": "<b>李</b>"}, intent={"message": "<img src=x>试驾"})
    hand = await hands(WIDE, timezone_id="America/New_York")
    await at_the_wall(hand)
    assert "10:00:00" in await hand.reads("#live")
    await hand.page.goto(f"{hand.home}/console/leads/{lead['lead_id']}")
    await hand.page.wait_for_selector(".timeline li")
    told = await hand.reads()
    assert "11/24 10:00" in await hand.reads(".timeline li time >> nth=0")
    assert "<b>李</b>" in told
    assert "<img src=x>试驾" in told
    for question in ("为什么是这个意向", "为什么是这家店", "为什么是这位顾问", "为什么在这个池"):
        assert question in told
    assert hand.complaints == []


async def test_a_further_page_that_does_not_come_leaves_the_list_as_it_is(
    loop: Loop, hands
) -> None:
    now = loop.clock.now
    await AuditEntry.bulk_create(
        [
            AuditEntry(at=now, actor="api:crm", action="create_key", target=f"k-{n}")
            for n in range(120)
        ]
    )
    ops = await hands(WIDE)
    page, rows = ops.page, ops.page.locator("#entries tbody tr")
    await at_the_wall(ops)

    async def lost(route: Any) -> None:
        await route.abort()

    await page.goto(f"{ops.home}/console/audit")
    await page.wait_for_selector("#entries .more")
    await page.route("**/ops/audit?*cursor=*", lost)
    await ops.tap("#entries .more")
    await page.wait_for_selector('#entries .more:has-text("网络不通")')
    assert await rows.count() == 100
    await page.unroute("**/ops/audit?*cursor=*", lost)
    await ops.tap("#entries .more")
    await page.wait_for_selector("#entries .more", state="detached")
    assert await rows.count() == 121  # with their own sign-in


async def test_the_wall_counts_what_waits_in_every_queue(loop: Loop, hands) -> None:
    await loop.api("POST", "queues/urgent/pause")
    await loop.send()
    ops = await hands(WIDE)
    await at_the_wall(ops)
    await ops.page.wait_for_selector('.tile:has-text("排队任务"):has-text("紧急通知 1")')
    assert ops.complaints == []
