"""What happens next to somebody in a campaign: speak, wait, pass a step over, or let them be.

Decided anew at the moment of sending, with the facts of that moment. The first rule that
applies decides; nobody is written to who should not be, whatever was planned.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.campaign import Channel, Flow, Step
from domain.contact_limits import next_touch_at
from domain.policy import Policy
from domain.send_times import next_opening

TALK_PAUSE = timedelta(days=1)
"""When to look again at somebody our staff are talking to."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One customer now. `touches` are when they were touched before, by any campaign.

    `brand_leads`: the brand link leads. `in_talk`: our staff are in conversation with them.
    `window`: WeChat takes a customer-service message for them. `follows`: they follow the
    account. `subscribed`: they allowed a subscription message that was not sent yet. `adviser`:
    somebody can be asked to call. `condition_met`: the next step's condition holds. `late`: its
    time is long past.
    """

    opted_out: bool = False
    may_market: bool = True
    brand_leads: bool = True
    in_talk: bool = False
    condition_met: bool = True
    follows: bool = True
    window: bool = True
    subscribed: bool = True
    adviser: bool = True
    late: bool = False
    touches: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Speak:
    """Say the step's words by this way."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again then."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Pass:
    """This step is not for them now; on to the next."""

    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """The campaign is over for them."""

    reason: str


Move: TypeAlias = Speak | Wait | Pass | End


def next_move(
    flow: Flow,
    step: int,
    standing: Standing,
    now: datetime,
    policy: Policy,
    tz: str,
    *,
    tried: Collection[str] = (),
) -> Move:
    """What to do with step `step` of the flow; `tried` are ways that have just failed."""
    if over := _over(flow, step, standing):
        return End(over)
    if standing.in_talk:
        return Wait(now + TALK_PAUSE, "in_talk")
    if not standing.condition_met:
        return Pass("condition")
    opens = next_opening(now, flow.times, policy, tz)
    if opens is None:
        return End("never_open")
    if opens > now:
        return Wait(opens, "silent_hours")
    free_at = next_touch_at(standing.touches, now, policy)
    if free_at is None:
        return End("touches_off")
    if free_at > now:
        return Wait(free_at, "touched_lately")
    channel = _way(flow.steps[step], standing, tried)
    return Speak(channel) if channel else Pass("no_way")


def _over(flow: Flow, step: int, standing: Standing) -> str | None:
    if standing.opted_out:
        return "opted_out"
    if not standing.may_market:
        return "no_consent"
    if not standing.brand_leads:
        return "adviser_leads"
    if step >= len(flow.steps):
        return "finished"
    return "too_late" if standing.late else None


def _way(step: Step, standing: Standing, tried: Collection[str]) -> Channel | None:
    possible = {
        "message": standing.follows and standing.window,
        "notice": standing.follows and standing.subscribed,
        "template": standing.follows,
        "task": standing.adviser,
    }
    open_ways = (way for way in step.by if possible[way] and way not in tried)
    return next(open_ways, None)
