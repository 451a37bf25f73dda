"""How a customer in a campaign stands at this moment: what the rules ask, and what words need."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from db.models import Assignment, CarModel, Customer, Dealer, Enrolment, Identity, Lead, Staff
from db.queries.segments import matches
from db.queries.talks import may_have_subscription, send_ledger
from db.queries.touches import touched_since
from domain.campaign import Flow
from domain.consent import may_market
from domain.contact_limits import TOUCH_PERIOD, remaining
from domain.remarketing import Standing
from domain.wording import filled
from handlers import consents, links
from handlers.serving import staff_to_tell
from handlers.tx import Tx

NOT_THE_BRANDS = frozenset({"dealer_leads", "nobody_leads"})
TASK_ROLES = ("dcc", "store_manager")


@dataclass(frozen=True, slots=True)
class Situation:
    """One customer now; `openid` is empty when they do not follow the account."""

    standing: Standing
    openid: str = ""
    adviser: str | None = None
    dealer: Dealer | None = None
    lead_id: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def say(self, template: str) -> str:
        return filled(template, self.words)


async def look(customer: Customer, enrolment: Enrolment, flow: Flow, tx: Tx) -> Situation:
    """All that counts for the next step of this customer; the enrolment need not be a row."""
    lead = await _lead(customer, enrolment)
    dealer = await tx.find(Dealer, lead.dealer_id) if lead and lead.dealer_id else None
    adviser = await _adviser(lead, dealer)
    openid = await _openid(customer.id)
    return Situation(
        standing=await _standing(customer, enrolment, flow, openid, adviser, tx),
        openid=openid,
        adviser=adviser.userid if adviser else None,
        dealer=dealer,
        lead_id=lead.id if lead else None,
        words=await _words(customer, lead, dealer, adviser, tx),
    )


async def _standing(
    customer: Customer,
    enrolment: Enrolment,
    flow: Flow,
    openid: str,
    adviser: Staff | None,
    tx: Tx,
) -> Standing:
    may = await links.may_brand_speak(customer, tx)
    brand_leads = may.allowed or may.reason.code not in NOT_THE_BRANDS
    step = flow.steps[enrolment.step] if enrolment.step < len(flow.steps) else None
    only_if = step.only_if if step else None
    window = remaining(await send_ledger(customer.id, tx.now), tx.now) if openid else None
    return Standing(
        opted_out=customer.opted_out_at is not None,
        may_market=may_market(await consents.purposes_of(customer)),
        brand_leads=brand_leads,
        in_talk=brand_leads and not may.allowed,
        condition_met=only_if is None or await matches(only_if, customer.id, tx.now),
        follows=bool(openid),
        window=bool(window and window.left),
        subscribed=bool(openid) and await may_have_subscription(customer.id),
        adviser=adviser is not None,
        late=tx.now >= enrolment.watched_until + flow.grace,
        touches=await touched_since(customer.id, tx.now - TOUCH_PERIOD),
    )


async def _lead(customer: Customer, enrolment: Enrolment) -> Lead | None:
    """The one that brought them in, else the newest."""
    leads = Lead.filter(customer_id=customer.id)
    if enrolment.lead_id and (lead := await leads.get_or_none(id=enrolment.lead_id)):
        return lead
    return await leads.order_by("-last_active_at", "-id").first()


async def _adviser(lead: Lead | None, dealer: Dealer | None) -> Staff | None:
    """Who knows them at the dealer; else whoever invites or leads there."""
    if lead is None or dealer is None:
        return None
    held = (
        await Assignment.filter(lead_id=lead.id, dealer_code=dealer.code).order_by("-id").first()
    )
    if held:
        known = await Staff.get_or_none(userid=held.staff_id, active=True, dealer_id=dealer.code)
        if known:
            return known
    others = await staff_to_tell(dealer, TASK_ROLES)
    return await Staff.get_or_none(userid=others[0]) if others else None


async def _openid(customer_id: int) -> str:
    known = Identity.filter(customer_id=customer_id, kind="openid", subscribed=True)
    found = await known.order_by("-id").first()
    return found.value if found else ""


async def _words(
    customer: Customer, lead: Lead | None, dealer: Dealer | None, adviser: Staff | None, tx: Tx
) -> dict[str, str]:
    model = await tx.find(CarModel, lead.model_code) if lead and lead.model_code else None
    return {
        "name": customer.name,
        "model": model.name if model else "",
        "dealer": dealer.name if dealer else "",
        "adviser": adviser.name if adviser else "",
        "city": customer.city or (lead.city if lead else ""),
    }
