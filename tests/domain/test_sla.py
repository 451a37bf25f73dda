"""The clocks of an assignment run on the dealer's own calendar."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_hours import Calendar
from domain.sla import after_recycle, clocks, is_late, missed_cycles, next_follow_up_at
from tests.domain.rules import POLICY, SPLIT_WEEK, TZ, china, policy_with

SPLIT = Calendar.from_hours(SPLIT_WEEK, TZ)
ALWAYS = Calendar.from_hours("always", TZ)
NEVER = Calendar.from_hours({}, TZ)


def test_marks_fall_at_half_whole_and_one_and_a_half() -> None:
    marks = clocks(china("2026-11-23 10:00"), "A", POLICY, SPLIT)
    assert marks.remind_at == china("2026-11-23 10:15")
    assert marks.due_at == marks.escalate_at == china("2026-11-23 10:30")
    assert marks.manager_at == china("2026-11-23 10:45")
    assert marks.unaccepted_at == china("2026-11-23 15:30")
    assert marks.untouched_at == china("2026-11-26 11:30")  # 24 business hours, 7.5 a day


def test_the_hottest_level_is_due_in_half_the_time() -> None:
    assert clocks(china("2026-11-23 10:00"), "H", POLICY, SPLIT).due_at == china(
        "2026-11-23 10:15"
    )


@pytest.mark.parametrize(
    ("assigned", "due"),
    [
        ("2026-11-23 22:00", "2026-11-24 09:30"),  # after hours
        ("2026-11-23 12:30", "2026-11-23 14:00"),  # in the break
        ("2026-11-23 11:50", "2026-11-23 13:50"),  # the break does not count
        ("2026-11-28 10:00", "2026-11-30 09:30"),  # at the weekend
        ("2026-10-01 10:00", "2026-10-08 09:30"),  # on National Day
        ("2026-10-10 10:00", "2026-10-10 10:30"),  # on a make-up Saturday
    ],
)
def test_a_lead_outside_hours_is_due_after_opening(assigned: str, due: str) -> None:
    assert clocks(china(assigned), "A", POLICY, SPLIT).due_at == china(due)


def test_a_dealer_that_never_opens_runs_on_the_wall_clock() -> None:
    at = china("2026-11-23 10:00")
    assert clocks(at, "A", POLICY, NEVER) == clocks(at, "A", POLICY, ALWAYS)
    assert next_follow_up_at("H", at, POLICY, NEVER) == at + timedelta(days=1)


def test_exactly_at_the_deadline_is_late() -> None:
    due = china("2026-11-23 10:30")
    assert is_late(due, due)
    assert not is_late(due, due - timedelta(microseconds=1))


@given(st.integers(0, 365 * 24 * 60), st.sampled_from(["H", "A", "N", "?"]))
def test_marks_never_come_out_of_order(minute: int, level: str) -> None:
    at = china("2026-01-01 00:00") + timedelta(minutes=minute)
    marks = clocks(at, level, POLICY, SPLIT)
    assert at < marks.remind_at < marks.due_at <= marks.escalate_at < marks.manager_at
    assert marks.manager_at <= marks.unaccepted_at <= marks.untouched_at


@pytest.mark.parametrize(
    ("level", "since", "due"),
    [
        ("H", "2026-11-23 10:20", "2026-11-24 10:20"),
        ("A", "2026-11-23 10:20", "2026-11-25 10:20"),
        ("B", "2026-11-23 10:20", "2026-11-30 09:00"),  # Saturday → Monday's opening
        ("H", "2026-11-23 12:30", "2026-11-24 13:30"),  # in the break → after it
        ("H", "2026-09-30 10:00", "2026-10-08 09:00"),
        ("N", "2026-11-23 20:00", "2026-11-25 09:00"),
    ],
)
def test_the_next_follow_up_is_days_later_in_open_hours(level: str, since: str, due: str) -> None:
    assert next_follow_up_at(level, china(since), POLICY, SPLIT) == china(due)


@pytest.mark.parametrize("level", ["L", "F", "?"])
def test_nobody_calls_dormant_or_defeated_leads(level: str) -> None:
    assert next_follow_up_at(level, china("2026-11-23 10:00"), POLICY, SPLIT) is None
    assert missed_cycles(china("2026-01-01 10:00"), china("2026-11-23 10:00"), level, POLICY) == 0


def test_follow_up_cycles_may_be_fractions_of_a_day() -> None:
    policy = policy_with({"levels": {"H": {"follow_up_days": 0.25}}})
    due = next_follow_up_at("H", china("2026-11-23 09:30"), policy, SPLIT)
    assert due == china("2026-11-23 15:30")


@pytest.mark.parametrize(
    ("now", "missed"),
    [
        ("2026-11-23 09:59", 0),
        ("2026-11-23 10:00", 1),
        ("2026-11-25 09:59", 1),
        ("2026-11-25 10:00", 2),
        ("2026-12-01 10:00", 5),
    ],
)
def test_each_whole_cycle_in_silence_is_a_missed_one(now: str, missed: int) -> None:
    assert missed_cycles(china("2026-11-23 10:00"), china(now), "A", POLICY) == missed


def test_the_second_recycle_goes_to_the_region() -> None:
    assert [after_recycle(times, POLICY) for times in (1, 2, 3)] == [
        "dealer_sea",
        "region",
        "region",
    ]
