"""Calls reach only the configured host, survive what WeChat does, and never tell a secret."""

from __future__ import annotations

import asyncio
import inspect
import socket
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from redis.asyncio import Redis
from wechatpy.client.api.base import BaseWeChatAPI

from bot.wechat.client import (
    Connection,
    NotStaff,
    OfficialAccountClient,
    SnapshotVisitor,
    WeComClient,
)
from bot.wechat.errors import (
    Busy,
    CodeAlreadyUsed,
    ConfigurationAlarm,
    RecipientInvalid,
    SignInCodeBad,
    TokenStale,
    UnknownOutcome,
    WeChatError,
)
from bot.wechat.transport import ForeignHost
from tests.bot.wechat.fake_wechat import FakeWeChat
from tests.clock import FakeClock

SEND = "cgi-bin/message/send"
CUSTOM = "cgi-bin/message/custom/send"
BUSY = {"errcode": -1, "errmsg": "system error"}
OK = {"errcode": 0, "errmsg": "ok"}
SECRET = "the-app-secret"
CARD = {"touser": "wangfang", "msgtype": "template_card", "template_card": {"task_id": "t1"}}


@pytest.fixture
def calls() -> list[tuple[str, str, str]]:
    """What the metrics were told."""
    return []


@pytest.fixture
def naps() -> list[float]:
    """How long the client wanted to wait."""
    return []


@pytest.fixture
def connection(
    wechat: FakeWeChat,
    http: aiohttp.ClientSession,
    redis: Redis,
    clock: FakeClock,
    calls: list[tuple[str, str, str]],
    naps: list[float],
) -> Connection:
    async def nap(seconds: float) -> None:
        naps.append(seconds)

    return Connection(
        http=http,
        redis=redis,
        clock=clock,
        api_base=wechat.base,
        timeout_s=2.0,
        on_call=lambda *call: calls.append(call),
        sleep=nap,
    )


@pytest.fixture
def oa(connection: Connection) -> OfficialAccountClient:
    return OfficialAccountClient("wx1", SECRET, connection)


@pytest.fixture
def wecom(connection: Connection) -> WeComClient:
    return WeComClient("corp", 1000002, SECRET, connection)


def all_that_is_told(error: BaseException | None) -> str:
    """The error and all it was raised from, as the most talkative log would show them."""
    told = ""
    while error:
        told += f"{error} {error!r} {vars(error)} "
        error = error.__cause__ or error.__context__
    return told


class TestTokens:
    async def test_fifty_cold_calls_cost_one_token(self, wecom: WeComClient, wechat: FakeWeChat):
        await asyncio.gather(*(wecom.get("user/get", params={"userid": "a"}) for _ in range(50)))
        assert wechat.calls == {"cgi-bin/gettoken": 1, "cgi-bin/user/get": 50}

    async def test_a_token_revoked_under_fifty_calls_costs_one_more(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        await oa.user_info("o1")
        wechat.revoke()
        await asyncio.gather(*(oa.user_info("o1") for _ in range(50)))
        assert wechat.fetches == 2
        assert wechat.calls["cgi-bin/user/info"] == 1 + 50 + 50

    async def test_a_token_that_stays_refused_is_fetched_once_more_and_no_storm_follows(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        wechat.refuses_all_tokens = True
        for _ in range(10):
            with pytest.raises(TokenStale):
                await wecom.send_message(CARD)
        assert wechat.fetches == 2
        assert wechat.calls[SEND] == 2 + 9

    async def test_the_official_account_asks_for_the_stable_token(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        await oa.user_info("o1")
        asked = wechat.seen[0]
        assert (asked.method, asked.api, asked.query) == ("POST", "cgi-bin/stable_token", {})
        assert asked.json == {
            "grant_type": "client_credential",
            "appid": "wx1",
            "secret": SECRET,
        }

    async def test_wecom_asks_per_app(self, wecom: WeComClient, wechat: FakeWeChat):
        await wecom.callback_ips()
        assert wechat.seen[0].query == {"corpid": "corp", "corpsecret": SECRET}

    async def test_a_wrong_secret_stops_all_calls(self, wecom: WeComClient, wechat: FakeWeChat):
        wechat.says("cgi-bin/gettoken", {"errcode": 40001, "errmsg": "invalid credential"})
        for _ in range(10):
            with pytest.raises(ConfigurationAlarm) as alarm:
                await wecom.send_message(CARD)
            assert alarm.value.advice == "check_secret"
        assert wechat.calls == {"cgi-bin/gettoken": 1}

    @pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"access_token": "T"}])
    async def test_half_a_token_is_no_token(
        self, oa: OfficialAccountClient, wechat: FakeWeChat, answer: dict[str, str]
    ):
        wechat.says("cgi-bin/stable_token", answer)
        with pytest.raises(Busy) as busy:
            await oa.user_info("o1")
        assert busy.value.retry_is_safe


