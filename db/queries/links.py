"""What is going on between a customer and our staff, for the rules of who speaks."""

from datetime import datetime
from typing import cast

from db.models import Appointment, Customer, FollowUp, Handoff, Lead
from domain.appointment import TAKES_A_PLACE
from domain.lead import HELD_BY_ADVISER
from domain.links import SpeakingFacts
from domain.pools import Link

NO_CONTACT = "note"


async def speaking_facts(customer: Customer, since: datetime) -> SpeakingFacts:
    """Who is in conversation with this customer; what was before `since` does not matter."""
    open_leads = Lead.filter(customer_id=customer.id, open_key__isnull=False)
    states = {row.id: row.state for row in await open_leads}
    contacted_at, agreed = await _followed_up(list(states), since)
    drives = Appointment.filter(customer_id=customer.id, start_at__gt=since)
    coming = drives.filter(state__in=[str(s) for s in TAKES_A_PLACE]).order_by("start_at")
    if drive := await coming.first():
        agreed.append(drive.start_at)
    return SpeakingFacts(
        link=cast(Link, customer.link),
        in_handoff=await Handoff.exists(open_customer_id=customer.id),
        adviser_holds=any(state in HELD_BY_ADVISER for state in states.values()),
        contacted_at=contacted_at,
        agreed_at=min(agreed, default=None),
    )


async def _followed_up(
    lead_ids: list[int], since: datetime
) -> tuple[datetime | None, list[datetime]]:
    """When staff last tried the customer, and what the newest record of each lead agrees."""
    if not lead_ids:
        return None, []
    logged = FollowUp.filter(lead_id__in=lead_ids, undone_at__isnull=True)
    tried = logged.exclude(result=NO_CONTACT).order_by("-occurred_at")
    last = await tried.first()
    newest = {row.lead_id: row for row in reversed(await logged.order_by("-id").limit(20))}
    agreed = [
        at
        for row in newest.values()
        for at in (row.next_follow_up_at, row.appointment_at)
        if at and at > since
    ]
    return (last.occurred_at if last else None), agreed
