"""Tokens, menu, QR codes, users, media and sign-in behave as documented."""

from typing import Any

import pytest
from aiohttp import FormData
from yarl import URL

from sandbox.oa.menu import DEFAULT_MENU
from tests.clock import FakeClock
from tests.pages import Page
from tests.sandbox.platform import Platform

CREDENTIAL = {
    "grant_type": "client_credential",
    "appid": "wx5a4d8b0ff1e1c001",
    "secret": "oa-secret",
}


async def test_the_stable_token_stays_the_same_until_its_last_five_minutes(
    platform: Platform, clock: FakeClock
) -> None:
    first = await platform.oa_token()
    clock.advance(6899)
    assert await platform.oa_token() == first
    clock.advance(1)
    second = await platform.oa_token()
    assert second != first
    for token in (first, second):
        assert "errcode" not in await platform.call("user/get", access_token=token)
    clock.advance(300)
    assert (await platform.call("user/get", access_token=first))["errcode"] == 42001


async def test_a_forced_token_ends_the_old_one_and_is_limited(
    platform: Platform, clock: FakeClock
) -> None:
    old = await platform.oa_token()
    forced = CREDENTIAL | {"force_refresh": True}
    assert (await platform.call("stable_token", forced))["access_token"] != old
    assert (await platform.call("user/get", access_token=old))["errcode"] == 40001
    assert (await platform.call("stable_token", forced))["errcode"] == 45011
    for _ in range(19):
        clock.advance(30)
        assert "access_token" in await platform.call("stable_token", forced)
    clock.advance(30)
    assert (await platform.call("stable_token", forced))["errcode"] == 45009


async def test_each_classic_token_ends_the_one_before(
    platform: Platform, clock: FakeClock
) -> None:
    first = (await platform.call("token", **CREDENTIAL))["access_token"]
    stable = await platform.oa_token()
    await platform.call("token", **CREDENTIAL)
    clock.advance(300)
    assert (await platform.call("user/get", access_token=first))["errcode"] == 42001
    assert "errcode" not in await platform.call("user/get", access_token=stable)


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [({"grant_type": "x"}, 40002), ({"appid": "wx0"}, 40013), ({"secret": "x"}, 40001)],
)
async def test_wrong_credentials_get_no_token(
    platform: Platform, wrong: dict[str, str], errcode: int
) -> None:
    assert (await platform.call("stable_token", CREDENTIAL | wrong))["errcode"] == errcode


async def test_wrong_wecom_secret_gets_no_token(platform: Platform) -> None:
    query = {"corpid": "ww5a4d8b0ff1e1c002", "corpsecret": "wrong"}
    assert (await platform.call("gettoken", **query))["errcode"] == 40001


async def test_calls_without_a_good_token_are_refused(platform: Platform) -> None:
    assert (await platform.call("menu/get"))["errcode"] == 41001
    assert (await platform.call("menu/get", access_token="x"))["errcode"] == 40001
    assert (await platform.call("message/send", {}, access_token="x"))["errcode"] == 40014
    other = await platform.wecom_token()
    assert (await platform.call("menu/get", access_token=other))["errcode"] == 40001


async def test_tokens_can_be_revoked_early(platform: Platform) -> None:
    token = await platform.wecom_token()
    assert await platform.control("POST", "tokens/revoke", {"app": "wecom"}) == {"revoked": 1}
    assert (await platform.call("user/get", access_token=token, userid="sunli"))[
        "errcode"
    ] == 40014
    assert (await platform.wecom("user/get", userid="sunli"))["name"] == "孙丽"


async def test_bodies_and_methods_are_checked_before_anything_else(platform: Platform) -> None:
    token = await platform.oa_token()
    url = f"/cgi-bin/menu/create?access_token={token}"
    for body, errcode in ((b"", 44002), (b"{", 47001), (b"[]", 47001)):
        async with platform.client.post(url, data=body) as response:
            assert (await response.json())["errcode"] == errcode
    assert (await platform.oa("menu/create"))["errcode"] == 43002
    assert (await platform.oa("menu/get", {}))["errcode"] == 43001


