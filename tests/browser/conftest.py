"""The dealer's pages in a real browser, on the whole system and WeChat's sandbox."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.journeys.conftest import loop, organised_sqlite, organised_template, receivers, start
from tests.journeys.loop import Loop

__all__ = ["loop", "organised_sqlite", "organised_template", "receivers", "start"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_MS = 15_000
LOOK_EVERY_S = 0.2
NARROW = (375, 720)


class Hand:
    """One person's phone: a browser of their own, and all it complained about."""

    def __init__(self, page: Any, loop: Loop) -> None:
        self.page, self.loop, self.complaints = page, loop, []
        self.home = loop.leadloop.settings.public_url
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    async def open(self, path: str) -> None:
        """Go to a page, signed in or not."""
        await self.page.goto(f"{self.home}/m/{path}")

    async def sign_in(self, userid: str, path: str = "") -> None:
        """Open a page and be that person when WeCom asks."""
        await self.open(path)
        await self.page.click(f'a[href*="as={userid}"]')
        await self.page.wait_for_selector("main[data-ready]")

    async def sign_in_to_console(self, userid: str, path: str = "") -> None:
        """Open a page of the console and scan WeCom's code as that person."""
        await self.page.goto(f"{self.home}/console/{path}")
        await self.page.click("#wecom")
        await self.page.click(f'a[href*="as={userid}"]')
        await self.page.wait_for_selector("main#page")

    async def tap(self, selector: str) -> None:
        await self.page.click(selector)

    async def sees(self, text: str, where: str = "body") -> None:
        await self.page.wait_for_selector(f'{where} >> text="{text}"')

    async def reads(self, where: str = "main") -> str:
        return await self.page.inner_text(where)

    async def fits(self) -> bool:
        """Nothing sticks out to the side."""
        return await self.page.evaluate(
            "document.documentElement.scrollWidth <= window.innerWidth"
        )


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open pages are told what is new ten times as often, so that no test waits for it."""
    for module in ("pulse", "streams"):
        monkeypatch.setattr(f"api.{module}.LOOK_EVERY_S", LOOK_EVERY_S)


@pytest.fixture
async def hands(loop: Loop) -> AsyncIterator:
    """Makes phones: `await hands()` for each person."""
    playwright = pytest.importorskip("playwright.async_api")
    if CHROMIUM is None:
        pytest.skip("needs a Chromium")
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))

        async def hand(size: tuple[int, int] = NARROW, **how: Any) -> Hand:
            width, height = size
            context = await browser.new_context(viewport={"width": width, "height": height}, **how)
            return Hand(await context.new_page(), loop)

        yield hand
        await browser.close()
