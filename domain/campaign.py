"""A campaign's flow: whom it speaks to, what is said when and by which way, and when it is silent.

A flow is a document of data, kept in versions; `campaign_reading` reads one and names its faults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from domain.segment import Every, Segment
from domain.segment import parse as parse_segment
from domain.send_times import SendTimes

Channel = Literal["message", "notice", "template", "task"]
CHANNELS: tuple[Channel, ...] = ("message", "notice", "template", "task")
"""A customer-service message, a subscription message (订阅通知: one for each time the customer
agreed to), a template message, or something an adviser is asked to do."""

FORMS = ("notice", "template")
"""Channels whose words go into the fields of a form that WeChat keeps for the account."""

SEGMENT = "segment"
OCCASIONS = ("defeated", "dormant", "delivered")
"""What may happen to a lead that makes its customer part of a campaign."""

VARIABLES = frozenset({"name", "model", "dealer", "adviser", "city"})
"""What the words of a step may speak of."""

WAITING, ARMED, OVER, HELD_OUT = "waiting", "armed", "over", "held_out"
"""Where somebody in a campaign is: between steps, being looked at, through, or left alone."""
TOUCHED = "touched"
"""The arm that is written to; the other is called as the place of those in it: held out."""

LATEST = timedelta(days=30)
"""Who has been held up for longer, and is no longer watched, hears nothing more."""

CampaignState = Literal["draft", "running", "paused", "stopped"]
MOVES: Mapping[str, tuple[str, ...]] = {
    "draft": ("running",),
    "running": ("paused", "stopped"),
    "paused": ("running", "stopped"),
    "stopped": (),
}
"""Where a campaign may go from where."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a campaign is for: an occasion, or a segment (`refill`: looked at again every day).

    `reasons` are those of a defeat that count; none: every weak one. A segment is kept under
    `segment_code`, or said right here.
    """

    on: str
    reasons: frozenset[str] = frozenset()
    segment: Segment | None = None
    segment_code: str = ""
    refill: bool = False


def willing(segment: Segment) -> Segment:
    """Those of a segment who may be written to at all."""
    return Segment(Every((segment.condition, _WILLING.condition)))


_WILLING = parse_segment(
    {
        "and": [
            {"field": "consented", "op": "has", "value": "marketing"},
            {"field": "opted_out", "op": "eq", "value": False},
        ]
    }
)


@dataclass(frozen=True, slots=True)
class Form:
    """A template of the account, by WeChat's id, and what goes into its fields."""

    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """What is said so long after the step before, if a condition holds; `by` in this order.

    `text` are the words of a message, `task` those for the adviser, `forms` those of templates.
    """

    wait: timedelta
    by: tuple[Channel, ...]
    text: str = ""
    forms: Mapping[str, Form] = field(default_factory=dict)
    task: str = ""
    only_if: Segment | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A campaign as it runs. `again_after` None: nobody takes part twice.

    Outcomes count until `watch` after the last step could have been, in both groups alike.
    """

    name: str
    audience: Audience
    steps: tuple[Step, ...]
    holdout: float = 0.1
    watch: timedelta = timedelta(days=30)
    again_after: timedelta | None = None
    times: SendTimes = field(default_factory=SendTimes)

    @property
    def watched(self) -> timedelta:
        """How long after somebody joined their outcomes count."""
        return sum((step.wait for step in self.steps), self.watch)

    @property
    def grace(self) -> timedelta:
        """How long after that a step may still leave: within a month of its time it may."""
        return max(timedelta(), LATEST - self.watch)
