"""Days and hours follow the outer contract, section 6."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.normalise import normalise
from bot.understanding.times import HOME, find_times, future_times

MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
SATURDAY = datetime.fromisoformat("2026-11-28T10:00:00+08:00")
NEW_YEARS_EVE = datetime.fromisoformat("2026-12-31T18:00:00+08:00")


def times(text, now=MONDAY):
    return find_times(normalise(text).text, now)


def at(text, now=MONDAY):
    (mention,) = times(text, now)
    assert mention.at is not None
    return mention.at.strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("周六下午三点", "11-28 15:00"),
        ("下周三下午3点左右", "12-02 15:00"),
        ("后天下午三点半", "11-25 15:30"),
        ("明早9点", "11-24 09:00"),
        ("今晚七点", "11-23 19:00"),
        ("半小时后", "11-23 10:30"),
        ("两小时后", "11-23 12:00"),
        ("周日上午十点一刻", "11-29 10:15"),
        ("周六1点", "11-28 13:00"),
        ("周日12点", "11-29 12:00"),
        ("明天9.30", "11-24 09:30"),
        ("11月28日（周六）下午3点", "11-28 15:00"),
        ("2026-11-28 15:00", "11-28 15:00"),
        ("15:30", "11-23 15:30"),
        ("下午2-3点", "11-23 14:00"),
        ("周六13:30-15:00", "11-28 13:30"),
        ("周六中午12点前到", "11-28 12:00"),
        ("12月5号下午两点半", "12-05 14:30"),
        ("晚上12点", "11-24 00:00"),
        ("8点", "11-23 20:00"),
        ("9点", "11-24 09:00"),
        ("周六来店 三点左右到", "11-28 15:00"),
        ("周六下午三点改到周日", "11-29 15:00"),
        ("過一小時打", "11-23 11:00"),
        ("不是三点 四点半", "11-23 16:30"),
    ],
)
def test_a_stated_hour_is_exact(text, expected):
    assert at(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("这周六", "11-28 00:00", "11-28 23:59"),
        ("周六", "11-28 00:00", "11-28 23:59"),
        ("下周三", "12-02 00:00", "12-02 23:59"),
        ("下下周一", "12-07 00:00", "12-07 23:59"),
        ("下周的周三", "12-02 00:00", "12-02 23:59"),
        ("礼拜五", "11-27 00:00", "11-27 23:59"),
        ("星期天", "11-29 00:00", "11-29 23:59"),
        ("周末", "11-28 00:00", "11-29 23:59"),
        ("大后天", "11-26 00:00", "11-26 23:59"),
        ("三天后", "11-26 00:00", "11-26 23:59"),
        ("12月5号", "12-05 00:00", "12-05 23:59"),
        ("5号", "12-05 00:00", "12-05 23:59"),
        ("12/5", "12-05 00:00", "12-05 23:59"),
        ("31号", "12-31 00:00", "12-31 23:59"),
        ("下个月3号", "12-03 00:00", "12-03 23:59"),
        ("约11.28来店", "11-28 00:00", "11-28 23:59"),
        ("元旦那天", "01-01 00:00", "01-01 23:59"),
        ("国庆节当天", "10-01 00:00", "10-01 23:59"),
        ("周一", "11-30 00:00", "11-30 23:59"),
        ("今天", "11-23 10:00", "11-23 23:59"),
        ("周六上午", "11-28 06:00", "11-28 12:00"),
        ("周日傍晚", "11-29 16:00", "11-29 20:00"),
        ("明天中午", "11-24 11:00", "11-24 14:00"),
        ("周五晚", "11-27 17:00", "11-27 23:59"),
        ("周六 不对 是周日上午", "11-29 06:00", "11-29 12:00"),
        ("周六上午 不对 下午", "11-28 12:00", "11-28 18:00"),
        ("不是周六是周日", "11-29 00:00", "11-29 23:59"),
        ("周六日都行", "11-28 00:00", "11-29 23:59"),
    ],
)
def test_a_day_or_part_of_it_gives_a_time_inside(text, first, last):
    assert first <= at(text) <= last


@pytest.mark.parametrize(
    "text",
    [
        "过两天",
        "国庆后",
        "改天",
        "有空",
        "回头",
        "月底",
        "月底前",
        "周五前",
        "下周再约",
        "两三天后",
        "元旦来",
        "周六以后",
    ],
)
def test_a_vague_time_or_a_deadline_gives_none(text):
    assert [m.at for m in times(text)] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "便宜一点",
        "早一点来",
        "有两点要求",
        "一周一次",
        "12号线索",
        "尾号5678",
        "报价11.28万",
        "早上好",
        "11月31号",
        "优惠3个点",
    ],
)
def test_look_alikes_are_no_times(text):
    assert times(text) == []


def test_a_weekday_said_on_that_day_is_the_next_one_still_ahead():
    assert at("周六", SATURDAY) == "12-05 10:00"
    assert at("周六下午三点", SATURDAY) == "11-28 15:00"
    assert at("周六上午9点", SATURDAY) == "12-05 09:00"


def test_the_year_turns():
    (mention,) = find_times("明天下午三点", NEW_YEARS_EVE)
    assert mention.at == datetime(2027, 1, 1, 15, tzinfo=HOME)


def test_the_past_is_told_but_is_no_future_time():
    assert [m.at is not None for m in times("昨天下午3点")] == [True]
    assert future_times("昨天下午3点 上周六", MONDAY) == []


def test_a_guessed_day_is_marked():
    assert [m.said_day for m in times("下午三点")] == [False]
    assert [m.said_day for m in times("明天下午三点")] == [True]


def test_now_without_a_zone_is_chinese_time():
    naive = MONDAY.replace(tzinfo=None)
    (mention,) = find_times("周六下午三点", naive)
    assert mention.at == datetime(2026, 11, 28, 15, tzinfo=HOME)


_PIECES = st.sampled_from(
    [
        *"一二三四五六七八九十两半0123456789:.-/年月日号点时周下这后前到",
        "周六",
        "下午",
        "国庆",
        "改到",
    ]
)


@given(st.lists(_PIECES, max_size=12), st.datetimes(timezones=st.just(HOME)))
def test_any_heap_of_pieces_is_read_without_error(pieces, now):
    text = "".join(pieces)
    for mention in find_times(text, now):
        assert 0 <= mention.start < mention.end <= len(text)
        assert mention.at is None or mention.at.tzinfo is not None