async def test_a_menu_is_created_shown_and_deleted(platform: Platform) -> None:
    menu = {"button": [{"type": "click", "name": "找门店", "key": "find_dealer"}]}
    assert (await platform.oa("menu/get"))["errcode"] == 46003
    assert (await platform.oa("menu/create", menu))["errcode"] == 0
    assert await platform.oa("menu/get") == {"menu": menu}
    assert (await platform.control("GET", "overview"))["menu"] == menu
    await platform.oa("menu/delete")
    assert (await platform.control("GET", "overview"))["menu"] == DEFAULT_MENU


async def test_the_default_menu_would_be_accepted(platform: Platform) -> None:
    assert (await platform.oa("menu/create", DEFAULT_MENU))["errcode"] == 0


@pytest.mark.parametrize(
    ("button", "errcode"),
    [
        ([], 40016),
        ([{"type": "click", "name": "a", "key": "k"}] * 4, 40016),
        ([{"type": "click", "name": "六个汉字太长", "key": "k"}], 40018),
        ([{"type": "click", "name": "a"}], 40019),
        ([{"type": "view", "name": "a", "url": "m/"}], 40020),
        ([{"type": "tap", "name": "a"}], 40017),
        ([{"name": "a", "sub_button": [{"type": "click", "name": "b", "key": "k"}] * 6}], 40016),
    ],
)
async def test_bad_menus_are_refused(platform: Platform, button: Any, errcode: int) -> None:
    assert (await platform.oa("menu/create", {"button": button}))["errcode"] == errcode


async def test_a_created_code_leads_to_its_scene_until_it_expires(
    platform: Platform, clock: FakeClock
) -> None:
    body = {
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "dealer-CC01"}},
        "expire_seconds": 100,
    }
    code = await platform.oa("qrcode/create", body)
    await platform.customer("scan", scene="dealer-CC01")
    assert platform.product.seen[-1]["Ticket"] == code["ticket"]
    clock.advance(100)
    refused = await platform.control("POST", "customers/o2/scan", {"scene": "dealer-CC01"}, 409)
    assert refused["error"] == "code_expired"


@pytest.mark.parametrize(
    ("name", "scene"),
    [
        ("QR_STR_SCENE", {"scene_str": "x" * 65}),
        ("QR_SCENE", {"scene_id": 0}),
        ("QR_LIMIT_SCENE", {"scene_id": 100_001}),
        ("QR_OTHER", {"scene_id": 1}),
    ],
)
async def test_bad_scenes_are_refused(platform: Platform, name: str, scene: Any) -> None:
    body = {"action_name": name, "action_info": {"scene": scene}}
    assert (await platform.oa("qrcode/create", body))["errcode"] == 40053


async def test_a_followers_profile_has_no_nickname(platform: Platform) -> None:
    await platform.control("POST", "customers", {"openid": "oLiLei", "unionid": "u1"}, 201)
    assert await platform.oa("user/info", openid="oLiLei") == {
        "subscribe": 0,
        "openid": "oLiLei",
        "unionid": "u1",
    }
    await platform.customer("scan", scene="CC01")
    profile = await platform.oa("user/info", openid="oLiLei")
    assert (profile["subscribe"], profile["qr_scene_str"]) == (1, "CC01")
    assert "nickname" not in profile
    assert (await platform.oa("user/info", openid="oNobody"))["errcode"] == 40003
    assert (await platform.oa("user/get"))["data"] == {"openid": ["oLiLei"]}


async def test_media_go_up_and_come_down_for_three_days(
    platform: Platform, clock: FakeClock
) -> None:
    form = FormData()
    form.add_field("media", b"\x89PNG...", filename="a.png", content_type="image/png")
    url = f"/cgi-bin/media/upload?type=image&access_token={await platform.oa_token()}"
    async with platform.client.post(url, data=form) as response:
        media_id = (await response.json())["media_id"]
    query = {"access_token": await platform.oa_token(), "media_id": media_id}
    async with platform.client.get("/cgi-bin/media/get", params=query) as response:
        assert await response.read() == b"\x89PNG..."
    clock.advance(3 * 86_400)
    assert (await platform.oa("media/get", media_id=media_id))["errcode"] == 40007


