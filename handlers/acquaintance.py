"""Whom a customer already knows at a dealer."""

from db.models import Assignment, Customer, Lead
from domain.scenes import scene_of
from handlers.tx import Tx


async def known_adviser(tx: Tx, lead: Lead) -> str | None:
    """Who held a lead of theirs there last, else whose code they scanned; dispatch prefers them.

    Whether that adviser is at this dealer and at work, dispatch sees for itself.
    """
    held = Assignment.filter(lead__customer_id=lead.customer_id, dealer_code=lead.dealer_id)
    last = await held.order_by("-id").first()
    if last:
        return last.staff_id
    scene = scene_of((await tx.see(Customer, lead.customer_id)).scene)
    return scene.value if scene.kind == "staff" else None
