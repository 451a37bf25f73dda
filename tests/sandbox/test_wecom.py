"""WeCom messages and cards: duplicates, rates, field checks, single-use response codes."""

from typing import Any

import pytest

from tests.clock import FakeClock
from tests.sandbox.platform import Platform, a_card


async def shown(platform: Platform, userid: str = "wangfang") -> dict[str, Any]:
    return (await platform.member_phone(userid))[-1]["content"]


async def test_an_identical_message_is_answered_but_not_delivered_twice(
    platform: Platform, clock: FakeClock
) -> None:
    check = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    for _ in range(2):
        assert (await platform.send_text("催一下", **check))["errcode"] == 0
    assert len(await platform.member_phone()) == 1
    await platform.send_text("催两下", **check)
    assert len(await platform.member_phone()) == 2
    clock.advance(600)
    await platform.send_text("催一下", **check)
    assert len(await platform.member_phone()) == 3


async def test_without_the_check_everything_is_delivered(platform: Platform) -> None:
    for _ in range(2):
        await platform.send_text("催一下")
    assert len(await platform.member_phone()) == 2


async def test_a_duplicate_card_is_no_error_but_gives_no_code(platform: Platform) -> None:
    first = await platform.send_card(a_card(), enable_duplicate_check=1)
    second = await platform.send_card(a_card(), enable_duplicate_check=1)
    assert (first["errcode"], second["errcode"]) == (0, 0)
    assert "response_code" in first
    assert "response_code" not in second
    assert len(await platform.member_phone()) == 1


async def test_the_31st_message_in_a_minute_vanishes_without_an_error(
    platform: Platform, clock: FakeClock
) -> None:
    answers = [await platform.send_text(f"第 {n} 条") for n in range(31)]
    assert {answer["errcode"] for answer in answers} == {0}
    assert [m["dropped"] for m in await platform.member_phone()] == [False] * 30 + [True]
    clock.advance(60)
    await platform.send_text("又可以了")
    assert (await platform.member_phone())[-1]["dropped"] is False


async def test_the_limit_is_for_each_member(platform: Platform) -> None:
    for n in range(30):
        await platform.send_text(f"第 {n} 条")
    await platform.send_text("给别人", to="liqiang")
    assert (await platform.member_phone("liqiang"))[-1]["dropped"] is False


async def test_unknown_and_unlicensed_members_are_named(platform: Platform) -> None:
    await platform.control("PUT", "staff/liqiang", {"licensed": False})
    answer = await platform.send_text("大家好", to="WangFang|Nobody|liqiang")
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == "nobody"
    assert answer["unlicenseduser"] == "liqiang"
    assert len(await platform.member_phone()) == 1
    assert await platform.member_phone("liqiang") == []


async def test_nobody_valid_is_an_error(platform: Platform) -> None:
    answer = await platform.send_text("有人吗", to="nobody|noone")
    assert (answer["errcode"], answer["invaliduser"]) == (81013, "nobody|noone")


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"agentid": 1}, 301002),
        ({"agentid": None}, 40056),
        ({"touser": "|".join(f"u{n}" for n in range(1001))}, 40032),
        ({"text": {"content": " "}}, 44004),
        ({"msgtype": "poem"}, 40008),
        ({"msgtype": "markdown", "markdown": {"content": "长" * 683}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "x"}}, 40007),
        ({"msgtype": "textcard", "textcard": {"title": "a", "description": "b"}}, 40058),
        ({"msgtype": "news", "news": {"articles": []}}, 45008),
        ({"msgtype": "template_card", "template_card": {"card_type": "x"}}, 40058),
    ],
)
async def test_malformed_messages_are_refused(
    platform: Platform, changes: dict[str, Any], errcode: int
) -> None:
    body = {"touser": "wangfang", "msgtype": "text", "text": {"content": "x"}, "agentid": 1000002}
    assert (await platform.wecom("message/send", body | changes))["errcode"] == errcode
    assert await platform.member_phone() == []


async def test_long_texts_are_cut_between_characters(platform: Platform) -> None:
    await platform.send_text("长" * 700)
    message = (await platform.member_phone())[-1]
    assert (message["truncated"], message["content"]["content"]) == (True, "长" * 682)


