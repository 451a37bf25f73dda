"""Nobody is pestered: whatever the flows want, the rules decide at the moment of sending."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.campaign import Audience, Flow, Step
from domain.contact_limits import TOUCH_PERIOD, in_quiet_hours
from domain.remarketing import End, Pass, Speak, Standing, Wait, next_move
from domain.send_times import SendTimes, next_opening
from tests.domain.rules import POLICY, TZ, china, policy_with

NOON = china("2026-11-24 12:00")  # a Tuesday
DAY = timedelta(days=1)
FLOW = Flow(
    "x",
    Audience("dormant"),
    (Step(DAY, ("message", "template", "task")), Step(DAY, ("message",))),
)


def move(step: int = 0, now: datetime = NOON, flow: Flow = FLOW, **standing: Any) -> object:
    return next_move(flow, step, Standing(**standing), now, POLICY, TZ)


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        ({"opted_out": True}, "opted_out"),
        ({"may_market": False}, "no_consent"),
        ({"brand_leads": False}, "adviser_leads"),
        ({"late": True}, "too_late"),
    ],
)
def test_who_must_not_be_written_to_is_done_with(standing: dict[str, bool], reason: str) -> None:
    assert move(**standing) == End(reason)


def test_while_our_staff_talk_to_them_the_brand_waits() -> None:
    assert move(in_talk=True) == Wait(NOON + DAY, "in_talk")


def test_the_flow_ends_after_its_last_step() -> None:
    assert move(step=2) == End("finished")


def test_a_condition_that_does_not_hold_passes_the_step_over() -> None:
    assert move(condition_met=False) == Pass("condition")


@pytest.mark.parametrize(
    ("standing", "step", "wanted"),
    [
        ({}, 0, Speak("message")),
        ({"window": False}, 0, Speak("template")),
        ({"follows": False}, 0, Speak("task")),
        ({"follows": False, "adviser": False}, 0, Pass("no_way")),
        ({"window": False}, 1, Pass("no_way")),
    ],
)
def test_each_way_falls_back_to_the_next(standing: dict, step: int, wanted: object) -> None:
    assert move(step=step, **standing) == wanted


def test_a_way_that_failed_is_not_tried_again() -> None:
    tried = ("message", "template")
    assert next_move(FLOW, 0, Standing(), NOON, POLICY, TZ, tried=tried) == Speak("task")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24 21:00", "2026-11-25 09:00"),
        ("2026-11-25 08:59", "2026-11-25 09:00"),
    ],
)
def test_in_quiet_hours_everything_waits(now: str, until: str) -> None:
    assert move(now=china(now)) == Wait(china(until), "silent_hours")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-24 10:00", "2026-11-24 10:00"),
        ("2026-11-24 09:00", "2026-11-24 10:00"),
        ("2026-11-24 18:00", "2026-11-25 10:00"),
        ("2026-11-27 19:00", "2026-12-01 10:00"),  # no weekends, and Monday is named
        ("2026-12-23 19:00", "2026-12-25 10:00"),  # a blackout day of the brand
    ],
)
def test_a_flow_has_hours_and_days_of_its_own(now: str, opens: str) -> None:
    monday = china("2026-11-30 10:00").date()
    times = SendTimes(time(10), time(18), frozenset({1, 2, 3, 4, 5}), frozenset({monday}))
    policy = policy_with({"contact": {"blackout_days": ["2026-12-24"]}})
    assert next_opening(china(now), times, policy, TZ) == china(opens)


def test_hours_that_are_always_quiet_are_never_open() -> None:
    times = SendTimes(time(22), time(23))
    assert next_opening(NOON, times, POLICY, TZ) is None
    assert move(flow=replace(FLOW, times=times)) == End("never_open")


def test_one_touch_a_week_over_all_campaigns() -> None:
    touched = NOON - 6 * DAY
    assert move(touches=(touched,)) == Wait(touched + TOUCH_PERIOD, "touched_lately")
    assert move(touches=(NOON - 7 * DAY,)) == Speak("message")
    off = policy_with({"contact": {"touches_per_week": 0}})
    assert next_move(FLOW, 0, Standing(), NOON, off, TZ) == End("touches_off")


@dataclass
class Joined:
    """One customer in one campaign, as the engine keeps it."""

    flow: Flow
    due: datetime
    step: int = 0
    over: bool = False


waits = st.lists(st.floats(0, 20), min_size=1, max_size=5)
hours = st.sampled_from([SendTimes(), SendTimes(time(10), time(20)), SendTimes(time(20, 30))])
flows = st.builds(
    lambda days, times: Flow(
        "x",
        Audience("dormant"),
        tuple(Step(timedelta(days=n), ("message",)) for n in days),
        times=times,
    ),
    waits,
    hours,
)
starts = st.integers(0, 14 * 24 * 60)


@given(
    st.lists(st.tuples(flows, starts), min_size=1, max_size=6),
    st.lists(st.integers(1, 3 * 24 * 60), min_size=1, max_size=8),
    st.integers(0, 60 * 24 * 60),
)
def test_never_two_touches_in_a_week_whatever_is_planned(
    joined: list[tuple[Flow, int]], looks: list[int], opts_out: int
) -> None:
    """Campaigns that overlap as they like, and an engine that looks at any moment, even late."""
    people = [
        Joined(flow, NOON + timedelta(minutes=at) + flow.steps[0].wait) for flow, at in joined
    ]
    out_at, now, touches = NOON + timedelta(minutes=opts_out), NOON, []
    for look in range(400):
        for one in [one for one in people if not one.over and one.due <= now]:
            standing = Standing(opted_out=now >= out_at, touches=tuple(touches))
            match next_move(one.flow, one.step, standing, now, POLICY, TZ):
                case Speak():
                    touches.append(now)
                    one.step += 1
                    one.over = one.step == len(one.flow.steps)
                    one.due = now if one.over else now + one.flow.steps[one.step].wait
                case Wait(until):
                    assert until > now
                    one.due = until
                case End():
                    one.over = True
        now += timedelta(minutes=looks[look % len(looks)])

    for earlier, later in pairwise(touches):
        assert later - earlier >= TOUCH_PERIOD
    for at in touches:
        assert at < out_at
        assert not in_quiet_hours(at, POLICY, TZ)
