"""Who serves a customer: their adviser, else their dealer's people who are at work."""

from dataclasses import dataclass
from datetime import date, datetime

from db.models import Assignment, Customer, Dealer, Lead, Staff
from domain.business_hours import NeverOpen
from domain.dispatch import AdviserFacts, DealerWish, choose_dealer, is_present
from domain.scenes import scene_of
from handlers import routing
from handlers.calendars import calendar_of, parse_shifts
from handlers.tx import Tx

_SAME_CITY_LETTERS = 2  # a city is written with or without its suffix; the domain compares in full
_RANK = {"dcc": 0, "adviser": 1, "store_manager": 2}
"""Who is asked first at a dealer, after the customer's own adviser."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What is known of who serves a customer; any of it may be missing."""

    lead: Lead | None = None
    adviser: str | None = None
    dealer: Dealer | None = None


async def serving(tx: Tx, customer: Customer, city: str = "", spoken_of: str = "") -> Serving:
    """By the lead in work, else the newest one, the code scanned, the dealer spoken of,
    the city, the place."""
    leads = await Lead.filter(customer_id=customer.id).order_by("-last_active_at", "-id")
    running = Assignment.filter(open_lead_id__in=[lead.id for lead in leads])
    held = await running.order_by("-id").first() if leads else None
    open_leads = [lead for lead in leads if lead.open_key]
    of_held = [lead for lead in leads if held and lead.id == held.lead_id]
    lead = next(iter([*of_held, *open_leads, *leads]), None)
    if lead and lead.dealer_id:
        dealer = await Dealer.get_or_none(code=lead.dealer_id)
        return Serving(lead, held.staff_id if held else None, dealer)
    scene = scene_of(customer.scene)
    if scene.kind == "staff" and (member := await Staff.get_or_none(userid=scene.value)):
        return Serving(lead, member.userid, await Dealer.get_or_none(code=member.dealer_id))
    if scene.kind == "dealer" and (dealer := await Dealer.get_or_none(code=scene.value)):
        return Serving(lead, None, dealer)
    meant = await Dealer.get_or_none(code=spoken_of, open=True) if spoken_of else None
    return Serving(lead, None, meant or await _near(customer, city))


async def _near(customer: Customer, city: str) -> Dealer | None:
    wanted = city or customer.city
    if not wanted and customer.lat is None:
        return None
    named = Dealer.filter(open=True)
    dealers = await (
        named.filter(city__startswith=wanted[:_SAME_CITY_LETTERS]) if wanted else named
    )
    wish = DealerWish(city=wanted, lat=customer.lat, lng=customer.lng)
    choice = choose_dealer(wish, [routing.facts_of(d, 0) for d in dealers])
    return next((d for d in dealers if d.code == choice.code), None)


async def next_person(
    tx: Tx, dealer: Dealer | None, adviser: str | None, asked: list[str]
) -> Staff | None:
    """The next one at work who was not asked yet: the adviser, a DCC, the store's manager.

    Nobody after hours. Other advisers are asked only where the customer has none.
    """
    if dealer and not calendar_of(dealer, tx.tz).is_open(tx.now):
        return None
    first = await Staff.get_or_none(userid=adviser) if adviser else None
    others = await Staff.filter(dealer_id=dealer.code, active=True) if dealer else []
    roles = [role for role in _RANK if role != "adviser" or first is None]
    others = [person for person in others if person.role in roles]
    others.sort(key=lambda person: (_RANK[person.role], person.userid))
    people = [first, *others] if first else others
    free = (p for p in people if p.userid not in asked and _is_at_work(p, tx))
    return next(free, None)


def opening_of(dealer: Dealer | None, tx: Tx) -> datetime:
    """When the dealer next opens; now while it is open, or where nobody knows."""
    if dealer is None:
        return tx.now
    try:
        return calendar_of(dealer, tx.tz).next_opening(tx.now)
    except NeverOpen:
        return tx.now


async def staff_to_tell(dealer: Dealer | None, roles: tuple[str, ...]) -> list[str]:
    """Everybody of the first of these roles that has anybody: at the dealer, its region, all."""
    for role in roles:
        people = Staff.filter(role=role, active=True, wecom=True)
        if role in _RANK:
            people = people.filter(dealer_id=dealer.code if dealer else None)
        elif role == "region_manager":
            people = people.filter(region_id=dealer.region_id if dealer else None)
        found = await people.order_by("userid").values_list("userid", flat=True)
        if found:
            return [str(userid) for userid in found]
    return []


def _is_at_work(person: Staff, tx: Tx) -> bool:
    facts = AdviserFacts(
        userid=person.userid,
        role=person.role,
        on_duty=person.on_duty,
        shifts=parse_shifts(person.shifts, tx.tz),
        leave=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in person.leave),
        active=person.active,
    )
    return is_present(facts, tx.now, tx.tz)