BUTTON = {"text": "好", "key": "ok"}


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"task_id": "线索一"}, 42014),
        ({"task_id": "x" * 129}, 42014),
        ({"task_id": None}, 42014),
        ({"button_list": []}, 40058),
        ({"button_list": [{"text": "好", "key": str(n)} for n in range(7)]}, 40058),
        ({"button_list": [BUTTON, BUTTON]}, 42018),
        ({"button_list": [{"text": "好", "key": "k" * 1025}]}, 42018),
        ({"button_list": [{"text": "好"}]}, 42019),
        ({"button_list": [{"key": "ok"}]}, 42020),
        ({"main_title": {"desc": "没有标题"}}, 40058),
        ({"horizontal_content_list": [{"keyname": "a"}] * 7}, 40058),
        ({"horizontal_content_list": [{"value": "没有名"}]}, 40058),
        ({"jump_list": [{"title": "a"}] * 4}, 40058),
        ({"jump_list": [{"type": 1, "title": "a", "url": "m/leads"}]}, 45034),
        ({"action_menu": {"action_list": []}}, 40058),
        ({"button_selection": {"question_key": "q", "option_list": []}}, 40058),
        ({"card_type": "text_notice"}, 40058),
        ({"card_type": "vote_interaction"}, 40058),
        ({"card_type": "multiple_interaction"}, 40058),
    ],
)
async def test_malformed_cards_are_refused(
    platform: Platform, changes: dict[str, Any], errcode: int
) -> None:
    assert (await platform.send_card(a_card(**changes)))["errcode"] == errcode


async def test_a_task_id_is_used_once(platform: Platform) -> None:
    assert (await platform.send_card(a_card()))["errcode"] == 0
    assert (await platform.send_card(a_card(), to="liqiang"))["errcode"] == 42014


async def test_a_notice_needs_no_task_and_gets_no_code(platform: Platform) -> None:
    notice = {
        "card_type": "text_notice",
        "main_title": {"title": "日报"},
        "card_action": {"type": 1, "url": "https://example.com/"},
    }
    answer = await platform.send_card(notice)
    assert answer["errcode"] == 0
    assert "response_code" not in answer


async def update(platform: Platform, code: str, **changes: Any) -> dict[str, Any]:
    body = {"userids": ["wangfang"], "agentid": 1000002, "response_code": code}
    button = {"button": {"replace_name": "已接单"}}
    return await platform.wecom("message/update_template_card", body | button | changes)


async def test_a_response_code_updates_a_card_once(platform: Platform) -> None:
    code = (await platform.send_card(a_card()))["response_code"]
    assert await update(platform, code) == {"errcode": 0, "errmsg": "ok", "invaliduser": []}
    assert (await shown(platform))["replaced"] == "已接单"
    assert (await update(platform, code))["errcode"] == 42022
    assert (await update(platform, "never"))["errcode"] == 40058


async def test_a_response_code_lasts_72_hours(platform: Platform, clock: FakeClock) -> None:
    code = (await platform.send_card(a_card()))["response_code"]
    clock.advance(72 * 3600)
    assert (await update(platform, code))["errcode"] == 42022


async def test_a_refused_update_does_not_use_the_code_up(platform: Platform) -> None:
    code = (await platform.send_card(a_card()))["response_code"]
    assert (await update(platform, code, button={}))["errcode"] == 42020
    assert (await update(platform, code, template_card=a_card(button_list=[])))["errcode"] == 40058
    assert (await update(platform, code))["errcode"] == 0


async def test_each_click_brings_a_fresh_code(platform: Platform) -> None:
    sent = (await platform.send_card(a_card()))["response_code"]
    codes = {sent}
    for _ in range(2):
        await platform.member("click", task_id="lead-1", key="accept")
        click = platform.product.seen[-1]
        assert (click["EventKey"], click["TaskId"]) == ("accept", "lead-1")
        assert click["CardType"] == "button_interaction"
        codes.add(click["ResponseCode"])
    assert len(codes) == 3
    for code in codes:
        assert (await update(platform, code))["errcode"] == 0


async def test_a_new_face_replaces_the_card_for_those_named(platform: Platform) -> None:
    code = (await platform.send_card(a_card(), to="wangfang|liqiang"))["response_code"]
    face = a_card(main_title={"title": "已被王芳接单"}, replace_text="已接单")
    answer = await update(platform, code, template_card=face, userids=["wangfang", "sunli"])
    assert answer["invaliduser"] == ["sunli"]
    assert (await shown(platform))["card"]["main_title"] == {"title": "已被王芳接单"}
    assert (await shown(platform, "liqiang"))["card"]["main_title"]["title"] == "H 级新线索"


async def test_atall_updates_every_holder(platform: Platform) -> None:
    code = (await platform.send_card(a_card(), to="wangfang|liqiang"))["response_code"]
    await update(platform, code, atall=1, userids=None)
    for userid in ("wangfang", "liqiang"):
        assert (await shown(platform, userid))["replaced"] == "已接单"


async def test_greyed_buttons_cannot_be_pressed(platform: Platform) -> None:
    code = (await platform.send_card(a_card()))["response_code"]
    await update(platform, code)
    press = {"task_id": "lead-1", "key": "accept"}
    refused = await platform.control("POST", "staff/wangfang/click", press, 409)
    assert refused["error"] == "button_disabled"


