"""The two links: when the brand may speak, when a customer goes back to a dealer, and to whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.pools import Link
from domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class SpeakingFacts:
    """Who is in conversation with a customer.

    `contacted_at` is when staff last tried them on an open lead, `agreed_at` the next contact or
    test drive that was agreed with them, `adviser_holds` whether somebody works on an open lead.
    """

    link: Link
    in_handoff: bool = False
    adviser_holds: bool = False
    contacted_at: datetime | None = None
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MaySpeak:
    """Whether the brand may send a touch now, and why or why not."""

    allowed: bool
    reason: Reason


def brand_may_speak(facts: SpeakingFacts, now: datetime, fresh: timedelta) -> MaySpeak:
    """Whether a campaign may write to this customer. The first rule that applies decides.

    The brand is silent where the dealer link leads, and never talks over an adviser: a lead is in
    active follow-up while staff spoke with the customer less than `fresh` ago, or have agreed to
    within as long. Consent, opt-out, quiet hours and caps are other questions.
    """
    if facts.link == "none":
        return MaySpeak(False, Reason.of("nobody_leads"))
    if facts.in_handoff:
        return MaySpeak(False, Reason.of("in_handoff"))
    if facts.link == "dealer":
        return MaySpeak(False, Reason.of("dealer_leads"))
    if facts.agreed_at and now - fresh < facts.agreed_at < now + fresh:
        return MaySpeak(False, Reason.of("contact_agreed", at=facts.agreed_at))
    if facts.adviser_holds and facts.contacted_at and facts.contacted_at > now - fresh:
        return MaySpeak(False, Reason.of("in_follow_up", at=facts.contacted_at))
    return MaySpeak(True, Reason.of("brand_leads"))


STIRS = frozenset({"replied", "clicked", "visited", "scanned", "followed", "came_again"})
"""Acts that show a customer is alive to the brand, whatever they say."""

BUYING = frozenset(
    {
        "asked_price",
        "asked_finance",
        "asked_delivery",
        "asked_promotion",
        "asked_stock",
        "asked_test_drive",
        "booked_test_drive",
        "trade_in",
        "visited",
        "test_drove",
        "came_again",
    }
)
"""What somebody says or does who thinks of buying."""


def intent_rises(pool: str, link: str, act: str, signals: Collection[str] = ()) -> bool:
    """Whether the dealer should have this customer back, after what the customer did.

    Only where the brand leads. An owner who replies or scans a code wants a service, not a car:
    from them only words of buying count. Without phone or consent (traffic) nobody may call, and
    who asked for silence (out) comes back by their own request, not by a click.
    """
    if link != "brand" or pool in ("traffic", "out"):
        return False
    if BUYING.intersection(signals):
        return True
    return act in STIRS and pool != "owners"


@dataclass(frozen=True, slots=True)
class LastTime:
    """How it went at a dealer before: who had the customer last, and how that ended.

    `doubtful`: a defeat that person asked for was suspicious or turned down.
    """

    userid: str | None = None
    defeat_reason: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class WayBack:
    """Whom a customer who comes back is meant for: `previous` first, never `avoided` (and why).

    `elsewhere`: another dealer would serve them better, if there is one.
    """

    previous: str | None = None
    avoided: Mapping[str, str] = field(default_factory=dict)
    elsewhere: bool = False


def way_back(last: LastTime) -> WayBack:
    """The previous adviser knows them, unless that adviser is why they left or gave them up."""
    elsewhere = last.defeat_reason == "distance"
    if last.userid is None:
        return WayBack(elsewhere=elsewhere)
    if last.defeat_reason == "service":
        return WayBack(avoided={last.userid: "was_the_reason"})
    if last.doubtful:
        return WayBack(avoided={last.userid: "gave_up_early"}, elsewhere=elsewhere)
    return WayBack(last.userid, elsewhere=elsewhere)
