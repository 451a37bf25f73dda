"""The open sea's rules: how many leads a member may claim, and when a lost one again."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.lead import LeadState
from domain.policy import Policy

CLAIMED = "claimed"
"""The reason an assignment carries when its adviser took the lead themself."""


def claims_left(claimed_today: int, policy: Policy) -> int:
    """How many more a member may claim today."""
    return max(0, policy.sea.claims_per_day - claimed_today)


def may_claim_at(state: str, lost_at: datetime | None, policy: Policy) -> datetime | None:
    """From when on somebody who had this lead may claim it; None: at any time.

    A lead that waits in the dealer's queue was lost by nobody.
    """
    if lost_at is None or state != LeadState.SEA:
        return None
    return lost_at + timedelta(minutes=policy.sea.cool_down_minutes)


def start_of_day(now: datetime, tz: str) -> datetime:
    """The local midnight before `now`, in UTC: claims are counted from here."""
    zone = ZoneInfo(tz)
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
