"""Erase a person and keep the statistics."""

from db.models import Consent, Customer, FollowUp, Identity, Lead, TimelineEvent, Touchpoint
from domain.commands import EraseCustomer
from domain.lead import CLOSED, LeadState
from handlers import followups, pools
from handlers.tx import Tx

KEPT = (
    "level",
    "before",
    "reasons",
    "result",
    "way",
    "reason",
    "pool",
    "link",
    "userid",
    "source",
)
"""What a timeline line may keep: facts of the work, nothing the person said."""


async def erase_customer(command: EraseCustomer, tx: Tx) -> None:
    """Remove names, phones, ids and words; counts, levels and times stay. Safe to run again."""
    customer = await tx.get(Customer, command.customer_id)
    for lead_id in await Lead.filter(customer_id=customer.id).values_list("id", flat=True):
        lead = await tx.get(Lead, lead_id)
        lead.message = ""
        await Touchpoint.filter(lead_id=lead.id).update(data={})
        await FollowUp.filter(lead_id=lead.id).update(note="", slots={})
        if lead.state not in CLOSED:
            await followups.close(tx, lead, LeadState.LAPSED)
    for line in await TimelineEvent.filter(customer_id=customer.id):
        line.data = {name: value for name, value in line.data.items() if name in KEPT}
        await line.save(update_fields=["data"])
    await Identity.filter(customer_id=customer.id).delete()
    await Consent.filter(customer_id=customer.id).delete()
    customer.name = customer.city = customer.scene = ""
    customer.lat = customer.lng = None
    customer.erased_at = customer.opted_out_at = tx.now
    tx.note("erased", command.by, customer_id=customer.id)
    await pools.repool(tx, customer)
