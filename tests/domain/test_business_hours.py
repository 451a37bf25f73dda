"""Business calendars: exact at their edges, true to Chinese holidays, never endless."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.business_hours import (
    Calendar,
    InvalidHours,
    NeverOpen,
    check_hours,
    days_off,
    make_up_days,
)
from tests.domain.rules import SPLIT_WEEK, TZ, china

ALWAYS = Calendar.from_hours("always", TZ)
SPLIT = Calendar.from_hours(SPLIT_WEEK, TZ)
NEVER = Calendar.from_hours({}, TZ)
DAILY = Calendar.from_hours({str(day): [["09:00", "18:00"]] for day in range(1, 8)}, TZ)
NIGHT = Calendar.from_hours({"fri": [["20:00", "24:00"]], "sat": [["00:00", "02:00"]]}, TZ)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-23 08:59:59.999999", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 11:59:59.999999", True),
        ("2026-11-23 12:00", False),
        ("2026-11-23 13:30", True),
        ("2026-11-23 18:00", False),
        ("2026-11-28 10:00", False),  # Saturday
    ],
)
def test_opening_counts_and_closing_does_not(at: str, is_open: bool) -> None:
    assert SPLIT.is_open(china(at)) is is_open


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-23 10:00", 30, "2026-11-23 10:30"),
        ("2026-11-23 11:45", 15, "2026-11-23 12:00"),  # ends with the morning
        ("2026-11-23 11:45", 30, "2026-11-23 13:45"),  # over the lunch break
        ("2026-11-23 12:00", 30, "2026-11-23 14:00"),
        ("2026-11-23 07:00", 30, "2026-11-23 09:30"),  # before hours
        ("2026-11-23 18:00", 30, "2026-11-24 09:30"),  # after hours
        ("2026-11-27 17:50", 30, "2026-11-30 09:20"),  # over a weekend
        ("2026-11-23 10:00", 0, "2026-11-23 10:00"),
        ("2026-11-23 20:00", 0, "2026-11-24 09:00"),
        ("2026-11-23 10:00", 0.05, "2026-11-23 10:00:03"),
        ("2026-11-23 09:00", 450, "2026-11-23 18:00"),
        ("2026-11-23 09:00", 1440, "2026-11-26 10:30"),
    ],
)
def test_business_minutes_are_counted_in_hours_only(start: str, minutes: float, end: str) -> None:
    assert SPLIT.add_minutes(china(start), minutes) == china(end)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-10-01", False),  # National Day
        ("2026-10-04", False),  # the Sunday within
        ("2026-10-07", False),  # a day given for a worked Sunday
        ("2026-10-08", True),
        ("2026-02-15", False),  # the Sunday before the Spring Festival
        ("2026-02-23", False),
        ("2026-06-21", False),  # the weekend after Dragon Boat
        ("2026-11-22", True),  # any Sunday
    ],
)
def test_a_dealer_open_daily_keeps_the_public_holidays(day: str, works: bool) -> None:
    assert DAILY.is_open(china(f"{day} 10:00")) is works


def test_a_make_up_saturday_is_worked_by_mondays_hours() -> None:
    assert SPLIT.is_open(china("2026-10-10 10:00"))
    assert not SPLIT.is_open(china("2026-10-10 12:30"))
    assert not SPLIT.is_open(china("2026-10-17 10:00"))


def test_a_make_up_saturday_with_hours_of_its_own_keeps_them() -> None:
    short = Calendar.from_hours({"mon": [["09:00", "18:00"]], "sat": [["10:00", "12:00"]]}, TZ)
    assert not short.is_open(china("2026-10-10 09:30"))
    assert short.is_open(china("2026-10-10 11:00"))


def test_a_lead_before_the_holiday_is_due_after_it() -> None:
    assert SPLIT.add_minutes(china("2026-09-30 17:50"), 30) == china("2026-10-08 09:20")


def test_always_means_holidays_too() -> None:
    assert ALWAYS.is_open(china("2026-10-01 03:00"))


def test_a_timetable_that_knows_no_holidays_ignores_them() -> None:
    shifts = Calendar.from_hours(SPLIT_WEEK, TZ, keeps_holidays=False)
    assert shifts.is_open(china("2026-10-01 10:00"))
    assert not shifts.is_open(china("2026-10-10 10:00"))


def test_the_official_days_of_2026_are_known_to_the_day() -> None:
    """The State Council's notice: 33 days off, six worked weekend days."""
    spans = [
        ("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3),
        ("10-01", 7),
    ]  # fmt: skip
    official = {
        date.fromisoformat(f"2026-{start}") + timedelta(days=offset)
        for start, length in spans
        for offset in range(length)
    }
    assert days_off(2026) == official
    worked = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}
    assert {f"{day:%m-%d}" for day in make_up_days(2026) if day.year == 2026} == worked


