"""Every customer is in exactly one pool, worked out from facts; a move keeps its reason."""

from db.models import Customer, Defeat, Identity, Lead
from domain.consent import may_contact
from domain.defeat import resistance
from domain.events import ConsentChanged, LeadEvent
from domain.lead import LeadState
from domain.pools import LeadStanding, PoolFacts, pool_of
from handlers import consents, policies
from handlers.tx import SYSTEM, Tx


async def repool_lead(event: LeadEvent, tx: Tx) -> None:
    """Something happened to a lead: its customer may belong elsewhere now."""
    lead = await tx.get(Lead, event.lead_id)
    await repool(tx, await tx.get(Customer, lead.customer_id))


async def repool_customer(event: ConsentChanged, tx: Tx) -> None:
    """Consent came or went."""
    await repool(tx, await tx.get(Customer, event.customer_id))


async def repool(tx: Tx, customer: Customer) -> None:
    """Put the customer into the pool the facts say; note a move and a hand-over."""
    facts = await _facts(tx, customer)
    decision = pool_of(facts, (await policies.policy_for(None)).levels)
    before_pool, before_link = customer.pool, customer.link
    customer.pool, customer.link = decision.pool, decision.link
    customer.pool_reason = decision.reason.as_json()
    if before_pool != decision.pool:
        tx.note(
            "pool_moved",
            SYSTEM,
            customer_id=customer.id,
            before=before_pool,
            pool=decision.pool,
            why=decision.reason.as_json(),
        )
    if before_link != decision.link and decision.link != "none" and facts.leads:
        tx.note(
            "handed_over",
            SYSTEM,
            customer_id=customer.id,
            before=before_link,
            link=decision.link,
            why=decision.reason.as_json(),
        )


async def _facts(tx: Tx, customer: Customer) -> PoolFacts:
    rows = await Lead.filter(customer_id=customer.id).order_by("-opened_at", "-id")
    leads = [tx.watch(row) for row in rows]
    return PoolFacts(
        has_phone=await Identity.exists(customer_id=customer.id, kind="phone"),
        may_contact=may_contact(await consents.purposes_of(customer)),
        opted_out=customer.opted_out_at is not None,
        leads=tuple([await _standing(lead) for lead in leads]),
    )


async def _standing(lead: Lead) -> LeadStanding:
    if lead.state not in {LeadState.DEFEATED, LeadState.INVALID}:
        return LeadStanding(lead.state, lead.level)
    defeat = await Defeat.filter(lead_id=lead.id).order_by("-id").first()
    reason = defeat.reason if defeat else "other"
    policy = await policies.policy_for(None)
    return LeadStanding(lead.state, lead.level, resistance(reason, policy))
