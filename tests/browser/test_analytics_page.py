"""Figures at the console: explained, broken down step by step, down to the rows, taken away."""

from __future__ import annotations

import pytest

from tests.journeys.loop import Loop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE = (1440, 900)
PERIOD = "from=2026-11-01&to=2026-12-10"


async def test_from_a_number_to_its_rows(loop: Loop, hands) -> None:
    fast = await loop.send()
    await loop.send("dcd-2", customer={"phone": "13900139000"}, intent={"dealer_code": "CD01"})
    await loop.api("POST", f"leads/{fast['lead_id']}/follow-ups", {"result": "connected"})
    await loop.pass_time(hours=2)
    brand = await hands(WIDE)
    page = brand.page
    await brand.sign_in_to_console("brandops", f"analytics?{PERIOD}")

    await page.wait_for_selector(".chart canvas")
    tile = '[data-kpi="first_response_rate"]'
    assert "50.0%" in await brand.reads(tile)
    await brand.tap(f"{tile} .why-button")
    assert "正好到点算超时" in await brand.reads("dialog")
    await brand.tap('dialog button:text-is("知道了")')

    await brand.tap('.name button:text-is("西南大区")')
    await page.wait_for_selector('.name button:text-is("成都高新店")')
    assert "region=SW" in page.url
    await brand.tap('.name button:text-is("成都高新店")')
    await page.wait_for_selector('.chip[aria-pressed="true"]:text-is("顾问")')
    await brand.tap(f"{tile} .number")
    await page.wait_for_selector("#rows tbody tr")
    shown = await brand.reads("#rows")
    assert "没算上" in shown
    assert "139****9000" in shown
    async with page.expect_download() as coming:
        await brand.tap('#rows button:text-is("导出 Excel")')
    assert (await coming.value).suggested_filename.startswith("leadloop-first_response_rate-")
    await page.set_viewport_size({"width": 375, "height": 720})
    assert await brand.fits()
    assert brand.complaints == []