async def sign_in(platform: Platform, app_id: str, who: str, **more: str) -> str:
    """The code in the address WeChat redirects to."""
    query = {
        "appid": app_id,
        "redirect_uri": f"{platform.world.public_url}/m/login?next=1",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc",
        "as": who,
    }
    url = "/connect/oauth2/authorize"
    async with platform.client.get(url, params=query | more, allow_redirects=False) as response:
        assert response.status == 302, await response.text()
        target = response.headers["Location"]
    assert "next=1" in target
    assert "state=abc" in target
    return target.split("code=")[1].split("&")[0]


async def test_a_member_signs_in_once_for_each_code(platform: Platform) -> None:
    code = await sign_in(platform, "ww5a4d8b0ff1e1c002", "wangfang")
    assert (await platform.wecom("auth/getuserinfo", code=code))["userid"] == "wangfang"
    assert (await platform.wecom("auth/getuserinfo", code=code))["errcode"] == 40029


async def test_a_code_lasts_five_minutes(platform: Platform, clock: FakeClock) -> None:
    code = await sign_in(platform, "ww5a4d8b0ff1e1c002", "wangfang")
    clock.advance(300)
    assert (await platform.wecom("auth/getuserinfo", code=code))["errcode"] == 40029


async def test_an_outsider_is_not_a_member(platform: Platform) -> None:
    code = await sign_in(platform, "ww5a4d8b0ff1e1c002", "outsider")
    answer = await platform.wecom("auth/getuserinfo", code=code)
    assert "userid" not in answer
    assert answer["openid"]


async def exchange(platform: Platform, code: str) -> Any:
    query = {
        "appid": "wx5a4d8b0ff1e1c001",
        "secret": "oa-secret",
        "code": code,
        "grant_type": "authorization_code",
    }
    async with platform.client.get("/sns/oauth2/access_token", params=query) as response:
        assert response.content_type == "text/plain"
        return await response.json(content_type=None)


async def test_a_customer_signs_in_once_for_each_code(platform: Platform) -> None:
    code = await sign_in(platform, "wx5a4d8b0ff1e1c001", "oLiLei")
    assert (await exchange(platform, code))["openid"] == "oLiLei"
    assert (await exchange(platform, code))["errcode"] == 40163
    assert (await exchange(platform, "never"))["errcode"] == 40029


async def test_the_snapshot_page_gives_a_virtual_identity(platform: Platform) -> None:
    code = await sign_in(platform, "wx5a4d8b0ff1e1c001", "oLiLei", snapshot="1")
    answer = await exchange(platform, code)
    assert answer["is_snapshotuser"] == 1
    assert answer["openid"] != "oLiLei"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uri": "http://elsewhere.example/"}, "50001"),
        ({"appid": "ww0"}, "40013"),
        ({"scope": "snsapi_userinfo"}, "10005"),
        ({"response_type": "token"}, "40058"),
    ],
)
async def test_bad_sign_in_addresses_are_refused(
    platform: Platform, change: dict[str, str], error: str
) -> None:
    query = {
        "appid": "ww5a4d8b0ff1e1c002",
        "redirect_uri": f"{platform.world.public_url}/m/",
        "response_type": "code",
        "scope": "snsapi_base",
    }
    async with platform.client.get("/connect/oauth2/authorize", params=query | change) as response:
        assert response.status == 400
        assert (await response.json())["error"] == error


async def test_the_sign_in_page_lists_everybody_and_escapes_names(platform: Platform) -> None:
    await platform.control("PUT", "staff/x1", {"name": "<b>坏</b>"})
    query = {
        "appid": "ww5a4d8b0ff1e1c002",
        "redirect_uri": f"{platform.world.public_url}/m/",
        "response_type": "code",
        "scope": "snsapi_base",
    }
    async with platform.client.get("/connect/oauth2/authorize", params=query) as response:
        page = await response.text()
    assert "王芳" in page
    assert "<b>坏</b>" not in page
    assert "as=wangfang" in page


