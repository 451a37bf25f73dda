"""Staff sign in through WeCom and are let in as themselves; everybody else is told why not."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import aiohttp
import pytest
from yarl import URL

from db.models import AuditEntry, StaffSession
from domain.account_commands import OpenAccount
from domain.commands import PutStaff
from tests.journeys.loop import Loop


class Browser:
    """Follows links one at a time, so that each step can be looked at."""

    def __init__(self, loop: Loop, http: aiohttp.ClientSession) -> None:
        self.loop, self.http = loop, http
        self.home = loop.leadloop.settings.public_url

    async def get(self, url: str) -> tuple[int, str, str]:
        """Status, where it sends us, and the page."""
        url = url if url.startswith("http") else f"{self.home}{url}"
        async with self.http.get(URL(url, encoded=True), allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    async def at_wecom(self, wecom: str, userid: str) -> str:
        """Be somebody on WeCom's page; returns the way back."""
        status, back, page = await self.get(wecom.replace("#", f"&as={userid}#"))
        assert status == 302, page
        return back

    async def sign_in(self, userid: str, path: str = "/m/") -> tuple[int, str, str]:
        _, wecom, _ = await self.get(path)
        return await self.get(await self.at_wecom(wecom, userid))

    async def me(self) -> int:
        status, _, _ = await self.get("/api/v1/me")
        return status

    def cookie(self, name: str) -> SimpleCookie:
        return self.http.cookie_jar.filter_cookies(URL(f"{self.home}/m/"))[name]


@pytest.fixture
async def browser(loop: Loop) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)  # an address instead of a name is fine here
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Browser(loop, http)


async def exchanges(browser: Browser) -> int:
    return sum((await browser.loop.calls("wecom:auth/getuserinfo")).values())


async def test_the_way_leads_through_wecom_and_back_to_the_page(browser: Browser) -> None:
    status, wecom, _ = await browser.get("/m/leads/12?from=card")
    asked = URL(wecom).query
    assert status == 302
    assert (asked["scope"], asked["response_type"]) == ("snsapi_base", "code")
    assert asked["redirect_uri"] == f"{browser.home}/m/signed-in"
    assert URL(wecom).fragment == "wechat_redirect"

    status, wanted, _ = await browser.get(await browser.at_wecom(wecom, "zhoujie"))

    assert (status, wanted) == (302, "/m/leads/12?from=card")
    assert await browser.me() == 200
    status, _, page = await browser.get(wanted)
    assert status == 200
    assert "app.js" in page


async def test_a_way_back_that_was_not_begun_here_is_not_taken(browser: Browser) -> None:
    _, wecom, _ = await browser.get("/m/")
    back = URL(await browser.at_wecom(wecom, "zhoujie"))

    for forged in (back.update_query(state="0" * 32), back.without_query_params("state")):
        status, _, _ = await browser.get(str(forged))
        assert status == 302

    assert await exchanges(browser) == 0
    assert await browser.me() == 401


async def test_a_code_is_exchanged_once(browser: Browser) -> None:
    _, wecom, _ = await browser.get("/m/")
    back = await browser.at_wecom(wecom, "zhoujie")
    await browser.get(back)

    await browser.get(back)

    assert await exchanges(browser) == 1
    assert await browser.me() == 200


async def test_signing_in_again_ends_the_session_before(browser: Browser) -> None:
    await browser.sign_in("zhoujie")
    old = browser.cookie("leadloop_session").value
    jar, home = browser.http.cookie_jar, URL(browser.home)
    jar.update_cookies({"leadloop_session": ""}, home)
    _, wecom, _ = await browser.get("/m/")
    jar.update_cookies({"leadloop_session": old}, home)

    await browser.get(await browser.at_wecom(wecom, "zhoujie"))

    assert browser.cookie("leadloop_session").value != old
    assert await browser.me() == 200
    assert await StaffSession.all().count() == 1


