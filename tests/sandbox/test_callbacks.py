"""Callbacks reach the product as WeChat sends them: encrypted, retried, answered in time."""

from typing import Any

from aiohttp import web

from sandbox.oa.phone import APOLOGY
from tests.clock import A_TUESDAY_MORNING
from tests.sandbox.platform import Platform
from tests.sandbox.product import says, slow


async def test_a_message_arrives_decryptable_and_its_reply_reaches_the_phone(
    platform: Platform,
) -> None:
    platform.product.answer = says(platform.product, "您好，我是小助手")
    await platform.customer("follow")
    delivery = await platform.customer("text", content="探岳多少钱")
    assert platform.product.seen[-1]["Content"] == "探岳多少钱"
    assert delivery["result"] == "replied"
    last = (await platform.customer_phone())[-1]
    assert (last["sender"], last["channel"]) == ("account", "passive")
    assert last["content"] == {"content": "您好，我是小助手"}


async def test_an_empty_answer_means_no_reply(platform: Platform) -> None:
    delivery = await platform.customer("follow")
    assert delivery["result"] == "accepted"
    assert [m["sender"] for m in await platform.customer_phone()] == ["notice"]


async def test_message_ids_are_beyond_floating_point(platform: Platform) -> None:
    await platform.customer("follow")
    await platform.customer("text", content="a")
    await platform.customer("text", content="a")
    ids = [int(m["MsgId"]) for m in platform.product.seen if "MsgId" in m]
    assert len(set(ids)) == 2
    assert min(ids) > 2**53
    assert max(ids) < 2**63


async def test_no_answer_is_tried_three_times_with_fresh_encryption(platform: Platform) -> None:
    platform.product.answer = slow(0.5)
    delivery = await platform.customer("follow")
    assert [a["problem"] for a in delivery["attempts"]] == ["timeout"] * 3
    assert platform.product.seen == [platform.product.seen[0]] * 3
    assert len({q["nonce"] for q in platform.product.queries}) == 3
    assert len({q["msg_signature"] for q in platform.product.queries}) == 3
    assert (await platform.customer_phone())[-1]["content"] == {"text": APOLOGY}


async def test_a_server_error_is_tried_again_until_it_is_well(platform: Platform) -> None:
    tries = 0

    async def recovers(message: dict[str, Any]) -> web.Response:
        nonlocal tries
        tries += 1
        if tries < 3:
            return web.Response(status=503)
        return await says(platform.product, "好了")(message)

    platform.product.answer = recovers
    delivery = await platform.customer("follow")
    assert [a["status"] for a in delivery["attempts"]] == [503, 503, 200]
    assert (await platform.customer_phone())[-1]["content"] == {"content": "好了"}


async def test_a_product_that_is_down_earns_an_apology(platform: Platform) -> None:
    platform.world.product_url = "http://127.0.0.1:1"
    delivery = await platform.customer("follow")
    assert delivery["result"] == "failed"
    assert platform.world.product_up is False
    assert (await platform.customer_phone())[-1]["content"] == {"text": APOLOGY}


async def test_a_clear_reply_in_safe_mode_is_refused(platform: Platform) -> None:
    async def clear(message: dict[str, Any]) -> web.Response:
        return web.Response(text="<xml><MsgType>text</MsgType></xml>")

    platform.product.answer = clear
    delivery = await platform.customer("follow")
    assert delivery["result"] == "bad_reply"
    assert len(delivery["attempts"]) == 1
    assert (await platform.customer_phone())[-1]["content"] == {"text": APOLOGY}


async def test_a_json_answer_earns_an_apology(platform: Platform) -> None:
    async def json(_: dict[str, Any]) -> web.Response:
        return web.json_response({"ok": True})

    platform.product.answer = json
    assert (await platform.customer("follow"))["result"] == "bad_reply"


async def test_a_reply_with_a_foreign_signature_is_refused(platform: Platform) -> None:
    async def forged(message: dict[str, Any]) -> web.Response:
        good = (await says(platform.product, "x")(message)).text or ""
        start = good.index("<MsgSignature><![CDATA[") + len("<MsgSignature><![CDATA[")
        return web.Response(text=good[:start] + "0" * 40 + good[start + 40 :])

    platform.product.answer = forged
    delivery = await platform.customer("follow")
    assert (delivery["result"], delivery["problem"]) == ("bad_reply", "MsgSignature does not fit")


async def test_injected_elements_cannot_leave_a_text_reply(platform: Platform) -> None:
    platform.product.answer = says(platform.product, "]]]]><![CDATA[><MsgType>news")
    await platform.customer("follow")
    assert (await platform.customer_phone())[-1]["content"] == {"content": "]]><MsgType>news"}


