"""A customer the brand leads shows intent: graded, dispatched and pooled anew, at once.

The previous adviser has them back, or whoever serves them better. What they did, a touch they
answered before all, is the reason; the story so far is on the card.
"""

from datetime import timedelta

from db.models import Customer, Dealer, Handoff, Lead, Touchpoint
from domain.attribution import PriorLead, attribution_of
from domain.events import IntentShown, LeadOpened, LeadTouched, TouchAnswered
from domain.grading import grade
from domain.lead import CLOSED, LeadState
from domain.levels import is_qualified
from domain.links import intent_rises
from handlers import dispatch, grading, leads, policies, pools
from handlers.open_leads import open_key
from handlers.tx import Tx
from handlers.way_back import dealer_for

NEVER_BACK = frozenset({LeadState.LAPSED, LeadState.INVALID})
"""Closed leads that no act brings back: given to another's file, or never real."""
IN_WORK = frozenset({LeadState.ASSIGNED, LeadState.ACCEPTED})
OUR_TOUCH = "answered_touch"
CAMPAIGN, OFFICIAL = "campaign", "official_account"
"""Sources of a lead that came of an answer to a touch, or of an act on the official account."""


async def come_back_by_touch(event: TouchAnswered, tx: Tx) -> None:
    """An answer to a touch: the touch is the reason of whatever follows."""
    customer = await tx.get(Customer, event.customer_id)
    tx.note(
        "touch_answered",
        "customer",
        customer_id=customer.id,
        touch_id=event.touch_id,
        how=event.how,
    )
    cause = f"touch:{event.touch_id}"
    if intent_rises(customer.pool, customer.link, event.how):
        await _come_back(tx, customer, cause, (OUR_TOUCH,))
    elif event.how != "declined":
        for lead in await _open_leads(tx, customer):
            leads.add_signals(tx, lead, OUR_TOUCH)
            tx.emit(LeadTouched(lead.id, cause))


async def come_back(event: IntentShown, tx: Tx) -> None:
    """An act of intent; when a touch has just brought them back, it only adds to the picture."""
    customer = await tx.get(Customer, event.customer_id)
    back = [lead for lead in await _open_leads(tx, customer) if _is_fresh(lead, tx)]
    for lead in back:
        known = {kind for kind, at, *_ in lead.signals if at == tx.now.isoformat()}
        leads.add_signals(tx, lead, *(kind for kind in event.signals if kind not in known))
    if not back and customer.link == "brand":
        await _come_back(tx, customer, event.act, event.signals)


def _is_fresh(lead: Lead, tx: Tx) -> bool:
    return tx.now in (lead.opened_at, lead.reactivated_at)


async def _come_back(tx: Tx, customer: Customer, cause: str, signals: tuple[str, ...]) -> None:
    still_open = await _open_leads(tx, customer)
    if not still_open:
        await _reopen(tx, customer, cause, signals)
        return
    for lead in still_open:
        if cause.startswith("touch:"):
            leads.add_signals(tx, lead, *signals)  # those of a message are on the lead already
        await _revive(tx, lead, cause)
    await pools.repool(tx, customer, cause)


async def _revive(tx: Tx, lead: Lead, cause: str) -> None:
    """An open lead that had gone cold is warm again: a new period with an adviser begins."""
    dealer = await dispatch.dealer_of(tx, lead) if lead.dealer_id else None
    policy = await policies.policy_for(dealer)
    lead.last_active_at, lead.lowered_steps = tx.now, 0
    if not is_qualified(grade(grading.facts_of(lead), policy, tx.now).level, policy.levels):
        lead.reactivated_at = tx.now
        lead.attribution = "converted" if lead.attribution == "new" else lead.attribution
    await grading.regrade(tx, lead, cause)
    in_talk = await Handoff.exists(open_customer_id=lead.customer_id)
    if lead.state in IN_WORK and not in_talk:
        await dispatch.end_assignment(tx, lead, "handed_back")
        lead.state = LeadState.HELD
    await dispatch.dispatch_opened(LeadTouched(lead.id, cause), tx)


async def _reopen(tx: Tx, customer: Customer, cause: str, signals: tuple[str, ...]) -> None:
    """Nothing is open: the newest lead comes back, or a new one begins where it is better."""
    prior = await Lead.filter(customer_id=customer.id).order_by("-opened_at", "-id")
    lost = next((x for x in prior if x.state in CLOSED - NEVER_BACK), None)
    dealer = await dealer_for(tx, customer, lost)
    source = CAMPAIGN if cause.startswith("touch:") else OFFICIAL
    if lost and lost.dealer_id == dealer and await _is_the_same_interest(tx, lost):
        lead = await tx.get(Lead, lost.id)
        leads.reactivate(tx, lead)
        tx.note("reactivated", "customer", lead=lead, source=source)
        outcome = "reactivated"
    else:
        lead = await tx.add(_new_lead(tx, customer, lost, dealer, source, prior))
        tx.note("captured", "customer", lead=lead, source=source, outcome="created")
        outcome = "created"
    leads.add_signals(tx, lead, *signals)
    tx.append(
        Touchpoint(
            lead_id=lead.id,
            source=source,
            external_id=f"{cause}:{tx.mark}",
            occurred_at=tx.now,
            outcome=outcome,
            created_at=tx.now,
        )
    )
    tx.emit(LeadOpened(lead.id, outcome == "reactivated", cause=cause))


async def _is_the_same_interest(tx: Tx, lost: Lead) -> bool:
    """A delivered car was another wish, and so was one of long ago."""
    dealer = await tx.find(Dealer, lost.dealer_id) if lost.dealer_id else None
    reach = timedelta(days=(await policies.policy_for(dealer)).merge_days)
    return lost.state != LeadState.DELIVERED and lost.last_active_at >= tx.now - reach


def _new_lead(
    tx: Tx,
    customer: Customer,
    lost: Lead | None,
    dealer: str | None,
    source: str,
    prior: list[Lead],
) -> Lead:
    before = [PriorLead(x.state, x.level, x.closed_at) for x in prior]
    same_wish = lost is not None and lost.state != LeadState.DELIVERED
    return Lead(
        customer_id=customer.id,
        dealer_id=dealer,
        open_key=open_key(customer.id, dealer),
        state=LeadState.HELD,
        source=source,
        model_code=lost.model_code if lost and same_wish else None,
        city=lost.city if lost else customer.city,
        attribution=attribution_of(before, "created"),
        opened_at=tx.now,
        last_active_at=tx.now,
        reactivated_at=tx.now if lost else None,
        updated_at=tx.now,
    )


async def _open_leads(tx: Tx, customer: Customer) -> list[Lead]:
    """Those that are open as this transaction leaves them."""
    rows = await Lead.filter(customer_id=customer.id).order_by("id")
    return [lead for lead in map(tx.watch, rows) if lead.open_key]