@pytest.mark.parametrize(
    ("userid", "why"), [("outsider", "outsider"), ("liqiang", "inactive"), ("ghost", "unknown")]
)
async def test_who_does_not_belong_here_is_told_so(
    browser: Browser, userid: str, why: str
) -> None:
    await browser.loop.leadloop.bus.execute(
        PutStaff("liqiang", "李强", "adviser", dealer_code="CC01", active=False)
    )
    await browser.loop.sandbox("PUT", "staff/ghost", {"name": "新人"})

    status, _, page = await browser.sign_in(userid)

    assert status == 403
    assert f'data-why="{why}"' in page
    assert await browser.me() == 401


async def test_it_gives_up_after_some_tries_and_can_be_tried_again(browser: Browser) -> None:
    for _ in range(4):
        _, wecom, _ = await browser.get("/m/")
        assert "/connect/oauth2/authorize" in wecom
        await browser.get("/m/signed-in?code=stale&state=wrong")

    status, _, page = await browser.get("/m/")

    assert status == 503
    assert 'data-why="too_often"' in page
    assert (await browser.sign_in("zhoujie"))[0] == 302
    assert await browser.me() == 200


async def test_a_browser_without_cookies_is_not_sent_round_in_circles(loop: Loop) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        browser = Browser(loop, http)
        _, wecom, _ = await browser.get("/m/")
        _, again, _ = await browser.get(await browser.at_wecom(wecom, "zhoujie"))

        status, _, page = await browser.get(again)

    assert status == 403
    assert 'data-why="no_cookies"' in page


async def test_a_session_that_is_over_comes_back_by_itself(browser: Browser) -> None:
    await browser.sign_in("zhoujie")
    browser.loop.clock.advance(hours=12)
    assert await browser.me() == 401

    status, wanted, _ = await browser.sign_in("zhoujie", "/m/sea")

    assert (status, wanted) == (302, "/m/sea")
    assert await browser.me() == 200


async def test_while_wecom_is_away_the_page_says_so(browser: Browser) -> None:
    await browser.loop.fault("wecom:auth/getuserinfo", "http_500")

    status, _, page = await browser.sign_in("zhoujie")

    assert status == 503
    assert 'data-why="wecom_away"' in page


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(browser: Browser) -> None:
    _, wecom, _ = await browser.get("/m/")
    back = URL(await browser.at_wecom(wecom, "zhoujie"), encoded=True)

    async with browser.http.get(back, allow_redirects=False) as answer:
        cookie = answer.cookies["leadloop_session"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]  # this test speaks http
    assert cookie["path"] == "/"