@pytest.mark.parametrize("year", [1, 1900, 2090, 9999])
def test_years_beyond_the_data_fall_back_to_weekdays(year: int) -> None:
    monday = date(year, 7, 1)
    monday += timedelta(days=-monday.weekday() % 7)
    opening = datetime.combine(monday, datetime.min.time(), UTC) + timedelta(hours=2)
    assert SPLIT.is_open(opening)


def test_midnight_joins_two_days() -> None:
    assert NIGHT.add_minutes(china("2026-11-27 23:00"), 90) == china("2026-11-28 00:30")
    assert NIGHT.minutes_between(china("2026-11-27 00:00"), china("2026-11-29 00:00")) == 360


def test_daylight_saving_keeps_the_opening_at_nine() -> None:
    berlin = Calendar.from_hours(
        {"sun": [["00:00", "24:00"]], "mon": [["09:00", "18:00"]]},
        "Europe/Berlin",
        keeps_holidays=False,
    )
    sunday = datetime(2026, 3, 28, 23, tzinfo=UTC)  # a day of 23 hours
    assert berlin.next_opening(sunday + timedelta(hours=23)) == datetime(
        2026, 3, 30, 7, tzinfo=UTC
    )
    assert berlin.minutes_between(sunday, sunday + timedelta(hours=23)) == 23 * 60


def test_a_calendar_that_never_opens_says_so_at_once() -> None:
    started = time.perf_counter()
    for ask in (NEVER.next_opening, lambda at: NEVER.add_minutes(at, 1)):
        with pytest.raises(NeverOpen):
            ask(china("2026-11-23 10:00"))
    assert NEVER.minutes_between(china("2026-11-23 10:00"), china("2027-01-01 00:00")) == 0
    assert not NEVER.is_open(china("2026-11-23 10:00"))
    assert time.perf_counter() - started < 1


def test_a_count_nobody_will_live_to_see_is_refused() -> None:
    rarely = Calendar.from_hours({"mon": [["09:00", "09:01"]]}, TZ)
    with pytest.raises(NeverOpen):
        rarely.add_minutes(china("2026-11-23 10:00"), 100_000)


@pytest.mark.parametrize("minutes", [-1, float("inf"), float("nan")])
def test_only_finite_counts_forwards_make_sense(minutes: float) -> None:
    with pytest.raises(ValueError, match="forwards"):
        SPLIT.add_minutes(china("2026-11-23 10:00"), minutes)


NINE_TO_SIX = [["09:00", "18:00"]]
ALL_WEEK = {str(day): NINE_TO_SIX for day in range(1, 8)}


@pytest.mark.parametrize(
    ("more", "day", "open_at_noon"),
    [
        ({}, "2026-12-31", True),
        ({"2026-12-31": []}, "2026-12-31", False),
        ({"2026-12-31": [["13:00", "15:00"]]}, "2026-12-31", False),
        ({}, "2026-10-01", False),
        ({"holidays": "closed"}, "2026-10-01", False),
        ({"holidays": "open"}, "2026-10-01", True),
        ({"2026-10-01": [["10:00", "16:00"]]}, "2026-10-01", True),
        ({"2026-10-01": [["10:00", "16:00"]]}, "2026-10-02", False),
        ({"holidays": "open", "2026-10-02": []}, "2026-10-02", False),
    ],
)
def test_a_special_day_is_what_it_is_said_to_be(more: dict, day: str, open_at_noon: bool) -> None:
    calendar = Calendar.from_hours({**ALL_WEEK, **more}, TZ)
    noon = datetime.fromisoformat(f"{day}T12:00:00+08:00")
    assert calendar.is_open(noon) == open_at_noon