class TestRepetition:
    async def test_a_busy_answer_is_repeated_twice_where_that_is_harmless(
        self, wecom: WeComClient, wechat: FakeWeChat, naps: list[float]
    ):
        wechat.says(SEND, BUSY, BUSY, OK | {"msgid": "m1"})
        assert (await wecom.send_message(CARD)).msgid == "m1"
        assert 0.1 <= naps[0] <= 0.3
        assert 0.4 <= naps[1] <= 1.2

    async def test_the_third_busy_answer_is_told(self, wecom: WeComClient, wechat: FakeWeChat):
        wechat.says(SEND, BUSY)
        with pytest.raises(Busy) as busy:
            await wecom.send_message(CARD)
        assert busy.value.retry_is_safe
        assert wechat.calls[SEND] == 3

    async def test_a_busy_answer_to_a_customer_message_is_never_repeated(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        wechat.says(CUSTOM, BUSY)
        with pytest.raises(Busy) as busy:
            await oa.send_custom("o1", {"msgtype": "text", "text": {"content": "您好"}})
        assert not busy.value.retry_is_safe
        assert wechat.calls[CUSTOM] == 1

    async def test_every_repetition_sends_the_same_bytes(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        wechat.says(SEND, BUSY, BUSY, OK)
        await wecom.send_message(CARD)
        await wecom.send_message(dict(CARD))
        bodies = {request.body for request in wechat.seen if request.api == SEND}
        assert len(bodies) == 1

    async def test_a_pausing_token_source_is_not_waited_for(
        self, wecom: WeComClient, wechat: FakeWeChat, naps: list[float]
    ):
        wechat.says("cgi-bin/gettoken", BUSY)
        with pytest.raises(Busy) as busy:
            await wecom.callback_ips()
        assert busy.value.retry_after_s == 1
        assert naps == []

    async def test_sign_in_codes_are_never_exchanged_twice(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        wechat.says("cgi-bin/auth/getuserinfo", BUSY)
        with pytest.raises(Busy):
            await wecom.get_user_by_code("c")
        assert wechat.calls["cgi-bin/auth/getuserinfo"] == 1


class TestNoAnswer:
    @pytest.mark.parametrize(
        ("answer", "label"),
        [
            (web.Response(status=502, text="<html>bad gateway</html>"), "http_502"),
            (web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}), "http_302"),
            (web.Response(text="<html>hello</html>", content_type="text/html"), "not_json"),
            (web.Response(text=""), "not_json"),
            (web.Response(text="[1]"), "not_json"),
            (web.Response(text='{"errcode": "odd"}'), "not_json"),
        ],
    )
    async def test_an_answer_that_is_not_wechats_leaves_the_outcome_unknown(
        self,
        oa: OfficialAccountClient,
        wechat: FakeWeChat,
        calls: list[tuple[str, str, str]],
        answer: web.Response,
        label: str,
    ):
        wechat.says(CUSTOM, answer)
        with pytest.raises(UnknownOutcome) as unknown:
            await oa.send_custom("o1", {"msgtype": "text"})
        assert not unknown.value.retry_is_safe
        assert calls[-1] == ("oa", CUSTOM, label)

    async def test_the_duplicate_check_makes_an_unknown_outcome_safe_to_repeat(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        wechat.says(SEND, web.Response(status=500))
        with pytest.raises(UnknownOutcome) as unknown:
            await wecom.send_message(CARD)
        assert unknown.value.retry_is_safe

    async def test_a_slow_answer_is_not_waited_for(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        async def never() -> None:
            await asyncio.sleep(5)

        wechat.says(CUSTOM, never)
        with pytest.raises(UnknownOutcome):
            await oa.post("message/custom/send", data={}, timeout=0.05)

    async def test_where_nobody_listens_nothing_was_sent(
        self, http: aiohttp.ClientSession, redis: Redis, clock: FakeClock
    ):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            base = f"http://127.0.0.1:{closed.getsockname()[1]}"
            connection = Connection(http=http, redis=redis, clock=clock, api_base=base)
            client = OfficialAccountClient("wx1", SECRET, connection)
            await redis.set(
                "leadloop:wechat:oa:wx1:token",
                '{"value": "T", "fetched_at": 0, "renew_at": 9e12}',
            )
            with pytest.raises(Busy) as busy:
                await client.send_custom("o1", {"msgtype": "text"})
            assert busy.value.retry_is_safe

    async def test_waiting_for_a_free_connection_is_not_sending(
        self, wechat: FakeWeChat, redis: Redis, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("bot.wechat.transport.CONNECT_TIMEOUT_S", 0.05)
        released = asyncio.Event()

        async def hold() -> dict[str, Any]:
            await released.wait()
            return OK

        wechat.says(CUSTOM, hold)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
            connection = Connection(http=http, redis=redis, clock=clock, api_base=wechat.base)
            client = OfficialAccountClient("wx1", SECRET, connection)
            await client.tokens.get()
            first = asyncio.create_task(client.send_custom("o1", {"msgtype": "text"}))
            while not wechat.calls[CUSTOM]:  # noqa: ASYNC110  # the server is not ours to signal
                await asyncio.sleep(0.001)
            with pytest.raises(Busy) as busy:
                await client.send_custom("o2", {"msgtype": "text"})
            assert busy.value.retry_is_safe
            released.set()
            await first


class TestSecrecy:
    @pytest.mark.parametrize(
        "answer",
        [
            web.Response(status=502),
            {"errcode": 40003, "errmsg": "invalid openid o-secret access_token T1"},
            lambda: asyncio.sleep(5),
        ],
    )
    async def test_no_error_tells_a_token_secret_or_openid(
        self, oa: OfficialAccountClient, wechat: FakeWeChat, answer: Any
    ):
        wechat.says("cgi-bin/user/info", answer)
        with pytest.raises(WeChatError) as error:
            await oa.get("user/info", params={"openid": "o-secret"}, timeout=0.05)
        told = all_that_is_told(error.value)
        for secret in ("T1", "o-secret", SECRET, "access_token"):
            assert secret not in told

    async def test_a_broken_fetch_does_not_tell_the_secret(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        wechat.says("cgi-bin/gettoken", web.Response(status=500))
        with pytest.raises(Busy) as busy:
            await wecom.callback_ips()
        assert SECRET not in all_that_is_told(busy.value)

    async def test_metrics_see_every_call_and_no_secret(
        self, wecom: WeComClient, wechat: FakeWeChat, calls: list[tuple[str, str, str]]
    ):
        wechat.says(SEND, {"errcode": 81013, "errmsg": "all invalid"})
        with pytest.raises(RecipientInvalid):
            await wecom.send_message(CARD)
        assert calls == [("wecom", "cgi-bin/gettoken", "0"), ("wecom", SEND, "81013")]


class TestHosts:
    async def test_hard_coded_hosts_are_replaced_by_the_configured_one(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        await oa.customservice.get_session("o1")
        wechat.says("card/getcolors", OK | {"colors": ["red"]})
        assert await oa.card.get_colors() == ["red"]
        assert set(wechat.calls) == {
            "cgi-bin/stable_token",
            "customservice/kfsession/getsession",
            "card/getcolors",
        }

    @pytest.mark.parametrize(
        "url",
        [
            "https://mp.weixin.qq.com/cgi-bin/showqrcode",
            "https://api.weixin.qq.com.evil.example/cgi-bin/x",
            "http://127.0.0.1/cgi-bin/x",
        ],
    )
    async def test_any_other_host_is_refused(
        self, oa: OfficialAccountClient, wechat: FakeWeChat, url: str
    ):
        with pytest.raises(ForeignHost):
            await oa.get(url)
        assert wechat.seen == []

    def test_without_configuration_tencents_host_is_called(
        self, http: aiohttp.ClientSession, clock: FakeClock
    ):
        connection = Connection(http=http, redis=None, clock=clock)
        transport = OfficialAccountClient("wx1", SECRET, connection).transport
        assert transport.url_of("cgi-bin/menu/get") == "https://api.weixin.qq.com/cgi-bin/menu/get"


class TestWechatpysSurface:
    async def test_its_methods_can_be_awaited(
        self, oa: OfficialAccountClient, wecom: WeComClient, wechat: FakeWeChat
    ):
        wechat.says("cgi-bin/tags/create", OK | {"tag": {"id": 7, "name": "vip"}})
        assert await oa.tag.create("vip") == {"id": 7, "name": "vip"}
        wechat.says("cgi-bin/user/get", OK | {"userid": "a", "name": "王芳"})
        assert (await wecom.user.get("a"))["name"] == "王芳"

    async def test_an_answer_without_what_it_promises_is_no_answer(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        wechat.says("card/getcolors", OK)
        with pytest.raises(UnknownOutcome):
            await oa.card.get_colors()

    async def test_files_go_up_as_forms_and_come_down_as_bytes(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        wechat.revoke()
        wechat.says("cgi-bin/media/upload", OK | {"media_id": "m1"})
        picture = ("车.jpg", b"\xff\xd8jpeg", "image/jpeg")
        assert (await oa.media.upload("image", picture))["media_id"] == "m1"
        sent = wechat.seen[-1]
        assert sent.query["type"] == "image"
        assert b"\xff\xd8jpeg" in sent.body
        assert 'filename="车.jpg"'.encode() in sent.body
        wechat.says("cgi-bin/media/get", web.Response(body=b"\xff\xd8jpeg"))
        assert await oa.media.download("m1") == b"\xff\xd8jpeg"

    async def test_a_form_survives_a_stale_token(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        await oa.user_info("o1")
        wechat.revoke()
        await oa.media.upload("image", ("a.jpg", b"jpeg"))
        assert [b"jpeg" in request.body for request in wechat.seen[-1:]] == [True]

    async def test_a_failed_download_is_an_error_and_not_a_file(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        wechat.says("cgi-bin/media/get", {"errcode": 40003, "errmsg": "x"})
        with pytest.raises(RecipientInvalid):
            await oa.media.download("m1")
        wechat.says("cgi-bin/media/get", web.Response(text="<html>", content_type="text/html"))
        with pytest.raises(UnknownOutcome):
            await oa.media.download("m1")

    async def test_no_method_of_it_touches_an_answer_it_does_not_have_yet(
        self, oa: OfficialAccountClient, wecom: WeComClient, monkeypatch: pytest.MonkeyPatch
    ):
        """Every method either hands out the call itself or is unavailable; none goes elsewhere."""
        monkeypatch.setattr("requests.Session.request", _no_network)
        assert _broken_methods(oa) == []
        assert _broken_methods(wecom) == []

    def test_the_token_is_out_of_wechatpys_reach(self, oa: OfficialAccountClient):
        assert not hasattr(oa, "access_token")
        with pytest.raises(NotImplementedError):
            oa.media.get_url("m1")

    def test_js_sdk_signature_is_that_of_wechats_example(self, oa: OfficialAccountClient):
        signature = oa.jsapi.get_jsapi_signature(
            "Wm3WZYTPz0wzccnW",
            "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
            1414587457,
            "http://mp.weixin.qq.com?params=value",
        )
        assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


class TestWeCom:
    async def test_every_message_asks_for_the_duplicate_check(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        await wecom.send_message(CARD, dedupe_interval_s=60)
        assert wechat.seen[-1].json == {
            "agentid": 1000002,
            **CARD,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 60,
        }

    async def test_those_not_reached_are_told_whatever_the_case_of_their_names(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        wechat.says(
            SEND,
            OK
            | {
                "invaliduser": "zhangsan|LiSi",
                "unlicenseduser": "wangwu",
                "msgid": "m1",
                "response_code": "rc1",
            },
        )
        sent = await wecom.send_message(CARD)
        assert (sent.msgid, sent.response_code) == ("m1", "rc1")
        assert sent.invalid == {"zhangsan", "lisi"}
        assert [sent.reached(name) for name in ("ZhangSan", "WangWu", "WangFang")] == [
            False,
            False,
            True,
        ]

    async def test_a_card_is_updated_for_all_or_for_some(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        await wecom.update_template_card("rc1", button_text="已接单")
        assert wechat.seen[-1].json == {
            "agentid": 1000002,
            "response_code": "rc1",
            "atall": 1,
            "button": {"replace_name": "已接单"},
        }
        card = {"card_type": "text_notice"}
        await wecom.update_template_card("rc1", userids=["a"], card=card)
        assert wechat.seen[-1].json == {
            "agentid": 1000002,
            "response_code": "rc1",
            "userids": ["a"],
            "template_card": card,
        }

    async def test_a_message_can_be_taken_back(self, wecom: WeComClient, wechat: FakeWeChat):
        await wecom.recall("m1")
        assert wechat.seen[-1].api == "cgi-bin/message/recall"
        assert wechat.seen[-1].json == {"msgid": "m1"}

    async def test_a_used_response_code_is_told_apart(
        self, wecom: WeComClient, wechat: FakeWeChat
    ):
        wechat.says("cgi-bin/message/update_template_card", {"errcode": 42022})
        with pytest.raises(CodeAlreadyUsed):
            await wecom.update_template_card("rc1", button_text="x")

    async def test_staff_are_known_by_their_code(self, wecom: WeComClient, wechat: FakeWeChat):
        wechat.says(
            "cgi-bin/auth/getuserinfo", OK | {"userid": "WangFang", "user_ticket": "ticket"}
        )
        staff = await wecom.get_user_by_code("c1")
        assert (staff.userid, staff.user_ticket) == ("WangFang", "ticket")
        assert wechat.seen[-1].query["code"] == "c1"

    @pytest.mark.parametrize(
        "answer", [{"openid": "o1"}, {"openid": "o1", "external_userid": "wm1"}, {"userid": ""}]
    )
    async def test_outsiders_are_not_staff(
        self, wecom: WeComClient, wechat: FakeWeChat, answer: dict[str, str]
    ):
        wechat.says("cgi-bin/auth/getuserinfo", OK | answer)
        with pytest.raises(NotStaff):
            await wecom.get_user_by_code("c1")

    async def test_each_app_keeps_its_own_tickets(
        self, wecom: WeComClient, connection: Connection, wechat: FakeWeChat
    ):
        wechat.says("cgi-bin/ticket/get", *_tickets("A1", "A2"))
        wechat.says("cgi-bin/get_jsapi_ticket", *_tickets("C1"))
        other = WeComClient("corp", 1000003, SECRET, connection)
        assert [await wecom.agent_tickets.get() for _ in range(2)] == ["A1", "A1"]
        assert await other.agent_tickets.get() == "A2"
        assert await wecom.corp_tickets.get() == "C1"
        assert wechat.calls["cgi-bin/ticket/get"] == 2


class TestOfficialAccount:
    async def test_a_template_message_carries_its_own_id_and_may_be_repeated(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        api = "cgi-bin/message/template/send"
        wechat.says(api, BUSY, OK | {"msgid": 200228332})
        msgid = await oa.send_template("o1", "TPL", {"k": {"value": "v"}}, client_msg_id="n42")
        assert msgid == "200228332"
        assert wechat.seen[-1].json["client_msg_id"] == "n42"
        assert wechat.calls[api] == 2

    async def test_codes_are_permanent_or_temporary(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        wechat.says("cgi-bin/qrcode/create", {"ticket": "q1", "url": "http://weixin.qq.com/q/1"})
        code = await oa.create_qrcode("dealer_CC01", expires_in_s=3600)
        assert (code.ticket, code.url) == ("q1", "http://weixin.qq.com/q/1")
        assert wechat.seen[-1].json["action_name"] == "QR_STR_SCENE"
        assert wechat.seen[-1].json["expire_seconds"] == 3600
        await oa.create_qrcode("dealer_CC01")
        assert wechat.seen[-1].json == {
            "action_info": {"scene": {"scene_str": "dealer_CC01"}},
            "action_name": "QR_LIMIT_STR_SCENE",
        }

    async def test_a_visitor_is_known_by_their_code_without_our_token(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        wechat.says("sns/oauth2/access_token", {"openid": "o1", "unionid": "u1"})
        visitor = await oa.get_visitor_by_code("c1")
        assert (visitor.openid, visitor.unionid) == ("o1", "u1")
        assert wechat.calls == {"sns/oauth2/access_token": 1}

    async def test_a_preview_is_nobody(self, oa: OfficialAccountClient, wechat: FakeWeChat):
        wechat.says("sns/oauth2/access_token", {"openid": "v1", "is_snapshotuser": 1})
        with pytest.raises(SnapshotVisitor):
            await oa.get_visitor_by_code("c1")

    async def test_a_used_code_means_signing_in_again(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        wechat.says("sns/oauth2/access_token", {"errcode": 40163, "errmsg": "code been used"})
        with pytest.raises(SignInCodeBad):
            await oa.get_visitor_by_code("c1")
        assert wechat.calls == {"sns/oauth2/access_token": 1}

    async def test_menu_follower_and_addresses(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        await oa.push_menu({"button": []})
        assert wechat.seen[-1].json == {"button": []}
        wechat.says(
            "cgi-bin/user/info",
            web.Response(body='{"subscribe":1,"remark":"\\ud800好\x01"}'.encode()),
        )
        assert await oa.user_info("o1") == {"subscribe": 1, "remark": "好\x01"}
        wechat.says("cgi-bin/getcallbackip", {"ip_list": ["203.0.113.1"]})
        assert await oa.callback_ips() == {"203.0.113.1"}

    async def test_tickets_are_kept_like_tokens(
        self, oa: OfficialAccountClient, wechat: FakeWeChat
    ):
        wechat.says("cgi-bin/ticket/getticket", *_tickets("J1", "J2"))
        assert [await oa.jsapi_tickets.get() for _ in range(3)] == ["J1"] * 3
        assert wechat.seen[-1].query["type"] == "jsapi"


class _Network(Exception):
    """wechatpy opened a connection of its own."""


def _no_network(*_args: object, **_options: object) -> None:
    raise _Network


def _tickets(*names: str) -> list[dict[str, Any]]:
    return [OK | {"ticket": name, "expires_in": 7200} for name in names]


def _wechatpy_methods(client: object) -> list[tuple[str, Callable[..., Any]]]:
    return [
        (f"{group}.{name}", method)
        for group, api in vars(client).items()
        if isinstance(api, BaseWeChatAPI)
        for name, method in inspect.getmembers(api, callable)
        if not name.startswith("_")
    ]


def _broken_methods(client: Any) -> list[str]:
    made: list[str] = []
    pending = asyncio.Event()  # stands for the coroutine; nobody may look into it

    def note(url: str, **_options: Any) -> asyncio.Event:
        made.append(url)
        return pending

    client.get = client.post = note
    broken = []
    for name, method in _wechatpy_methods(client):
        made.clear()
        try:
            result = method(*_plausible_arguments(method))
        except NotImplementedError:
            continue
        except Exception as error:  # it disliked "x", which is fine unless it had called already
            result = error
        unusable = isinstance(result, AttributeError | _Network) or inspect.isgenerator(result)
        if unusable or (made and result is not pending):
            broken.append(name)
    return broken


def _plausible_arguments(method: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(method).parameters.values()
    return [
        "text" if parameter.name == "msg_type" else "x"
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
