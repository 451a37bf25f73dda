"""Whom a customer already knows at a dealer, and whether they should meet again."""

from db.models import Assignment, Customer, Defeat, Lead
from domain.links import LastTime, WayBack, way_back
from domain.scenes import scene_of
from handlers.tx import Tx


async def acquainted(tx: Tx, lead: Lead) -> WayBack:
    """Who held a lead of theirs there last, else whose code they scanned; dispatch prefers them.

    Who is the reason for a defeat there, or gave the customer up without a real try, is avoided.
    Whether somebody is at this dealer and at work, dispatch sees for itself.
    """
    held = Assignment.filter(lead__customer_id=lead.customer_id, dealer_code=lead.dealer_id)
    last = await held.order_by("-id").first()
    if last:
        return way_back(await last_time(last))
    scene = scene_of((await tx.see(Customer, lead.customer_id)).scene)
    return WayBack(scene.value if scene.kind == "staff" else None)


async def last_time(held: Assignment) -> LastTime:
    """How it ended with the adviser of this assignment."""
    asked = Defeat.filter(lead_id=held.lead_id, requested_at__gte=held.assigned_at)
    defeats = await asked.order_by("id")
    approved = [defeat for defeat in defeats if defeat.state == "approved"]
    return LastTime(
        userid=held.staff_id,
        defeat_reason=approved[-1].reason if approved else "",
        doubtful=any(_is_doubtful(defeat) for defeat in defeats),
    )


def _is_doubtful(defeat: Defeat) -> bool:
    suspicious = defeat.state == "approved" and bool(defeat.suspicion.get("suspicious"))
    return suspicious or defeat.state == "rejected"
