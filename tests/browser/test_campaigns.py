"""Brand operations write a campaign, see it as customers will, and set it going."""

from __future__ import annotations

import pytest

from tests.journeys.loop import Loop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE = (1440, 900)


async def test_a_ready_made_campaign_is_changed_previewed_and_started(loop: Loop, hands) -> None:
    brand = await hands(WIDE)
    page = brand.page
    await brand.sign_in_to_console("brandops", "campaigns")
    await brand.tap("#new:visible")
    await page.select_option("select[name=from]", "won_back_price")
    await brand.tap('button:text-is("下一步")')
    await page.wait_for_selector('.phone:has-text("李女士，您好，上次您看的探岳")')

    words = page.locator(".step textarea").first
    await words.fill("{nobody}您好")
    await page.wait_for_selector('.fault:has-text("没有变量 {nobody}")')
    await words.fill("[{name}，]到店喝杯茶")
    await page.wait_for_selector('.phone:has-text("李女士，到店喝杯茶")')
    assert await page.locator(".fault").count() == 0
    await brand.tap('button:text-is("保存草稿")')
    await brand.tap('button:text-is("开始")')
    assert "战败后的客户" in await brand.reads("dialog")
    await brand.tap('dialog [value="yes"]')
    await page.wait_for_selector('.tag:text-is("进行中")')

    kept = await loop.api("GET", "campaigns/won_back_price")
    assert kept["state"] == "running"
    assert kept["document"]["steps"][0]["text"] == "[{name}，]到店喝杯茶"
    assert kept["document"]["audience"] == {"on": "defeated", "reasons": ["price", "finance"]}
    await page.set_viewport_size({"width": 375, "height": 720})
    assert await brand.fits()
    await page.goto(f"{brand.home}/console/campaigns")
    await page.wait_for_selector(".campaigns td")
    assert await brand.fits()
