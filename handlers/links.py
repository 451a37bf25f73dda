"""Two links, one conversation: who may speak now, and what both sides hear of a hand-over."""

from datetime import timedelta

from db.models import Approval, Assignment, Customer, Defeat, HandOver
from db.queries.links import speaking_facts
from domain.events import CustomerActed, HandedOver, IntentShown
from domain.links import MaySpeak, brand_may_speak, intent_rises
from handlers import policies
from handlers.tx import SYSTEM, Notice, Tx

DEFEATED = "defeated"
DORMANT = "dormant"


async def may_brand_speak(customer: Customer, tx: Tx) -> MaySpeak:
    """Whether a touch may go to this customer now; asked when it is planned and when it is sent.

    Only about the two links: consent, opt-out, quiet hours and caps are asked for elsewhere.
    """
    days = (await policies.policy_for(None)).links.fresh_contact_days
    fresh = timedelta(days=days)
    return brand_may_speak(await speaking_facts(customer, tx.now - fresh), tx.now, fresh)


async def notice_intent(event: CustomerActed, tx: Tx) -> None:
    """An act of a customer the brand leads may be the moment to hand them to a dealer."""
    customer = await tx.get(Customer, event.customer_id)
    if intent_rises(customer.pool, customer.link, event.act, event.signals):
        tx.emit(IntentShown(customer.id, event.act, event.signals))


async def tell_both_sides(event: HandedOver, tx: Tx) -> None:
    """On the timeline for all, in the figures for the brand, and as words to the dealer's side."""
    customer = await tx.get(Customer, event.customer_id)
    why = customer.pool_reason
    tx.note(
        "handed_over",
        SYSTEM,
        customer_id=customer.id,
        before=event.before,
        link=event.link,
        cause=event.cause,
        why=why,
    )
    held = await _dealers_side(tx, customer)
    dealer, staff = (held[0].dealer_code, held[0].staff_id) if held else (None, None)
    tx.append(
        HandOver(
            customer_id=customer.id,
            before=event.before,
            link=event.link,
            cause=event.cause,
            reason=why,
            lead_id=held[0].lead_id if held else None,
            dealer_code=dealer,
            staff_id=staff,
            at=tx.now,
        )
    )
    for assignment in held:
        if not await _knows(event, assignment, tx):
            _tell_adviser(tx, event, assignment)


async def _dealers_side(tx: Tx, customer: Customer) -> list[Assignment]:
    """The assignments that hold this customer, or did until this moment; the newest first."""
    last: dict[int, Assignment] = {}
    for row in await Assignment.filter(lead__customer_id=customer.id).order_by("id"):
        last[row.lead_id] = tx.watch(row)
    held = [row for row in last.values() if row.ended_at in (None, tx.now)]
    return sorted(held, key=lambda row: -row.id)


async def _knows(event: HandedOver, held: Assignment, tx: Tx) -> bool:
    """By the card of a new assignment, by the decision they asked for, or as their own doing."""
    if event.link == "dealer":
        return event.cause == "follow_up" or tx.now in (held.assigned_at, held.ended_at)
    by = f"staff:{held.staff_id}"
    if event.cause == DORMANT:
        return await Approval.exists(lead_id=held.lead_id, kind=DORMANT, asked_by=by)
    asked_by_them = Defeat.filter(lead_id=held.lead_id, requested_by=by)
    return event.cause == DEFEATED and await asked_by_them.exists()


def _tell_adviser(tx: Tx, event: HandedOver, held: Assignment) -> None:
    name = {"dealer": "handed_to_you", "brand": "brand_takes_over"}[event.link]
    data: dict[str, object] = {"lead_id": held.lead_id}
    key = f"{name}:{held.id}:{tx.mark}"
    lane = "urgent" if event.link == "dealer" else "normal"
    tx.notify(Notice(name, key, data, staff=held.staff_id, lead=held.lead_id, lane=lane))
