"""The pools at the console: how many are where, how they move, by what; on any screen."""

from __future__ import annotations

import pytest

from tests.journeys.loop import Loop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE = (1440, 900)
PERIOD = "from=2026-11-01&to=2026-12-10"


async def test_where_customers_are_and_how_they_move_is_seen(loop: Loop, hands) -> None:
    cools = await loop.send(intent={"purchase_window_days": None, "message": ""})
    await loop.send("dcd-2", customer={"phone": "13900139000"}, intent={"dealer_code": "CD01"})
    await loop.pass_time(hours=2)
    await loop.api("POST", f"leads/{cools['lead_id']}/follow-ups", {"result": "dormant"})
    brand = await hands(WIDE)
    page = brand.page
    await brand.sign_in_to_console("brandops", f"pools?{PERIOD}&by=dealer")

    await page.wait_for_selector(".chart canvas")
    assert "1" in await brand.reads(".pool-prospects strong")
    moved = await page.locator(".matrix tbody tr").all_inner_texts()
    assert [" ".join(row.split()) for row in moved][-1] == "线索池 · 1 100% · · ·"
    stays = await brand.reads(".stack .figures")
    assert "线索池 1 1.9 小时" in " ".join(stays.split())
    assert "长春净月店" in await brand.reads()

    await page.select_option("select[name=region]", "SW")
    await page.wait_for_selector('th.name a:text-is("成都高新店")')
    await page.wait_for_selector('th.name a:text-is("长春净月店")', state="detached")
    assert "region=SW" in page.url
    await page.fill("input[name=to]", "2026-11-02")
    await brand.tap('button:text-is("查看")')
    await brand.sees("这段时间没有人换池。")
    await page.set_viewport_size({"width": 375, "height": 720})
    assert await brand.fits()
    assert brand.complaints == []


async def test_a_store_manager_sees_their_store_and_a_failure_is_said(loop: Loop, hands) -> None:
    await loop.send()
    await loop.send("dcd-2", customer={"phone": "13900139000"}, intent={"dealer_code": "CD01"})
    manager = await hands(color_scheme="dark")
    await manager.sign_in_to_console("sunli", f"pools?{PERIOD}&by=dealer")
    await manager.page.wait_for_selector("th.name")
    assert await manager.page.locator("th.name").all_inner_texts() == ["长春净月店"]
    assert await manager.fits()

    await manager.page.route("**/api/v1/stats/pools*", lambda route: route.abort())
    await manager.tap('button:text-is("近 7 天")')
    await manager.sees("网络不通，请检查后再试。 ")
