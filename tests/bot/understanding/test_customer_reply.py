"""Short answers to the bot's questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.customer_reply import read_reply


@pytest.mark.parametrize(
    "text",
    [
        "同意",
        "好的",
        "行吧",
        "那好吧",
        "可以的",
        "OK",
        "嗯嗯",
        "没问题！",
        "确认",
        "同意 13800138000",
    ],
)
def test_yes(text: str) -> None:
    reply = read_reply(text)
    assert (reply.yes, reply.no) == (True, False)


@pytest.mark.parametrize(
    "text", ["不同意", "不行", "不用了", "先不约了", "不想留电话", "我不方便留电话"]
)
def test_no(text: str) -> None:
    reply = read_reply(text)
    assert (reply.yes, reply.no) == (False, True)


@pytest.mark.parametrize(
    "text", ["算了", "那算了吧", "不用了", "再说吧", "不试驾了", "取消", "改天再说"]
)
def test_never_mind(text: str) -> None:
    assert read_reply(text).never_mind


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("２", 2),
        ("第二个", 2),
        ("选三", 3),
        ("就第一家吧", 1),
        ("四", 4),
        ("10", 0),
        ("三点", 0),
    ],
)
def test_the_number_of_a_choice(text: str, number: int) -> None:
    assert read_reply(text).choice == number


@pytest.mark.parametrize("text", ["不对，周日上午", "换成探歌", "说错了，是探岳", "改成明天"])
def test_a_correction(text: str) -> None:
    assert read_reply(text).corrects


@pytest.mark.parametrize("text", ["为什么要留电话", "留号码干嘛", "不留电话行吗，必须留吗"])
def test_asking_why_is_no_refusal(text: str) -> None:
    reply = read_reply(text)
    assert (reply.why, reply.no) == (True, False)


@pytest.mark.parametrize("text", ["", "   ", "探岳多少钱", "好的车多少钱一辆", "我在长春"])
def test_other_messages_are_no_answers(text: str) -> None:
    reply = read_reply(text)
    assert (reply.yes, reply.no, reply.never_mind, reply.choice) == (False, False, False, 0)


@given(st.text(max_size=200))
def test_any_string_is_read(text: str) -> None:
    reply = read_reply(text)
    assert (reply.yes, reply.no) != (True, True)
