"""Staff sign in through WeCom and are let in as themselves; everybody else is told why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import aiohttp
import pytest
from yarl import URL

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
    browser.http.cookie_jar.update_cookies({"leadloop_session": ""}, URL(browser.home))
    await browser.loop.leadloop._redis.flushall()

    await browser.sign_in("zhoujie")

    assert browser.cookie("leadloop_session").value != old
    assert await browser.me() == 200


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


async def test_a_session_that_redis_lost_comes_back_by_itself(browser: Browser) -> None:
    await browser.sign_in("zhoujie")
    await browser.loop.leadloop._redis.flushall()
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