async def test_pages_run_no_script_but_ours(browser: Browser) -> None:
    await browser.sign_in("zhoujie")

    async with browser.http.get(f"{browser.home}/m/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = await answer.text()

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "<script>" not in page


async def test_a_first_visit_loads_little(browser: Browser) -> None:
    await browser.sign_in("zhoujie")
    _, _, page = await browser.get("/m/")
    base = page.partition('src="')[2].partition("/app.js")[0]
    total = len(page)
    for name in ("app.js", "style.css", "words.js", "pages/lead.js"):
        async with browser.http.get(f"{browser.home}{base}/{name}") as answer:
            assert answer.status == 200
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["Content-Encoding"] == "gzip"
            total += int(answer.headers["Content-Length"])

    assert total < 60_000


# ── the console: WeCom's code on a desktop's screen ─────────────────────────────────────────

WECOM_AGENT = {"User-Agent": "Mozilla/5.0 (iPhone) wxwork/4.1.30 MicroMessenger/7.0.1"}


async def to_the_code(browser: Browser, path: str) -> str:
    """Open a page of the console; returns the address of WeCom's code."""
    status, sign_in, _ = await browser.get(path)
    assert (status, URL(sign_in).path) == (302, "/console/sign-in")
    status, _, page = await browser.get(sign_in)
    assert status == 200
    link = html.unescape(re.search(r'id="wecom"[^>]* href="([^"]+)"', page)[1])
    status, wecom, _ = await browser.get(link)
    assert status == 302
    return wecom


async def scanned(browser: Browser, wecom: str, userid: str) -> str:
    status, back, page = await browser.get(f"{wecom}&as={userid}")
    assert status == 302, page
    return back


async def test_a_desktop_browser_signs_in_by_a_code(browser: Browser) -> None:
    wecom = await to_the_code(browser, "/console/queues?queue=urgent")
    asked = URL(wecom).query
    assert URL(wecom).path == "/wwlogin/sso/login"
    assert (asked["login_type"], asked["agentid"]) == ("CorpApp", "1000002")
    assert asked["redirect_uri"] == f"{browser.home}/console/signed-in"

    status, wanted, _ = await browser.get(await scanned(browser, wecom, "ops"))

    assert (status, wanted) == (302, "/console/queues?queue=urgent")
    assert (await browser.get(wanted))[0] == 200
    (entry,) = await AuditEntry.filter(action="sign_in")
    assert (entry.actor, entry.data, entry.address) == ("staff:ops", {"way": "qr"}, "127.0.0.1")


async def test_a_code_scanned_for_another_browser_signs_nobody_in(browser: Browser) -> None:
    wecom = await to_the_code(browser, "/console/")
    back = URL(await scanned(browser, wecom, "ops"))

    for forged in (back.update_query(state="0" * 32), back.without_query_params("state")):
        status, again, _ = await browser.get(str(forged))
        assert (status, again) == (302, "/console/?again=1")
    async with aiohttp.ClientSession() as http:
        other = Browser(browser.loop, http)
        assert (await other.get(str(back)))[:2] == (302, "/console/?again=1")

    assert await exchanges(browser) == 0
    assert await browser.me() == 401


async def test_who_does_not_agree_is_asked_again_and_told(browser: Browser) -> None:
    wecom = await to_the_code(browser, "/console/leads")

    _, again, _ = await browser.get(await scanned(browser, wecom, "refuses"))
    _, sign_in, _ = await browser.get(again)
    _, _, page = await browser.get(sign_in)

    assert "登录没有完成" in page
    assert 'data-to="/console/leads"' in page


@pytest.mark.parametrize(
    ("userid", "why", "known"),
    [
        ("outsider", "outsider", ""),
        ("liqiang", "inactive", "liqiang"),
        ("ghost", "unknown", "ghost"),
        ("local", "unknown", "local"),
    ],
)
async def test_the_console_is_not_for_everybody_who_can_scan(
    browser: Browser, userid: str, why: str, known: str
) -> None:
    bus = browser.loop.leadloop.bus
    await bus.execute(PutStaff("liqiang", "李强", "adviser", dealer_code="CC01", active=False))
    await bus.execute(OpenAccount("local", "no hash", "test", "王伟", "ops"))
    for member in ("ghost", "local"):
        await browser.loop.sandbox("PUT", f"staff/{member}", {"name": "新人"})

    wecom = await to_the_code(browser, "/console/")
    status, _, page = await browser.get(await scanned(browser, wecom, userid))

    assert status == 403
    assert f'data-why="{why}"' in page
    assert await browser.me() == 401
    (entry,) = await AuditEntry.filter(action="sign_in_refused")
    assert (entry.actor, entry.target, entry.data) == ("nobody", known, {"way": "qr", "why": why})


async def test_inside_wecom_nobody_is_asked_to_scan(browser: Browser) -> None:
    url = f"{browser.home}/console/queues"
    async with browser.http.get(url, headers=WECOM_AGENT, allow_redirects=False) as answer:
        wecom = answer.headers["Location"]
    assert URL(wecom).path == "/connect/oauth2/authorize"

    status, wanted, _ = await browser.get(await browser.at_wecom(wecom, "ops"))

    assert (status, wanted) == (302, "/console/queues")


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/m/",
        "/console/../m/\\",
        "javascript:alert(1)",
        "/console/\t",
    ],
)
async def test_the_way_on_never_leads_elsewhere(browser: Browser, to: str) -> None:
    _, _, page = await browser.get(str(URL("/console/sign-in").with_query(to=to)))

    found = html.unescape(re.search(r'data-to="([^"]*)"', page)[1])
    assert found.startswith("/console/")
    assert "\\" not in found