@pytest.mark.parametrize(
    "hours",
    [
        "always",
        {"mon": NINE_TO_SIX, "2026-12-31": [], "holidays": "open"},
        {},
        {"Monday": [["9:00", "12:00"]]},
        {"7": [["00:00", "24:00"]]},
        {"mon": []},
        {"mon": [["09:00", "12:00"], ["12:00", "18:00"]]},
    ],
)
def test_sound_hours_are_taken(hours: object) -> None:
    check_hours(hours)


@pytest.mark.parametrize(
    ("hours", "locs"),
    [
        ("never", [""]),
        (None, [""]),
        ({"moon": []}, ["moon"]),
        ({"mon": [], "1": []}, ["1"]),
        ({"2026-02-30": []}, ["2026-02-30"]),
        ({"2026-12-31": [["9", "10"]]}, ["2026-12-31.0"]),
        ({"holidays": True}, ["holidays"]),
        ({"mon": "09:00-18:00"}, ["mon"]),
        ({"mon": [["09:00"]]}, ["mon.0"]),
        ({"mon": ["09:00", "18:00"]}, ["mon.0", "mon.1"]),
        ({"mon": [["09:00", "09:00"]]}, ["mon.0"]),
        ({"mon": [["18:00", "09:00"]]}, ["mon.0"]),
        ({"mon": [["24:00", "24:00"]]}, ["mon.0"]),
        ({"mon": [["09:00", "25:00"]]}, ["mon.0"]),
        ({"mon": [[9, 18]]}, ["mon.0"]),
        ({"mon": [["09:00", "12:00"], ["11:59", "18:00"]]}, ["mon.1"]),
        ({"mon": [["x", "y"]], "tue": 7}, ["mon.0", "tue"]),
    ],
)
def test_hours_are_refused_where_they_are_wrong(hours: object, locs: list[str]) -> None:
    with pytest.raises(InvalidHours) as refused:
        check_hours(hours)
    assert [loc for loc, _ in refused.value.errors] == locs


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
counts = st.floats(0, 20_000)
calendars = st.sampled_from([SPLIT, DAILY, NIGHT, ALWAYS])
A_MICROSECOND = 1 / 60_000_000


@given(calendars, moments, counts, counts)
def test_more_minutes_never_end_earlier(
    calendar: Calendar, start: datetime, a: float, b: float
) -> None:
    few, many = sorted((a, b))
    assert calendar.add_minutes(start, few) <= calendar.add_minutes(start, many)


@given(calendars, moments, moments, counts)
def test_a_later_start_never_ends_earlier(
    calendar: Calendar, a: datetime, b: datetime, minutes: float
) -> None:
    first, second = sorted((a, b))
    assert calendar.add_minutes(first, minutes) <= calendar.add_minutes(second, minutes)


@given(calendars, moments, counts)
def test_counting_back_gives_the_minutes_added(
    calendar: Calendar, start: datetime, minutes: float
) -> None:
    end = calendar.add_minutes(start, minutes)
    assert calendar.minutes_between(start, end) == pytest.approx(minutes, abs=A_MICROSECOND)
    assert calendar.minutes_between(end, start) == -calendar.minutes_between(start, end)


@given(moments, counts)
def test_an_always_open_calendar_is_the_wall_clock(start: datetime, minutes: float) -> None:
    assert ALWAYS.add_minutes(start, minutes) == start + timedelta(minutes=minutes)


@given(calendars, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    calendar: Calendar, at: datetime
) -> None:
    opening = calendar.next_opening(at)
    assert opening >= at
    assert calendar.is_open(opening)
    assume(opening > at)
    assert calendar.minutes_between(at, opening) == 0
    assert not calendar.is_open(opening - timedelta(microseconds=1))
