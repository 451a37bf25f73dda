"""Faults, counters, waiting, bounds, the lead panel and the snapshot."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientTimeout
from aiohttp.test_utils import TestClient, TestServer

from sandbox.api import WORLD
from sandbox.app import create_app
from sandbox.config import BadConfig, configure, read_organisation
from sandbox.line import lines_of
from sandbox.markup import read
from sandbox.people import KEPT_MESSAGES
from tests.clock import FakeClock
from tests.sandbox.platform import Platform, a_card, a_config
from tests.sandbox.product import says


async def put_fault(platform: Platform, **fault: Any) -> None:
    await platform.control("PUT", "faults", fault)


async def test_an_errcode_hits_the_given_number_of_calls(platform: Platform) -> None:
    await put_fault(platform, api="wecom:message/send", kind="errcode", errcode=45009, times=2)
    codes = [(await platform.send_text("在吗"))["errcode"] for _ in range(3)]
    assert codes == [45009, 45009, 0]
    assert len(await platform.member_phone()) == 1


async def test_a_fault_without_a_number_lasts_until_cleared(platform: Platform) -> None:
    await put_fault(platform, api="wecom:message/send", kind="errcode", errcode=-1)
    for _ in range(3):
        assert (await platform.send_text("在吗"))["errcode"] == -1
    await platform.control("DELETE", "faults?api=wecom:message/send")
    assert (await platform.send_text("在吗"))["errcode"] == 0


async def test_a_server_error_and_a_proxys_page(platform: Platform) -> None:
    url = f"/cgi-bin/menu/get?access_token={await platform.oa_token()}"
    await put_fault(platform, api="oa:menu/get", kind="http_500", times=1)
    async with platform.client.get(url) as response:
        assert response.status == 500
    await put_fault(platform, api="oa:menu/get", kind="html", times=1)
    async with platform.client.get(url) as response:
        assert (response.status, response.content_type) == (200, "text/html")


async def test_a_timeout_never_reaches_the_phone(platform: Platform) -> None:
    token = await platform.wecom_token()
    await put_fault(platform, api="wecom:message/send", kind="timeout", seconds=0.05, times=1)
    with pytest.raises(ClientError):
        await platform.call("message/send", {}, access_token=token)
    assert await platform.member_phone() == []


async def test_a_lost_answer_has_reached_the_phone(platform: Platform) -> None:
    await platform.wecom_token()
    await put_fault(platform, api="wecom:message/send", kind="lost_answer", times=1)
    check = {"enable_duplicate_check": 1}
    with pytest.raises(ClientError):
        await platform.send_text("只一次", **check)
    assert (await platform.send_text("只一次", **check))["errcode"] == 0
    assert len(await platform.member_phone()) == 1


async def test_a_delay_is_only_a_delay(platform: Platform) -> None:
    await put_fault(platform, api="*", kind="delay", seconds=0.03, times=1)
    started = asyncio.get_running_loop().time()
    await platform.oa_token()
    assert asyncio.get_running_loop().time() - started >= 0.03


async def test_a_dropped_callback_never_arrives(platform: Platform) -> None:
    await put_fault(platform, api="callback:wecom", kind="drop")
    delivery = await platform.member("enter")
    assert delivery["result"] == "failed"
    assert platform.product.seen == []


@pytest.mark.parametrize(
    "fault",
    [
        {"api": "x", "kind": "flood"},
        {"api": "callback:oa", "kind": "http_500"},
        {"api": "x", "kind": "delay", "seconds": 121},
        {"api": "x", "kind": "errcode", "times": 0},
        {"kind": "errcode"},
    ],
)
async def test_nonsense_faults_are_refused(platform: Platform, fault: dict[str, Any]) -> None:
    assert (await platform.control("PUT", "faults", fault, 400))["error"] == "bad_fault"


async def test_calls_are_counted_by_answer(platform: Platform) -> None:
    await platform.send_text("一")
    await platform.send_text("")
    await put_fault(platform, api="wecom:message/send", kind="http_500", times=1)
    async with platform.client.post("/cgi-bin/message/send"):
        pass
    counters = await platform.control("GET", "counters")
    assert counters["wecom:message/send"] == {"0": 1, "44004": 1, "http_500": 1}


async def test_more_calls_a_minute_than_allowed_are_refused(clock: FakeClock) -> None:
    app = create_app(a_config(clock=lambda: clock.now.timestamp(), calls_per_minute=2))
    async with TestClient(TestServer(app)) as client:
        platform = Platform(client, app[WORLD], None)  # type: ignore[arg-type]
        token = await platform.wecom_token()
        calls = [await platform.call("getcallbackip", access_token=token) for _ in range(3)]
        assert [answer["errcode"] for answer in calls] == [0, 0, 45009]
        clock.advance(60)
        assert (await platform.call("getcallbackip", access_token=token))["errcode"] == 0


async def test_waiting_ends_when_the_product_writes(platform: Platform) -> None:
    waiting = asyncio.create_task(
        platform.control("GET", "staff/wangfang/messages?wait=10&after=0")
    )
    await asyncio.sleep(0.02)
    await platform.send_text("新线索")
    phone = await asyncio.wait_for(waiting, 2)
    assert phone["messages"][0]["content"] == {"content": "新线索"}


async def test_changes_are_streamed(platform: Platform) -> None:
    async with platform.client.get("/sandbox/stream", timeout=ClientTimeout(total=5)) as stream:
        assert await stream.content.readline() == b"retry: 2000\n"
        await platform.send_text("新线索")
        while b'"member"' not in (line := await stream.content.readline()):
            pass
    change = json.loads(line.removeprefix(b"data: "))
    assert change == {"type": "member", "id": "wangfang", "unread": 1}


async def test_reading_clears_the_unread_count(platform: Platform) -> None:
    await platform.send_text("一")
    assert (await platform.control("GET", "staff"))[0]["unread"] == 1
    await platform.member("read")
    assert (await platform.control("GET", "staff"))[0]["unread"] == 0


async def test_chats_are_bounded(platform: Platform) -> None:
    member = platform.world.members["wangfang"]
    for n in range(KEPT_MESSAGES + 10):
        platform.world.put(member, "app", "text", {"content": str(n)}, "app")
    phone = await platform.member_phone()
    assert len(phone) == KEPT_MESSAGES
    assert phone[-1]["content"] == {"content": str(KEPT_MESSAGES + 9)}


async def test_a_media_lead_reaches_the_product(platform: Platform) -> None:
    form = (await platform.control("GET", "leads/sample"))["form"]
    assert form["phone"][3:7] == "0000"
    assert len(form["phone"]) == 11
    posted = await platform.control("POST", "leads", form | {"openid": "oLiLei"})
    assert (posted["status"], posted["answer"]["outcome"]) == (201, "created")
    lead = platform.product.leads[0]
    assert lead["customer"]["openid"] == "oLiLei"
    assert lead["intent"]["dealer_code"] == "CC01"
    assert lead["occurred_at"].endswith("+08:00")


async def test_a_lead_for_a_product_that_is_down_is_an_error(platform: Platform) -> None:
    platform.world.product_url = "http://127.0.0.1:1"
    assert (await platform.control("POST", "leads", {}, 502))["error"] == "product_down"


async def test_reset_forgets_everything_but_the_directory(platform: Platform) -> None:
    await platform.customer("follow")
    await platform.send_card(a_card())
    await platform.control("POST", "reset")
    assert await platform.control("GET", "customers") == []
    assert await platform.member_phone() == []
    assert (await platform.send_card(a_card()))["errcode"] == 0


async def test_the_product_can_move(platform: Platform) -> None:
    moved = await platform.control("PUT", "product", {"url": "http://127.0.0.1:1/"})
    assert moved == {"url": "http://127.0.0.1:1", "public_url": "http://127.0.0.1:1"}
    await platform.control("PUT", "product", {"url": "nowhere"}, 400)


async def test_other_pages_cannot_press_buttons_here(platform: Platform) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    async with platform.client.post("/sandbox/reset", headers=headers) as response:
        assert response.status == 403


async def test_control_bodies_must_be_objects(platform: Platform) -> None:
    async with platform.client.put("/sandbox/faults", data=b"[]") as response:
        assert response.status == 400
    async with platform.client.post("/sandbox/customers/o/text", data=b"{") as response:
        assert response.status == 400


async def test_a_restart_finds_chats_cards_and_windows_again(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "deep" / "sandbox.json"
    config = a_config(
        clock=lambda: clock.now.timestamp(), state_path=path, product_url="http://127.0.0.1:1"
    )
    async with TestClient(TestServer(create_app(config))) as client:
        before = Platform(client, client.app[WORLD], None)  # type: ignore[arg-type]
        await before.customer("follow")
        code = (await before.send_card(a_card()))["response_code"]
    assert not path.with_suffix(".tmp").exists()
    async with TestClient(TestServer(create_app(config))) as client:
        after = Platform(client, client.app[WORLD], None)  # type: ignore[arg-type]
        assert [m["sender"] for m in await after.customer_phone()] == ["notice", "notice"]
        assert await after.send_custom() == 0
        body = {
            "atall": 1,
            "agentid": 1000002,
            "response_code": code,
            "button": {"replace_name": "好"},
        }
        answer = await after.wecom("message/update_template_card", body)
        assert answer["errcode"] == 0
        assert (await after.member_phone())[-1]["content"]["replaced"] == "好"
        assert (await after.wecom("message/update_template_card", body))["errcode"] == 42022


async def test_a_broken_state_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.json"
    path.write_text('{"version": 1, "sequence"', encoding="utf-8")
    async with (
        TestClient(TestServer(create_app(a_config(state_path=path)))) as client,
        client.get("/sandbox/customers") as response,
    ):
        assert await response.json() == []
    assert path.with_suffix(".broken").exists()


def test_plain_mode_without_an_aes_key() -> None:
    line = lines_of(a_config(oa_aes_key=""))["oa"]
    query, body = line.seal({"FromUserName": "o1", "MsgType": "text"}, 1_700_000_000)
    assert set(query) == {"signature", "timestamp", "nonce", "openid"}
    assert read(body) == {"FromUserName": "o1", "MsgType": "text"}


def test_missing_secrets_are_named() -> None:
    with pytest.raises(BadConfig, match="SANDBOX_OA_TOKEN"):
        configure({"SANDBOX_OA_APP_ID": "x"})


@pytest.mark.parametrize(
    "change", [{"oa_token": "x"}, {"wecom_aes_key": "short"}, {"wecom_agent_id": "app"}]
)
def test_malformed_secrets_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(BadConfig, match=next(iter(change))):
        a_config(**change)


def test_the_demo_organisation_can_be_read() -> None:
    organisation = read_organisation(Path("demo/organisation.toml"), Path("demo/models.toml"))
    assert any(contact.userid == "wangfang" for contact in organisation.contacts)
    assert any(dealer.code == "CC01" for dealer in organisation.dealers)
    assert organisation.models
    assert ("NE", "东北大区") in organisation.regions


async def test_the_page_is_served_with_a_strict_policy(platform: Platform) -> None:
    async with platform.client.get("/") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "<script>" not in page
    assert "style=" not in page


async def test_the_product_is_seen_on_the_page(platform: Platform) -> None:
    platform.product.answer = says(platform.product, "在")
    await platform.customer("follow")
    assert (await platform.control("GET", "overview"))["product_up"] is True