async def test_a_new_face_with_a_new_task_is_pressed_under_it(platform: Platform) -> None:
    code = (await platform.send_card(a_card()))["response_code"]
    follow_up = a_card("lead-1-follow", button_list=[{"text": "已联系", "key": "connected"}])
    assert (await update(platform, code, template_card=follow_up))["errcode"] == 0
    await platform.member("click", task_id="lead-1-follow", key="connected")
    click = platform.product.seen[-1]
    assert (click["TaskId"], click["EventKey"]) == ("lead-1-follow", "connected")
    assert (await update(platform, click["ResponseCode"]))["errcode"] == 0


async def test_only_buttons_that_are_there_can_be_pressed(platform: Platform) -> None:
    await platform.send_card(a_card())
    for press in ({"task_id": "lead-1", "key": "x"}, {"task_id": "none", "key": "accept"}):
        await platform.control("POST", "staff/wangfang/click", press, 404)
    await platform.control(
        "POST", "staff/liqiang/click", {"task_id": "lead-1", "key": "accept"}, 404
    )
    assert platform.product.seen == []


async def test_selections_travel_with_the_click(platform: Platform) -> None:
    options = [{"id": str(n), "text": f"原因 {n}"} for n in range(3)]
    select = {"question_key": "reason", "title": "战败原因", "option_list": options}
    card = {
        "card_type": "multiple_interaction",
        "main_title": {"title": "为什么战败"},
        "task_id": "defeat-1",
        "select_list": [select],
        "submit_button": {"text": "提交", "key": "submit"},
    }
    assert (await platform.send_card(card))["errcode"] == 0
    press = {"task_id": "defeat-1", "key": "submit", "selected": {"reason": ["2"]}}
    await platform.member("click", **press)
    item = platform.product.seen[-1]["SelectedItems"]["SelectedItem"]
    assert item == {"QuestionKey": "reason", "OptionIds": {"OptionId": "2"}}
    press["selected"] = {"reason": ["9"]}
    await platform.control("POST", "staff/wangfang/click", press, 400)


async def test_a_passive_update_changes_only_the_clickers_card(platform: Platform) -> None:
    await platform.send_card(a_card(), to="wangfang|liqiang")

    async def answer(message: dict[str, Any]) -> Any:
        inner = (
            "<MsgType>update_template_card</MsgType><TemplateCard>"
            "<CardType>button_interaction</CardType><MainTitle><Title>已接单</Title></MainTitle>"
            "<HorizontalContentList><KeyName>电话</KeyName><Value>138</Value>"
            "</HorizontalContentList>"
            "<ButtonList><Text>已联系</Text><Key>connected</Key></ButtonList></TemplateCard>"
        )
        return platform.product.reply(message, inner)

    platform.product.answer = answer
    await platform.member("click", task_id="lead-1", key="accept")
    face = (await shown(platform))["card"]
    assert face["main_title"] == {"title": "已接单"}
    assert face["horizontal_content_list"] == [{"keyname": "电话", "value": "138"}]
    assert (await shown(platform, "liqiang"))["card"]["main_title"]["title"] == "H 级新线索"
    await platform.member("click", task_id="lead-1", key="connected")
    assert platform.product.seen[-1]["EventKey"] == "connected"


async def test_a_passive_button_update_greys_the_card(platform: Platform) -> None:
    await platform.send_card(a_card())

    async def answer(message: dict[str, Any]) -> Any:
        inner = (
            "<MsgType>update_button</MsgType><Button><ReplaceName>处理中</ReplaceName></Button>"
        )
        return platform.product.reply(message, inner)

    platform.product.answer = answer
    await platform.member("click", task_id="lead-1", key="accept")
    assert (await shown(platform))["replaced"] == "处理中"


async def test_a_message_is_recalled_within_a_day(platform: Platform, clock: FakeClock) -> None:
    first = (await platform.send_text("发错了"))["msgid"]
    assert (await platform.wecom("message/recall", {"msgid": first}))["errcode"] == 0
    assert (await platform.member_phone())[-1]["recalled"] is True
    second = (await platform.send_text("又发错了"))["msgid"]
    clock.advance(86_400)
    assert (await platform.wecom("message/recall", {"msgid": second}))["errcode"] == 40058


async def test_the_app_has_two_hundred_sends_an_account_and_day(
    platform: Platform, clock: FakeClock
) -> None:
    platform.world.app_sends.use(clock.now.timestamp(), 600)
    assert (await platform.send_text("一"))["errcode"] == 45009
    clock.advance(86_400)
    assert (await platform.send_text("一"))["errcode"] == 0
