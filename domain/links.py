"""The two links: when the brand may speak, and when it leaves the floor to a dealer's adviser."""

from __future__ import annotations

from dataclasses import dataclass
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
