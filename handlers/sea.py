"""The dealer's open sea: whether a member may take a lead out of it now."""

from db.models import Assignment, Lead, Staff
from db.queries.sea import claims_since
from domain.errors import ClaimLimit, CoolingDown
from domain.policy import Policy
from domain.sea import claims_left, may_claim_at, start_of_day
from handlers.tx import Tx


async def check_may_claim(tx: Tx, lead: Lead, staff: Staff, policy: Policy) -> None:
    """Raise `ClaimLimit` or `CoolingDown`. `staff` is locked, so that claims take turns."""
    claimed = await claims_since(staff.userid, start_of_day(tx.now, tx.tz))
    if not claims_left(claimed, policy):
        limit = policy.sea.claims_per_day
        raise ClaimLimit(f"{staff.userid} has claimed {claimed} leads today", limit=limit)
    held = Assignment.filter(lead_id=lead.id, staff_id=staff.userid, ended_at__isnull=False)
    last = await held.order_by("-id").first()
    until = may_claim_at(lead.state, last.ended_at if last else None, policy)
    if until and tx.now < until:
        raise CoolingDown(f"{staff.userid} lost lead {lead.id} lately", until=until.isoformat())
