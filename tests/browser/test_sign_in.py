"""Signing in at the console in a real browser: password, app, recovery; and out at once."""

from __future__ import annotations

import re
from base64 import b32decode

import pytest

from api.passwords import Passwords
from domain.account_commands import OpenAccount
from domain.commands import PutStaff
from domain.totp import code_at, step_at
from tests.browser.conftest import Hand
from tests.journeys.loop import Loop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE = (1440, 900)
OUT_WITHIN_MS = 5_000
OWN = "my very own words"


async def an_account(loop: Loop, role: str = "ops") -> str:
    """王伟 has an account; returns the password it begins with."""
    hashed = await Passwords().hash("first words")
    await loop.leadloop.bus.execute(OpenAccount("wangwei", hashed, "test", "王伟", role))
    return "first words"


async def fill(hand: Hand, form: str, **values: str) -> None:
    for name, value in values.items():
        await hand.page.fill(f"{form} input[name={name}]", value)
    await hand.tap(f"{form} button.primary")


async def sign_in(hand: Hand, password: str, path: str = "") -> None:
    await hand.page.goto(f"{hand.home}/console/{path}")
    await fill(hand, "form#password", userid="wangwei", password=password)


async def choose_password(hand: Hand, first: str) -> None:
    await hand.tap('button:text-is("设置密码")')
    await fill(hand, "dialog", current=first, new=OWN, again=OWN)
    await hand.page.wait_for_selector('#live[data-state="on"]')


async def set_up_app(hand: Hand) -> tuple[bytes, list[str]]:
    """An authenticator app; its secret, read from the page, and the recovery codes."""
    await hand.page.goto(f"{hand.home}/console/account")
    await hand.tap('button:text-is("启用")')
    await fill(hand, "dialog", password=OWN)
    await hand.page.wait_for_selector("dialog img[src^='data:image/svg']")
    typed = (await hand.reads("dialog .setup code")).replace(" ", "")
    secret = b32decode(typed)
    await fill(hand, "dialog", code=code_at(secret, step_at(hand.loop.clock())))
    await hand.page.wait_for_selector(".recovery")
    codes = (await hand.reads(".recovery")).split()
    await hand.tap('dialog button:text-is("知道了")')
    return secret, codes


async def test_a_local_sign_in_with_an_app_leads_to_the_wall_and_a_revoked_one_is_out_at_once(
    loop: Loop, hands
) -> None:
    here = await hands(WIDE)
    await sign_in(here, await an_account(loop), "queues")
    await choose_password(here, "first words")
    secret, codes = await set_up_app(here)
    assert len(codes) == 10

    loop.clock.advance(minutes=1)
    there = await hands(WIDE)
    await sign_in(there, "not the password")
    await there.sees("账号或密码不对。")
    await sign_in(there, OWN)
    await fill(there, "form#code", code="000000")
    await there.page.wait_for_selector("form#code .bad:has-text('口令不对')")
    await fill(there, "form#code", code=code_at(secret, step_at(loop.clock())))
    await there.page.wait_for_selector('#live[data-state="on"]')
    assert "王伟" in await there.reads(".who")

    await here.page.reload()
    await here.tap('.sessions button:text-is("下线")')
    await here.tap('dialog button[value="yes"]')
    await here.sees("已下线", ".toast")
    await there.page.wait_for_url(re.compile("/console/sign-in"), timeout=OUT_WITHIN_MS)
    await here.page.reload()
    await here.page.wait_for_selector(".sessions tbody tr")
    assert await here.page.locator(".sessions tbody tr").count() == 1

    again = await hands()
    await sign_in(again, OWN)
    await fill(again, "form#code", code=codes[3])
    await again.page.wait_for_selector('#live[data-state="on"]')
    await here.page.goto(f"{here.home}/console/audit")
    for words in ("密码 · 恢复码", "密码 · 口令不对", "下线一处登录", "启用动态口令"):
        await here.page.wait_for_selector(f'#entries td:has-text("{words}")')
    assert here.complaints == []


async def test_ops_open_an_account_and_take_it_away(loop: Loop, hands) -> None:
    ops = await hands(WIDE)
    await ops.sign_in_to_console("ops", "accounts")
    await ops.tap("#new")
    await ops.page.fill("dialog [name=userid]", "wangwei")
    await fill(ops, "dialog", name="")
    await ops.page.wait_for_selector("dialog .fault")
    await ops.page.select_option("dialog [name=role]", "ops")
    await fill(ops, "dialog", name="王伟")
    first = await ops.reads("dialog pre.secret")
    await ops.tap('dialog button:text-is("知道了")')

    new = await hands()
    await sign_in(new, first)
    await choose_password(new, first)
    await ops.page.reload()
    await ops.tap('tr:has-text("wangwei") button:text-is("注销")')
    await fill_danger(ops, "wangwei")
    await new.page.wait_for_url(re.compile("/console/sign-in"), timeout=OUT_WITHIN_MS)
    await fill(new, "form#password", userid="wangwei", password=OWN)
    await new.sees("账号或密码不对。")
    assert [said for said in ops.complaints if "422" not in said] == []


async def fill_danger(hand: Hand, word: str) -> None:
    await hand.page.fill("dialog [name=typed]", word)
    await hand.tap("dialog button.danger")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page_of_signing_in_fits_a_phone(loop: Loop, hands, theme: str) -> None:
    hand = await hands(color_scheme=theme)
    await an_account(loop)
    await hand.page.goto(f"{hand.home}/console/sign-in")
    assert await hand.fits()
    await hand.sign_in_to_console("ops", "accounts")
    await hand.page.wait_for_selector(".accounts tbody tr")
    await hand.page.wait_for_selector(".sessions tbody tr")
    assert await hand.fits()
    await hand.tap("#new")
    assert await hand.fits()
    await hand.page.goto(f"{hand.home}/console/account")
    await hand.page.wait_for_selector(".sessions tbody tr")
    assert await hand.fits()
    assert hand.complaints == []


async def test_who_may_not_look_at_accounts_is_not_shown_them(loop: Loop, hands) -> None:
    await loop.leadloop.bus.execute(PutStaff("brandops", "品牌", "brand_ops"))
    hand = await hands(WIDE)
    await hand.sign_in_to_console("brandops", "organisation")
    assert await hand.page.locator('a[href="/console/accounts"]').count() == 0
    await hand.page.goto(f"{hand.home}/console/accounts")
    await hand.sees("这里不对您开放")
