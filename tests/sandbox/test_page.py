"""The page in a real browser: both phones work, at both widths, without a complaint."""

import shutil
from collections.abc import AsyncIterator

import pytest

from tests.sandbox.platform import Platform, a_card
from tests.sandbox.product import says

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WIDE, NARROW = (1440, 900), (375, 720)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium"),
]
playwright = pytest.importorskip("playwright.async_api")


class Screen:
    """One open page, and everything its console complained about."""

    def __init__(self, page):
        self.page, self.complaints = page, []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    async def open(self, platform: Platform) -> None:
        await self.page.goto(str(platform.client.make_url("/")))
        await self.page.wait_for_selector("#lead form select")

    async def tap(self, selector: str) -> None:
        await self.page.click(selector, timeout=15000)

    async def sees(self, selector: str, text: str) -> None:
        await self.page.wait_for_selector(f'{selector}:has-text("{text}")', timeout=15000)

    async def is_as_wide_as_the_screen(self) -> bool:
        return await self.page.evaluate(
            "document.documentElement.scrollWidth <= window.innerWidth"
        )


@pytest.fixture
async def screens() -> AsyncIterator:
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))

        async def screen(size: tuple[int, int]) -> Screen:
            width, height = size
            return Screen(await browser.new_page(viewport={"width": width, "height": height}))

        yield screen
        await browser.close()


async def test_both_phones_and_the_lead_panel_work(platform: Platform, screens) -> None:
    platform.product.answer = says(platform.product, "欢迎")
    screen = await screens(WIDE)
    await screen.open(platform)
    await screen.tap("#customer >> text=关注公众号")
    await screen.sees("#customer .theirs", "欢迎")
    await screen.page.fill("#customer .writer input", "<b>探岳</b>多少钱")
    await screen.tap("#customer .writer .primary")
    await screen.sees("#customer .mine", "<b>探岳</b>多少钱")
    await screen.tap("#lead >> text=提交线索")
    await screen.sees("#lead .answers", "新建")
    assert platform.product.leads[0]["customer"]["phone"][3:7] == "0000"
    assert screen.complaints == []


async def test_a_card_is_pressed_and_changes_in_place(platform: Platform, screens) -> None:
    async def accepts(message):
        inner = (
            "<MsgType>update_button</MsgType><Button><ReplaceName>已接单</ReplaceName></Button>"
        )
        return platform.product.reply(message, inner)

    platform.product.answer = accepts
    screen = await screens(WIDE)
    await screen.open(platform)
    await platform.send_card(a_card())
    await screen.sees("#adviser .contacts", "H 级新线索")
    await screen.tap("#adviser .contacts >> text=王芳")
    await screen.tap("#adviser .card >> text=接单")
    await screen.sees("#adviser .card button[disabled]", "已接单")
    assert platform.product.seen[-1]["EventKey"] == "accept"
    assert screen.complaints == []


async def test_everything_fits_a_phone(platform: Platform, screens) -> None:
    await platform.control("POST", "customers", {"name": "阿依古丽·买买提江·" * 4}, 201)
    await platform.control("PUT", "staff/wangfang", {"name": "欧阳若曦诺敏尼玛次仁" * 4})
    await platform.send_text("https://example.com/" + "a" * 120)
    screen = await screens(NARROW)
    await screen.open(platform)
    for tab in ("lead", "customer", "adviser"):
        await screen.tap(f"[data-go={tab}]")
        assert await screen.page.is_visible(f'[data-pane="{tab}"]')
        assert await screen.is_as_wide_as_the_screen()
    await screen.tap("#adviser .contacts button")
    await screen.sees("#adviser .theirs", "https://example.com/")
    assert await screen.is_as_wide_as_the_screen()
    assert screen.complaints == []


async def test_a_product_that_is_down_is_told(platform: Platform, screens) -> None:
    platform.world.product_url = "http://127.0.0.1:1"
    screen = await screens(WIDE)
    await screen.open(platform)
    await screen.sees("#banner", "产品没有响应")
