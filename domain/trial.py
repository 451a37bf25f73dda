"""A trial: a step of a campaign sent to somebody of our own, before customers get it.

It goes the way the real one would go, and is no touch: caps, conditions and the campaign's hours
do not apply. Agreement, WeChat's windows and quiet hours do.
"""

from __future__ import annotations

from typing import NamedTuple

from domain.campaign import Channel, Step
from domain.remarketing import Standing

MOST_RECIPIENTS = 20
MOST_A_DAY = 30
"""Trials to one person within 24 hours."""
WAYS: tuple[Channel, ...] = ("message", "notice", "template")
"""What reaches a customer; an adviser's task is not tried out on anybody."""


class TrialWay(NamedTuple):
    """The way a trial goes, or why it cannot go."""

    channel: Channel | None
    refusal: str = ""


def may_receive(standing: Standing) -> str:
    """Why this person gets no trial at all; empty when they do."""
    if standing.opted_out:
        return "opted_out"
    return "" if standing.may_market else "no_consent"


def trial_way(step: Step, standing: Standing, wanted: Channel | None, *, quiet: bool) -> TrialWay:
    """By the way `wanted`, else by the first of the step's that is open."""
    if refusal := may_receive(standing):
        return TrialWay(None, refusal)
    if quiet:
        return TrialWay(None, "quiet_hours")
    ways = [way for way in step.by if way in WAYS and wanted in (None, way)]
    if not ways:
        return TrialWay(None, "no_such_way")
    closed = [_closed(way, standing) for way in ways]
    open_ways = (way for way, why in zip(ways, closed, strict=True) if not why)
    found = next(open_ways, None)
    return TrialWay(found) if found else TrialWay(None, closed[0])


def _closed(way: Channel, standing: Standing) -> str:
    if not standing.follows:
        return "not_following"
    if way == "message" and not standing.window:
        return "window_closed"
    return "no_subscription" if way == "notice" and not standing.subscribed else ""
