"""Brand operations write a campaign, see it as customers will, and set it going."""

from __future__ import annotations

import pytest

from tests.journeys.campaigns import OPENID, heard, lost
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
    assert await page.locator(".trial:disabled").count() == 2, "nothing is kept yet"
    await brand.tap('button:text-is("保存草稿")')
    await on_a_phone_first(loop, brand)
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


async def test_a_segment_is_written_with_a_form(loop: Loop, hands) -> None:
    """Begun from a ready-made one; a fault stands at its line; a campaign can be for it."""
    await lost(loop)
    brand = await hands(WIDE)
    page = brand.page
    await brand.sign_in_to_console("brandops", "segments")
    await brand.tap("#new:visible")
    await page.select_option("select[name=from]", "weak_defeat_price")
    await page.fill("input[name=code]", "dear")
    await brand.tap('button:text-is("下一步")')
    await page.wait_for_selector('.people:text-is("1")')
    assert "李*" in await brand.reads(".examples")

    await brand.tap('button:text-is("加条件")')
    line = page.locator(".line").last
    await line.locator("select").nth(1).select_option("defeated_at")
    await line.locator("input").first.fill("9999")
    await page.wait_for_selector('.line .fault:has-text("填 0 到 3660")')
    await line.locator("input").first.fill("30")
    await page.wait_for_selector('.people:text-is("0")')
    await line.locator("select").first.select_option("1")  # not
    await page.wait_for_selector('.people:text-is("1")')
    await page.locator(".written input").first.fill("嫌贵的")
    await brand.tap('button:text-is("保存")')
    await page.wait_for_selector('h1:text-is("嫌贵的")')

    kept = (await loop.api("GET", "segments/dear"))["document"]["and"]
    assert kept[:3] == (await loop.api("GET", "segments/weak_defeat_price"))["document"]["and"]
    assert kept[3] == {"not": {"field": "defeated_at", "op": "before", "days_ago": 30}}
    await page.set_viewport_size({"width": 375, "height": 720})
    assert await brand.fits()


async def on_a_phone_first(loop: Loop, brand) -> None:
    """The first step is tried on a follower of ours, once they are on the list."""
    page, customer = brand.page, loop.customer(OPENID)
    await customer.does("follow")
    await loop.send(customer={"openid": OPENID})
    await customer.says("在吗")
    await page.locator(".trial:enabled").first.click()
    await page.wait_for_selector('dialog:has-text("还没有可以试发的人")')
    await brand.tap('dialog button:text-is("加一位")')
    for who, then in (
        ("oNobody", 'dialog .fault:has-text("没有找到这位客户")'),
        (OPENID, '.recipient:has-text("李*")'),
    ):
        await page.fill("dialog input[maxlength]", who)
        await brand.tap('button:text-is("加入")')
        await page.wait_for_selector(then)
    await brand.tap('dialog button[value=yes]:text-is("试发")')
    await page.wait_for_selector('.toast:has-text("请看手机")')
    assert (await heard(customer))[-1] == "【试发】李雷，到店喝杯茶"
