"""What a message says beside its intent, each with a neighbour that does not say it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.customer.asides import feature_words, overheard
from bot.understanding.catalogue import load_catalogue
from bot.understanding.customer_turn import read_turn
from domain.conversation import Heard

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "demo" / "models.toml")
NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def heard(text: str) -> Heard:
    return overheard(text, read_turn(text, NOW, CATALOGUE).heard, CATALOGUE)


@pytest.mark.parametrize(
    ("name", "said", "not_said"),
    [
        ("agrees", ["同意", "我同意 138", "行吧 同意"], ["不同意", "我老婆同意了", "好"]),
        (
            "keeps_number",
            ["我不想留电话行不行", "可以不留手机号吗", "不方便留号码", "能不能不给电话"],
            ["为什么要留电话", "留个电话", "电话多少"],
        ),
        (
            "why_number",
            ["为什么要电话", "要手机号干嘛", "留号码有什么用"],
            ["电话多少", "为什么这么贵"],
        ),
        ("whatever", ["随便", "哪天都行", "都可以", "您看着安排"], ["不是都一样", "探岳"]),
        ("as_before", ["还是原来的时间", "不改了", "时间不变"], ["原来多少钱"]),
        ("nods", ["哦", "嗯嗯", "知道了", "😊", "好吧", "晚安", "哈哈哈"], ["", "在吗", "多少钱"]),
        ("here", ["这家有揽境吗", "最近的那家几点关门", "你们店在哪"], ["哪家店近", "长春"]),
        (
            "asks_mine",
            ["我约的几点来着", "我的试驾是什么时候", "约好了吗", "我的预约呢"],
            ["什么时候可以试驾", "几点开门", "我的车到哪了"],
        ),
        ("reschedules", ["可以提前一小时吗", "换个时间", "晚一点行吗"], ["早上", "晚上"]),
        ("advice", ["推荐一款", "哪款好", "有什么车"], ["探岳怎么样", "哪家好"]),
        ("bare", ["探岳", "id4", "11点", "那改周日下午三点吧"], ["探岳多少钱", "明天下雨吗"]),
    ],
)
def test_what_is_overheard(name: str, said: list[str], not_said: list[str]) -> None:
    assert [text for text in said if not getattr(heard(text), name)] == []
    assert [text for text in not_said if getattr(heard(text), name)] == []


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("几点关门", "hours"),
        ("现在还营业吗", "hours"),
        ("周末开门吗", "weekend"),
        ("电话多少", "phone"),
        ("怎么走", "route"),
        ("地址发我", "route"),
        ("我留个电话", ""),
        ("附近有店吗", ""),
    ],
)
def test_which_thing_of_a_store(text: str, about: str) -> None:
    assert heard(text).about == about


@pytest.mark.parametrize(
    ("text", "detail", "features"),
    [
        ("探岳油耗多少", "油耗", ()),
        ("有红色吗", "颜色", ()),
        ("七座的有没", "", ("seven",)),
        ("二十万的SUV", "", ("suv",)),
        ("纯电轿车", "", ("sedan", "electric")),
        ("多少钱", "", ()),
    ],
)
def test_which_thing_of_a_car(text: str, detail: str, features: tuple[str, ...]) -> None:
    assert (heard(text).detail, heard(text).features) == (detail, features)
    for feature in features:
        assert feature_words(feature)


def test_second_thoughts_take_the_no_back() -> None:
    for text in ("算了还是约吧", "不，还是试试吧", "算了约一个"):
        again = heard(text)
        assert again.intent == "test_drive", text
        assert {again.never_mind, again.no, again.cancels, again.cannot_come} == {False}
    assert heard("算了").never_mind
    assert heard("算了不约了").never_mind


@given(st.text(max_size=60))
def test_any_string_is_accepted(text: str) -> None:
    plain = replace(heard(text), phone="")
    assert plain.keeps_number in {True, False}
