"""Every customer is in exactly one pool, worked out from facts; a move keeps its reason."""

from zoneinfo import ZoneInfo

from db.models import Customer, Defeat, Identity, Lead, PoolMove
from db.queries.pool_facts import LOST, standing
from domain import events as fact
from domain.consent import may_contact
from domain.events import ConsentChanged, HandedOver, LeadEvent, PoolMoved
from domain.pools import PoolDecision, PoolFacts, pool_of
from handlers import consents, policies
from handlers.tx import SYSTEM, Tx

CAUSES: dict[type[LeadEvent], str] = {
    fact.FollowUpLogged: "follow_up",
    fact.FollowUpUndone: "follow_up",
    fact.LevelLowered: "missed_cycles",
}
"""What the history of moves calls an event that names no cause of its own."""

CONSENT, CHECK = "consent", "check"
LOOKED_AT_ANYHOW = frozenset({CONSENT, CHECK})
"""Causes by which somebody may have come to be in no pool at all, or in another than is kept."""


async def repool_lead(event: LeadEvent, tx: Tx) -> None:
    """Something happened to a lead: its customer may belong elsewhere now."""
    lead = await tx.get(Lead, event.lead_id)
    own = getattr(event, "cause", "") or getattr(event, "state", "")
    cause = own or CAUSES.get(type(event), "")
    await repool(tx, await tx.get(Customer, lead.customer_id), cause)


async def repool_customer(event: ConsentChanged, tx: Tx) -> None:
    """Consent came or went."""
    await repool(tx, await tx.get(Customer, event.customer_id), CONSENT)


async def repool(tx: Tx, customer: Customer, cause: str) -> None:
    """Put the customer into the pool the facts say; keep a move, and state a hand-over."""
    leads = await _leads(tx, customer)
    decision = await _decide(customer, leads)
    before_pool, before_link = customer.pool, customer.link
    customer.pool, customer.link = decision.pool, decision.link
    customer.pool_reason = decision.reason.as_json()
    if before_pool != decision.pool or customer.created_at == tx.now or cause in LOOKED_AT_ANYHOW:
        await _move(tx, customer, decision, leads, cause)
    if before_pool != decision.pool:
        tx.note(
            "pool_moved",
            SYSTEM,
            customer_id=customer.id,
            before=before_pool,
            pool=decision.pool,
            why=decision.reason.as_json(),
        )
        tx.emit(PoolMoved(customer.id, before_pool, decision.pool))
    if before_link != decision.link and decision.link != "none" and leads:
        tx.emit(HandedOver(customer.id, before_link, decision.link, cause))


async def end_stay(tx: Tx, customer: Customer) -> None:
    """The customer leaves the pool they are in."""
    stay = await PoolMove.get_or_none(open_customer_id=customer.id)
    if stay:
        await _end(tx, stay)


async def _end(tx: Tx, stay: PoolMove) -> None:
    """The place is free in the database at once."""
    stayed_s = max(0, int((tx.now - stay.at).total_seconds()))
    left = {"open_customer_id": None, "left_at": tx.now, "stayed_s": stayed_s}
    await PoolMove.filter(id=stay.id).update(**left)


async def _move(
    tx: Tx, customer: Customer, decision: PoolDecision, leads: list[Lead], cause: str
) -> None:
    """Also for who is in no pool at all: new, or taken out of a merge."""
    stay = await PoolMove.get_or_none(open_customer_id=customer.id)
    if stay and stay.pool == decision.pool:
        return
    if stay:
        await _end(tx, stay)
    counted = next((lead for lead in leads if lead.open_key), leads[0] if leads else None)
    await PoolMove.create(
        customer_id=customer.id,
        open_customer_id=customer.id,
        before=stay.pool if stay else "",
        pool=decision.pool,
        link=decision.link,
        reason=decision.reason.as_json(),
        cause=cause,
        lead_id=counted.id if counted else None,
        source=counted.source if counted else "",
        model_code=counted.model_code if counted else None,
        dealer_code=counted.dealer_id if counted else None,
        at=tx.now,
        day=tx.now.astimezone(ZoneInfo(tx.tz)).date().isoformat(),
    )


async def _leads(tx: Tx, customer: Customer) -> list[Lead]:
    """The customer's leads as this transaction leaves them, newest first."""
    rows = await Lead.filter(customer_id=customer.id).order_by("-opened_at", "-id")
    return [tx.watch(row) for row in rows]


async def _decide(customer: Customer, leads: list[Lead]) -> PoolDecision:
    policy = await policies.policy_for(None)
    lost = [lead.id for lead in leads if lead.state in LOST]
    asked = Defeat.filter(lead_id__in=lost).order_by("id")
    reasons = {row.lead_id: row.reason for row in await asked} if lost else {}
    facts = PoolFacts(
        has_phone=await Identity.exists(customer_id=customer.id, kind="phone"),
        may_contact=may_contact(await consents.purposes_of(customer)),
        opted_out=customer.opted_out_at is not None,
        leads=tuple(standing(lead, reasons.get(lead.id), policy) for lead in leads),
    )
    return pool_of(facts, policy.levels)
