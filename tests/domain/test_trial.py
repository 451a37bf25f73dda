"""A trial goes as the real one would, to those who agreed, and not at night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.campaign import Channel, Step
from domain.remarketing import Standing
from domain.trial import TrialWay, trial_way

STEP = Step(timedelta(), ("message", "notice", "template", "task"))


def way(wanted: Channel | None = None, *, quiet: bool = False, **standing: Any) -> TrialWay:
    return trial_way(STEP, Standing(**standing), wanted, quiet=quiet)


@pytest.mark.parametrize(
    ("standing", "wanted", "channel"),
    [
        ({}, None, "message"),
        ({"window": False}, None, "notice"),
        ({"window": False, "subscribed": False}, None, "template"),
        ({}, "template", "template"),
        # what stops a touch, but no trial
        ({"brand_leads": False, "in_talk": True, "condition_met": False}, None, "message"),
        ({"late": True}, None, "message"),
    ],
)
def test_the_first_way_that_is_open_or_the_one_asked_for(
    standing: dict[str, bool], wanted: Channel | None, channel: str
) -> None:
    assert way(wanted, **standing) == TrialWay(channel)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("standing", "wanted", "refusal"),
    [
        ({"opted_out": True}, None, "opted_out"),
        ({"may_market": False}, None, "no_consent"),
        ({"follows": False}, None, "not_following"),
        ({"window": False}, "message", "window_closed"),
        ({"subscribed": False}, "notice", "no_subscription"),
        ({"quiet": True}, None, "quiet_hours"),
        ({}, "task", "no_such_way"),
    ],
)
def test_what_cannot_go_says_why(
    standing: dict[str, bool], wanted: Channel | None, refusal: str
) -> None:
    assert way(wanted, **standing) == TrialWay(None, refusal)


def test_a_step_for_the_adviser_alone_is_tried_on_nobody() -> None:
    step = Step(timedelta(), ("task",))
    assert trial_way(step, Standing(), None, quiet=False).refusal == "no_such_way"
