"""When Leadloop keeps silent."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contact_limits import (
    OA_WINDOWS,
    Act,
    Remaining,
    SendLedger,
    in_quiet_hours,
    may_touch,
    next_allowed,
    next_touch_at,
    remaining,
)
from tests.domain.rules import POLICY, TZ, china, policy_with

NOON = china("2026-11-23 12:00")
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def quiet(start: str, end: str) -> object:
    return policy_with({"contact": {"quiet_hours": {"start": start, "end": end}}})


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-11-23 20:59:59", "2026-11-23 20:59:59"),
        ("2026-11-23 21:00", "2026-11-24 09:00"),
        ("2026-11-24 00:00", "2026-11-24 09:00"),
        ("2026-11-24 08:59:59", "2026-11-24 09:00"),
        ("2026-11-24 09:00", "2026-11-24 09:00"),
    ],
)
def test_quiet_hours_pass_over_midnight(at: str, allowed: str) -> None:
    assert next_allowed(china(at), POLICY, TZ) == china(allowed)
    assert in_quiet_hours(china(at), POLICY, TZ) == (at != allowed)


def test_quiet_hours_may_lie_within_a_day() -> None:
    policy = quiet("12:00", "14:00")
    assert next_allowed(NOON, policy, TZ) == china("2026-11-23 14:00")  # type: ignore[arg-type]
    assert not in_quiet_hours(china("2026-11-23 14:00"), policy, TZ)  # type: ignore[arg-type]


def test_equal_times_mean_no_quiet_hours() -> None:
    policy = quiet("09:00", "09:00")
    assert not any(in_quiet_hours(NOON + hour * HOUR, policy, TZ) for hour in range(24))  # type: ignore[arg-type]


@given(st.integers(0, 3 * 24 * 60), st.integers(0, 23), st.integers(0, 23))
def test_the_next_allowed_moment_is_allowed_and_near(minute: int, start: int, end: int) -> None:
    policy = quiet(f"{start:02}:00", f"{end:02}:00")
    at = NOON + timedelta(minutes=minute)
    allowed = next_allowed(at, policy, TZ)  # type: ignore[arg-type]
    assert at <= allowed < at + DAY
    assert not in_quiet_hours(allowed, policy, TZ)  # type: ignore[arg-type]


def test_one_touch_a_week_over_all_campaigns() -> None:
    assert may_touch([], NOON, POLICY)
    assert not may_touch([NOON - 7 * DAY + SECOND], NOON, POLICY)
    assert may_touch([NOON - 7 * DAY], NOON, POLICY)
    assert next_touch_at([NOON - DAY], NOON, POLICY) == NOON + 6 * DAY
    assert next_touch_at([NOON - 8 * DAY], NOON, POLICY) == NOON


def test_touches_a_week_are_policy() -> None:
    two = policy_with({"contact": {"touches_per_week": 2}})
    none = policy_with({"contact": {"touches_per_week": 0}})
    touches = [NOON - 2 * DAY, NOON - DAY]
    assert may_touch(touches[:1], NOON, two)
    assert not may_touch(touches, NOON, two)
    assert next_touch_at(touches, NOON, two) == NOON + 5 * DAY
    assert not may_touch([], NOON, none)
    assert next_touch_at([], NOON, none) is None


def left(acts: list[tuple[str, datetime]], sends: list[datetime], now: datetime) -> Remaining:
    return remaining(SendLedger(tuple(Act(*act) for act in acts), tuple(sends)), now)


def test_a_message_opens_five_sends_for_two_days() -> None:
    acts = [("message", NOON)]
    assert left(acts, [], NOON) == (5, NOON + 48 * HOUR)
    assert left(acts, [NOON + SECOND] * 4, NOON + HOUR) == (1, NOON + 48 * HOUR)
    assert left(acts, [NOON + SECOND] * 5, NOON + HOUR) == (0, None)
    assert left(acts, [], NOON + 48 * HOUR) == (0, None)
    assert left(acts, [], NOON + 48 * HOUR - SECOND).left == 5


@pytest.mark.parametrize("kind", ["click", "scan", "subscribe"])
def test_other_acts_open_three_sends_for_a_minute(kind: str) -> None:
    assert left([(kind, NOON)], [NOON], NOON + SECOND) == (2, NOON + 60 * SECOND)
    assert left([(kind, NOON)], [], NOON + 60 * SECOND) == (0, None)


def test_a_new_message_fills_the_five_up_again() -> None:
    acts = [("message", NOON), ("message", NOON + HOUR)]
    sends = [NOON + SECOND] * 5
    assert left(acts, sends, NOON + HOUR) == (5, NOON + 49 * HOUR)


def test_a_send_uses_the_window_that_closes_first() -> None:
    acts = [("message", NOON), ("click", NOON + HOUR)]
    sends = [NOON + HOUR + SECOND] * 3
    assert left(acts, sends, NOON + HOUR + 2 * SECOND) == (5, NOON + 48 * HOUR)
    assert left(acts, [*sends, sends[0]], NOON + 2 * HOUR) == (4, NOON + 48 * HOUR)


def test_what_opens_no_window_gives_nothing() -> None:
    assert left([("view", NOON)], [], NOON) == (0, None)
    assert left([], [], NOON) == (0, None)
    assert left([("message", NOON + HOUR)], [], NOON) == (0, None)


seconds = st.integers(0, 60 * 3600).map(lambda s: NOON + timedelta(seconds=s))


@given(
    st.lists(st.builds(Act, st.sampled_from([*OA_WINDOWS, "view"]), seconds), max_size=6),
    st.lists(seconds, max_size=12),
    seconds,
)
def test_every_send_leaves_one_fewer_or_none(
    acts: list[Act], sends: list[datetime], now: datetime
) -> None:
    before = remaining(SendLedger(tuple(acts), tuple(sends)), now)
    after = remaining(SendLedger(tuple(acts), (*sends, now)), now)
    assert after.left == max(0, before.left - 1)
    assert (before.until is None) == (before.left == 0)
    assert before.until is None or before.until > now
