"""The official account's windows, counts and idempotency are those of the platform."""

from typing import Any

import pytest

from tests.clock import FakeClock
from tests.sandbox.platform import Platform
from tests.sandbox.product import says

HOUR = 3600.0


async def test_five_messages_within_48_hours_of_a_message(platform: Platform) -> None:
    await platform.customer("follow")
    platform.world.customers["oLiLei"].windows.close()
    await platform.customer("text", content="你好")
    assert [await platform.send_custom() for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


async def test_each_new_message_fills_the_count_up_again(
    platform: Platform, clock: FakeClock
) -> None:
    await platform.customer("follow")
    clock.advance(61)
    await platform.customer("text", content="你好")
    for _ in range(5):
        assert await platform.send_custom() == 0
    await platform.customer("text", content="还在吗")
    assert await platform.send_custom() == 0


async def test_exactly_48_hours_is_too_late(platform: Platform, clock: FakeClock) -> None:
    await platform.customer("follow")
    await platform.customer("text", content="你好")
    clock.advance(48 * HOUR - 1)
    assert await platform.send_custom() == 0
    clock.advance(1)
    assert await platform.send_custom() == 45015


@pytest.mark.parametrize("action", ["follow", "scan", "menu"])
async def test_three_messages_within_a_minute_of_other_actions(
    platform: Platform, clock: FakeClock, action: str
) -> None:
    await platform.customer("follow")
    if action != "follow":
        clock.advance(60)
        await platform.customer(action, scene="s", key="k")
    assert [await platform.send_custom() for _ in range(4)] == [0, 0, 0, 45047]
    clock.advance(60)
    assert await platform.send_custom() == 45015


async def test_opening_a_page_from_the_menu_grants_nothing(
    platform: Platform, clock: FakeClock
) -> None:
    await platform.customer("follow")
    clock.advance(60)
    await platform.customer("menu", url="http://example.com/")
    assert await platform.send_custom() == 45015


async def test_the_window_that_closes_first_is_used_first(
    platform: Platform, clock: FakeClock
) -> None:
    await platform.customer("follow")
    await platform.customer("text", content="你好")
    for _ in range(3):
        await platform.send_custom()
    clock.advance(60)
    assert [await platform.send_custom() for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


async def test_nobody_can_write_to_somebody_who_unfollowed(platform: Platform) -> None:
    await platform.customer("follow")
    await platform.customer("text", content="你好")
    await platform.customer("unfollow")
    assert await platform.send_custom() == 45015


async def test_passive_replies_use_no_count(platform: Platform) -> None:
    await platform.customer("follow")
    platform.product.answer = says(platform.product, "好")
    await platform.customer("text", content="你好")
    assert platform.world.customers["oLiLei"].windows.left(platform.world.now()) == 8


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"touser": "oNobody", "msgtype": "text", "text": {"content": "x"}}, 40003),
        ({"touser": "oLiLei", "msgtype": "poem", "poem": {}}, 40008),
        ({"touser": "oLiLei", "msgtype": "text", "text": {"content": ""}}, 44004),
        ({"touser": "oLiLei", "msgtype": "text", "text": {"content": "长" * 683}}, 45002),
        ({"touser": "oLiLei", "msgtype": "image", "image": {"media_id": "no"}}, 40007),
        ({"touser": "oLiLei", "msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
    ],
)
async def test_malformed_messages_are_refused(
    platform: Platform, body: dict[str, Any], errcode: int
) -> None:
    await platform.customer("follow")
    assert (await platform.oa("message/custom/send", body))["errcode"] == errcode


async def test_a_template_message_reports_its_end_by_callback(platform: Platform) -> None:
    await platform.customer("follow")
    body = {"touser": "oLiLei", "template_id": "T1", "data": {"time1": {"value": "周六 15:00"}}}
    sent = await platform.oa("message/template/send", body)
    await platform.control("POST", "idle")
    report = platform.product.seen[-1]
    assert (report["Event"], report["Status"]) == ("TEMPLATESENDJOBFINISH", "success")
    assert report["MsgID"] == str(sent["msgid"])
    assert (await platform.customer_phone())[-1]["channel"] == "template"


async def test_a_blocked_template_message_is_reported_as_such(platform: Platform) -> None:
    await platform.customer("follow")
    await platform.control("PUT", "customers/oLiLei", {"blocks_templates": True})
    body = {"touser": "oLiLei", "template_id": "T1", "data": {}}
    assert (await platform.oa("message/template/send", body))["errcode"] == 0
    await platform.control("POST", "idle")
    assert platform.product.seen[-1]["Status"] == "failed:user block"
    assert (await platform.customer_phone())[-1]["sender"] == "notice"


async def test_a_template_message_with_a_known_client_id_is_sent_once(
    platform: Platform, clock: FakeClock
) -> None:
    await platform.customer("follow")
    body = {"touser": "oLiLei", "template_id": "T1", "data": {}, "client_msg_id": "m1"}
    first = await platform.oa("message/template/send", body)
    assert await platform.oa("message/template/send", body) == first
    clock.advance(600)
    assert await platform.oa("message/template/send", body) != first
    assert [m["kind"] for m in await platform.customer_phone()].count("template") == 2


async def test_a_template_message_needs_a_follower(platform: Platform) -> None:
    await platform.control("POST", "customers", {"openid": "oNew"}, 201)
    body = {"touser": "oNew", "template_id": "T1", "data": {}}
    assert (await platform.oa("message/template/send", body))["errcode"] == 43004


async def test_a_subscribe_message_needs_one_permission_each(platform: Platform) -> None:
    await platform.customer("follow")
    body = {"touser": "oLiLei", "template_id": "S1", "data": {}}
    assert (await platform.oa("message/subscribe/bizsend", body))["errcode"] == 43101
    await platform.customer("decide_template", template_id="S1")
    assert platform.product.seen[-1]["Event"] == "subscribe_msg_popup_event"
    assert (await platform.oa("message/subscribe/bizsend", body))["errcode"] == 0
    assert (await platform.oa("message/subscribe/bizsend", body))["errcode"] == 43101


async def test_typing_needs_an_open_window(platform: Platform, clock: FakeClock) -> None:
    await platform.customer("follow")
    body = {"touser": "oLiLei", "command": "Typing"}
    assert (await platform.oa("message/custom/typing", body))["errcode"] == 0
    clock.advance(60)
    assert (await platform.oa("message/custom/typing", body))["errcode"] == 45015
