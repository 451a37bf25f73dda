"""What consent given or withdrawn does to leads: held ones go out, running ones come back."""

from db.models import Customer, Lead
from domain.consent import may_dispatch
from domain.events import ConsentChanged, LeadOpened
from domain.lead import LeadState
from domain.reasons import Reason
from handlers import consents, dispatch
from handlers.tx import Tx


async def consent_changed(event: ConsentChanged, tx: Tx) -> None:
    """With consent, held leads go out; without, running ones come back and stay."""
    customer = await tx.get(Customer, event.customer_id)
    agreed = may_dispatch(await consents.purposes_of(customer))
    open_leads = Lead.filter(customer_id=customer.id, open_key__isnull=False).order_by("id")
    for lead_id in await open_leads.values_list("id", flat=True):
        lead = await tx.get(Lead, lead_id)
        if customer.opted_out_at:
            await _take_back(tx, lead, Reason.of("opted_out"))
        elif not agreed and lead.state != LeadState.HELD:
            await _take_back(tx, lead, Reason.of("no_consent"))
        else:
            await dispatch.dispatch_opened(LeadOpened(lead.id), tx)


async def _take_back(tx: Tx, lead: Lead, why: Reason) -> None:
    if lead.state != LeadState.ORDERED:
        await dispatch.end_assignment(tx, lead, why.code)
        dispatch.hold(tx, lead, why)
