"""Numbers, money and lengths of time are read as people write them."""

import pytest

from bot.understanding.normalise import normalise
from bot.understanding.numbers import find_durations, find_money, parse_number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("15", 15),
        ("1.5", 1.5),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("两千五", 2500),
        ("一万二", 12000),
        ("十九万八", 198000),
        ("19万8", 198000),
        ("三点五", 3.5),
        ("两万零五百", 20500),
        ("一二三", 123),
        ("半", None),
        ("", None),
        ("车", None),
    ],
)
def test_a_number_is_read_in_any_script(written, value):
    assert parse_number(written) == value


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("十五个w", 150000, 150000),
        ("20来万", 200000, 200000),
        ("二十万出头", 200000, 200000),
        ("1.5万", 15000, 15000),
        ("五千", 5000, 5000),
        ("3k", 3000, 3000),
        ("2w5", 25000, 25000),
        ("15到20万", 150000, 200000),
        ("15-20w", 150000, 200000),
        ("十五六万", 150000, 160000),
        ("四五千", 4000, 5000),
        ("２０ｗ左右", 200000, 200000),
        ("5000块钱", 5000, 5000),
        ("1,000元", 1000, 1000),
        ("19万8千", 198000, 198000),
        ("¥5000", 5000, 5000),
    ],
)
def test_money_is_in_yuan(text, low, high):
    (money,) = find_money(normalise(text).text)
    assert (money.low, money.high) == (low, high)


@pytest.mark.parametrize("text", ["3万公里", "12年速腾", "2.0t", "3个月", "20%", "36期", "id.4"])
def test_other_quantities_are_no_money(text):
    assert find_money(text, bare=True) == []


def test_a_bare_number_is_money_only_when_asked_for():
    assert find_money("定金5000") == []
    (money,) = find_money("定金5000", bare=True)
    assert (money.amount, money.bare) == (5000, True)


def test_a_bare_decimal_keeps_what_was_written():
    (money,) = find_money("报了19.8落地", bare=True)
    assert money.written == 19.8


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("一周", 7),
        ("半个月", 15),
        ("三个月", 90),
        ("两三天", 3),
        ("一个半月", 45),
        ("1-2个月", 60),
        ("半年", 182),
    ],
)
def test_a_length_of_time_is_counted_in_days(text, days):
    (duration,) = find_durations(text)
    assert duration.days == days


def test_a_length_below_a_day_is_counted_in_minutes():
    (duration,) = find_durations("两小时")
    assert (duration.days, duration.minutes) == (0, 120)
