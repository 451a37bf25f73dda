"""Who of the given-up and the dormant is worth a call today, and why: rules with points.

Each rule that holds gives its points; what was done together fades with time. The same facts give
the same points, and the reasons say which rules they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.policy import CallingPolicy
from domain.reasons import Reason

OUTCOMES = ("interested", "not_now", "unreachable", "bought_elsewhere", "refuses")
"""What may come of such a call."""
FOR_GOOD = frozenset({"bought_elsewhere", "refuses"})
"""After these nobody of the dealer's is asked to call again."""
CHANGING = frozenset(
    {"timing", "stock", "price", "finance", "not_now", "waits_for_model", "money"}
)
"""Why somebody did not buy, where the time that passes may change it."""
LATELY = timedelta(days=14)
AHEAD, BEHIND = timedelta(days=90), timedelta(days=10)
"""A day somebody named is worth a call so long before it, and so long after."""
FRESH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Resting:
    """A customer whom nobody calls: what is on file of them. Times are None where it never was.

    `reason` is that of the defeat, empty for the dormant; `window_days` what they said when they
    asked, at `opened_at`; `heard_at` is their last own word.
    """

    customer_id: int
    lead_id: int
    closed_at: datetime
    opened_at: datetime
    reason: str = ""
    window_days: int | None = None
    contacted_at: datetime | None = None
    visited_at: datetime | None = None
    test_drove_at: datetime | None = None
    quoted_at: datetime | None = None
    heard_at: datetime | None = None
    called_at: datetime | None = None
    leads: int = 1


@dataclass(frozen=True, slots=True)
class Worth:
    """How much a call is worth now, and why: the weightiest reason first."""

    customer_id: int
    lead_id: int
    points: float
    reasons: tuple[Reason, ...]


def worth_calling(who: Resting, policy: CallingPolicy, now: datetime) -> Worth | None:
    """What a call is worth; None: not now, or too little."""
    rested = now - who.closed_at
    too_soon = rested < timedelta(days=policy.not_before_days)
    too_late = rested > timedelta(days=policy.not_after_days)
    called_lately = who.called_at and now - who.called_at < timedelta(days=policy.rest_days)
    if too_soon or too_late or called_lately:
        return None
    fading = 0.5 ** (rested / timedelta(days=policy.half_life_days))
    given = sorted(_rules(who, now), key=lambda reason: -policy.points.get(reason.code, 0))
    found = [(policy.points.get(reason.code, 0), reason) for reason in given]
    points = sum(much * (1 if reason.code in _TIMELY else fading) for much, reason in found)
    if points < policy.least:
        return None
    told = tuple(reason for much, reason in found if much > 0)
    return Worth(who.customer_id, who.lead_id, round(points, 1), told)


def best(
    resting: Iterable[Resting], policy: CallingPolicy, now: datetime, most: int
) -> Sequence[Worth]:
    """The `most` worthiest of a dealer; of equals those who were closed first."""
    found = [worth for who in resting if (worth := worth_calling(who, policy, now))]
    return sorted(found, key=lambda worth: (-worth.points, worth.lead_id))[:most]


_TIMELY = frozenset({"stirred", "window_near", "window_past"})
"""Rules that look at the calendar themselves, so that their points do not fade besides."""


def _rules(who: Resting, now: datetime) -> Iterator[Reason]:
    if who.heard_at and who.heard_at > who.closed_at and now - who.heard_at < LATELY:
        yield Reason.of("stirred", at=who.heard_at)
    yield from _by_window(who, now)
    if who.contacted_at is None:
        yield Reason.of("never_reached")
    if who.test_drove_at:
        yield Reason.of("test_drove", times=1)
    elif who.visited_at:
        yield Reason.of("visited", times=1)
    if who.quoted_at:
        yield Reason.of("quoted", times=1)
    if who.reason in CHANGING:
        yield Reason.of("may_have_changed", reason=who.reason)
    if now - who.closed_at < FRESH:
        yield Reason.of("closed_lately", at=who.closed_at)
    if who.leads > 1:
        yield Reason.of("asked_before", times=who.leads)


def _by_window(who: Resting, now: datetime) -> Iterator[Reason]:
    """They said when they wanted to buy: that day is near, or long gone."""
    if who.window_days is None:
        return
    buys_at = who.opened_at + timedelta(days=who.window_days)
    if now - BEHIND <= buys_at <= now + AHEAD:
        yield Reason.of("window_near", at=buys_at)
    elif buys_at < now:
        yield Reason.of("window_past", at=buys_at)