async def test_nobody_is_answered_after_unfollowing(platform: Platform) -> None:
    await platform.customer("follow")
    platform.product.answer = says(platform.product, "别走")
    await platform.customer("unfollow")
    assert (await platform.customer_phone())[-1]["sender"] == "notice"


async def test_a_lost_answer_makes_the_platform_send_again(platform: Platform) -> None:
    await platform.customer("follow")
    platform.product.answer = says(platform.product, "一次")
    fault = {"api": "callback:oa", "kind": "lost_answer", "times": 1}
    await platform.control("PUT", "faults", fault)
    delivery = await platform.customer("text", content="你好")
    assert len({m["MsgId"] for m in platform.product.seen if "MsgId" in m}) == 1
    assert [a["problem"] for a in delivery["attempts"]] == ["lost_answer", ""]
    texts = [m for m in await platform.customer_phone() if m["sender"] == "account"]
    assert len(texts) == 1


async def test_copies_arrive_together_and_show_one_reply(platform: Platform) -> None:
    await platform.customer("follow")
    platform.product.answer = says(platform.product, "在")
    await platform.customer("text", content="在吗", copies=3)
    assert len(platform.product.seen) == 4
    assert len([m for m in await platform.customer_phone() if m["sender"] == "account"]) == 1


async def test_an_old_callback_can_be_delivered_again(platform: Platform) -> None:
    delivery = await platform.customer("follow")
    await platform.control("POST", f"callbacks/{delivery['id']}/redeliver")
    assert platform.product.seen[0] == platform.product.seen[1]


async def test_the_first_scan_follows_and_the_second_does_not(platform: Platform) -> None:
    await platform.customer("scan", scene="dealer-CC01")
    await platform.customer("scan", scene="dealer-CC01")
    first, second = platform.product.seen
    assert (first["Event"], first["EventKey"]) == ("subscribe", "qrscene_dealer-CC01")
    assert (second["Event"], second["EventKey"]) == ("SCAN", "dealer-CC01")


async def test_each_customer_action_has_its_documented_fields(platform: Platform) -> None:
    await platform.customer("follow")
    await platform.customer("voice", recognition="我想试驾")
    await platform.customer("location", city="长春")
    await platform.customer("menu", key="find_dealer")
    await platform.customer("menu", url="http://example.com/")
    await platform.customer("image")
    await platform.customer("report_position", lat=43.8, lng=125.3)
    _, voice, place, click, view, image, position = platform.product.seen
    assert (voice["Recognition"], voice["Format"]) == ("我想试驾", "amr")
    assert (place["Location_X"], place["Label"]) == ("43.8171", "长春市中心")
    assert (click["Event"], click["EventKey"]) == ("CLICK", "find_dealer")
    assert (view["Event"], view["EventKey"]) == ("VIEW", "http://example.com/")
    assert image["PicUrl"].endswith(image["MediaId"])
    assert (position["Event"], position["Latitude"]) == ("LOCATION", "43.8")
    assert {m["CreateTime"] for m in platform.product.seen} == {
        str(int(A_TUESDAY_MORNING.timestamp()))
    }


async def test_a_stranger_cannot_write(platform: Platform) -> None:
    refused = await platform.control("POST", "customers/oNew/text", {"content": "hi"}, 409)
    assert refused["error"] == "not_following"
    assert platform.product.seen == []


async def test_a_member_is_answered_in_the_app(platform: Platform) -> None:
    platform.product.answer = says(platform.product, "今日待办 3 条")
    await platform.member("text", content="待办")
    seen = platform.product.seen[-1]
    assert (seen["FromUserName"], seen["AgentID"]) == ("wangfang", "1000002")
    assert (await platform.member_phone())[-1]["content"] == {"content": "今日待办 3 条"}


async def test_a_member_sees_nothing_when_the_product_is_silent(platform: Platform) -> None:
    platform.product.answer = slow(0.5)
    delivery = await platform.member("enter")
    assert delivery["result"] == "failed"
    assert await platform.member_phone() == []


async def test_both_addresses_are_verified(platform: Platform) -> None:
    checked = await platform.control("POST", "verify")
    assert checked == {"oa": {"ok": True, "problem": ""}, "wecom": {"ok": True, "problem": ""}}


async def test_a_wrong_echo_fails_the_verification(platform: Platform) -> None:
    platform.product.wecom.check_signature = lambda *_: b'"quoted"'  # type: ignore[method-assign]
    checked = await platform.control("POST", "verify", {"app": "wecom"})
    assert checked["wecom"] == {"ok": False, "problem": "the answer is not the echo"}


async def test_an_event_the_sandbox_does_not_play_can_be_sent_raw(platform: Platform) -> None:
    fields = {"FromUserName": "sys", "Event": "change_contact", "ChangeType": "update_user"}
    await platform.member("raw", **fields)
    assert platform.product.seen[-1]["ChangeType"] == "update_user"
