"""The dealer's open sea: who may take a lead out of it, and how many."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from db.models import Assignment, Lead, Staff
from domain.errors import ClaimLimit, CoolingDown
from domain.lead import LeadState
from domain.policy import Policy
from handlers.tx import Tx

CLAIMED = "claimed"


async def check_may_claim(tx: Tx, lead: Lead, staff: Staff, policy: Policy) -> None:
    """Raise `ClaimLimit` or `CoolingDown`. The member's row is locked, so claims take turns."""
    if await claims_today(staff.userid, tx.now, tx.tz) >= policy.sea.claims_per_day:
        limit = policy.sea.claims_per_day
        raise ClaimLimit(f"{staff.userid} has claimed {limit} leads today", limit=limit)
    until = await cooling_until(lead.id, staff.userid, policy)
    if lead.state == LeadState.SEA and until and tx.now < until:
        raise CoolingDown(f"{staff.userid} lost lead {lead.id} lately", until=until.isoformat())


async def claims_today(userid: str, now: datetime, tz: str) -> int:
    """How many leads a member has claimed since the local midnight."""
    zone = ZoneInfo(tz)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
    taken = Assignment.filter(staff_id=userid, assigned_at__gte=midnight)
    return sum(why.get("code") == CLAIMED for why in await taken.values_list("why", flat=True))  # type: ignore[attr-defined]


async def cooling_until(lead_id: int, userid: str, policy: Policy) -> datetime | None:
    """Until when somebody who held this lead may not claim it; None if they never did."""
    held = Assignment.filter(lead_id=lead_id, staff_id=userid, ended_at__isnull=False)
    last = await held.order_by("-id").first()
    if last is None or last.ended_at is None:
        return None
    return last.ended_at + timedelta(minutes=policy.sea.cool_down_minutes)
