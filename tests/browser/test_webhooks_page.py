"""Webhooks in a real browser: made, its secret shown once, tried out, mended, sent again."""

from __future__ import annotations

import pytest

from tests.journeys.loop import Loop
from tests.journeys.receiver import answers

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE = (1440, 900)


async def test_a_webhook_is_made_tried_and_what_failed_is_sent_again(
    loop: Loop, hands, receivers
) -> None:
    crm = await receivers(loop)
    crm.behaves = answers(500)
    ops = await hands(WIDE)
    page = ops.page
    await ops.sign_in_to_console("ops", "webhooks")

    await ops.tap("#new")
    await page.fill('dialog [name="name"]', "CRM")
    await page.fill('dialog [name="url"]', crm.url)
    await page.fill('dialog [name="dealers"]', "CC01 XX99")
    await ops.tap('dialog [value="yes"]')
    assert "门店“XX99”没有这个代码" in await ops.reads("dialog")
    await page.fill('dialog [name="dealers"]', "CC01")
    await ops.tap('dialog [value="yes"]')
    await page.wait_for_selector("dialog .secret")
    secret = await ops.reads("dialog .secret")
    await ops.tap('dialog [value="yes"]')
    await page.wait_for_selector("dialog", state="detached")
    assert "whsec_" not in await page.content()

    await ops.tap('.hook button:text-is("发测试")')
    await page.wait_for_selector('.letter:has-text("接收方没有收下（HTTP 500）")')
    crm.behaves = answers(204)
    await ops.tap(".letter summary")
    await ops.tap('.letter button:text-is("再发一次")')
    await loop.settle()
    await ops.tap('.chip:text-is("已送达")')
    await page.wait_for_selector('.letter:has-text("测试事件")')
    assert crm.kinds() == ["ping", "ping"]
    assert crm.trusts(secret)
    assert [text for text in ops.complaints if "422" not in text] == []


async def test_who_only_looks_has_no_buttons_and_the_page_fits_a_phone(loop: Loop, hands) -> None:
    await loop.api("POST", "webhooks", {"name": "CRM", "url": "https://crm.example.com/in"})
    hand = await hands((375, 720))
    await hand.sign_in_to_console("brandops", "webhooks")

    await hand.page.wait_for_selector(".hook")

    assert await hand.page.locator('.hook button:text-is("删除")').count() == 0
    assert await hand.fits()
    assert hand.complaints == []