async def test_the_directory_is_listed_page_by_page(platform: Platform) -> None:
    first = await platform.wecom("user/list_id", {"limit": 2})
    rest = await platform.wecom("user/list_id", {"limit": 2, "cursor": first["next_cursor"]})
    found = [row["userid"] for page in (first, rest) for row in page["dept_user"]]
    assert found == ["wangfang", "liqiang", "sunli"]
    assert rest["next_cursor"] == ""
    assert (await platform.wecom("user/get", userid="nobody"))["errcode"] == 60111


async def test_the_app_ticket_is_limited_to_a_hundred_an_hour(
    platform: Platform, clock: FakeClock
) -> None:
    query = {"type": "agent_config"}
    for _ in range(100):
        assert (await platform.wecom("ticket/get", **query))["errcode"] == 0
    assert (await platform.wecom("ticket/get", **query))["errcode"] == 45009
    clock.advance(3600)
    assert (await platform.wecom("ticket/get", **query))["errcode"] == 0


async def test_the_quota_of_an_api_counts_what_was_called(platform: Platform) -> None:
    ask = {"cgi_path": "/cgi-bin/message/custom/send"}
    token = await platform.oa_token()
    before = (await platform.call("openapi/quota/get", ask, access_token=token))["quota"]
    body = {"touser": "nobody", "msgtype": "text", "text": {"content": "您好"}}
    await platform.call("message/custom/send", body, access_token=token)
    after = (await platform.call("openapi/quota/get", ask, access_token=token))["quota"]
    assert (before["used"], after["used"]) == (0, 1)
    assert after["remain"] == after["daily_limit"] - 1
    unknown = await platform.call("openapi/quota/get", {"cgi_path": "x"}, access_token=token)
    assert unknown["errcode"] == 76021


LOG_IN = {
    "login_type": "CorpApp",
    "appid": "ww5a4d8b0ff1e1c002",
    "agentid": "1000002",
    "state": "s1",
}


async def test_a_code_on_the_screen_is_scanned_and_agreed_to_or_not(platform: Platform) -> None:
    query = {**LOG_IN, "redirect_uri": f"{platform.world.public_url}/console/signed-in"}
    url = "/wwlogin/sso/login"
    async with platform.client.get(url, params=query) as response:
        page = await response.text()
    assert "data:image/svg+xml" in page
    assert "as=wangfang" in page

    for chosen, has_code in (("wangfang", True), ("refuses", False)):
        params = {**query, "as": chosen}
        async with platform.client.get(url, params=params, allow_redirects=False) as response:
            back = URL(response.headers["Location"])
        assert back.path == "/console/signed-in"
        assert back.query["state"] == "s1"
        assert ("code" in back.query) == has_code
        if has_code:
            told = await platform.wecom("auth/getuserinfo", code=back.query["code"])
            assert told["userid"] == "wangfang"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uri": "http://elsewhere.example/"}, "50001"),
        ({"appid": "ww0"}, "40013"),
        ({"agentid": "1"}, "40056"),
        ({"login_type": "ServiceApp"}, "40058"),
        ({"state": "a b"}, "40058"),
    ],
)
async def test_a_code_for_a_wrong_address_is_not_shown(
    platform: Platform, change: dict[str, str], error: str
) -> None:
    query = {**LOG_IN, "redirect_uri": f"{platform.world.public_url}/console/"}
    async with platform.client.get("/wwlogin/sso/login", params=query | change) as response:
        assert response.status == 400
        assert (await response.json())["error"] == error


async def test_no_page_has_a_script_in_it_and_nobody_frames_one(platform: Platform) -> None:
    back = f"{platform.world.public_url}/console/signed-in"
    wecom = {"appid": "ww5a4d8b0ff1e1c002", "redirect_uri": back}
    inside = {**wecom, "response_type": "code", "scope": "snsapi_base"}
    by_code = {**wecom, "login_type": "CorpApp", "agentid": "1000002"}
    for path, query in (
        ("/", {}),
        ("/connect/oauth2/authorize", inside),
        ("/wwlogin/sso/login", by_code),
    ):
        async with platform.client.get(path, params=query) as response:
            policy, page = response.headers["Content-Security-Policy"], await response.text()
        assert response.status == 200
        assert Page(page).inline == []
        for part in (
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ):
            assert part in policy
        assert "unsafe" not in policy
