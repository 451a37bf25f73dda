"""Which dealer serves a customer who comes back: their old one, unless another would do better."""

from db.models import Assignment, Customer, Dealer, Lead, Staff
from domain.dispatch import DealerWish, choose_dealer
from domain.links import WayBack, way_back
from handlers.acquaintance import last_time
from handlers.routing import facts_of
from handlers.tx import Tx

_SAME_CITY_LETTERS = 2  # a city is written with or without its suffix; the domain compares in full


async def dealer_for(tx: Tx, customer: Customer, lost: Lead | None) -> str | None:
    """The dealer's code; None while the brand has to decide."""
    here = await tx.find(Dealer, lost.dealer_id) if lost and lost.dealer_id else None
    known = await _known(lost) if lost and here else WayBack()
    if lost and here and await _is_good_enough(here, lost, known):
        return here.code
    return await _better(customer, lost, here, known) or (here.code if here else None)


async def _known(lost: Lead) -> WayBack:
    held = Assignment.filter(lead_id=lost.id, dealer_code=lost.dealer_id)
    last = await held.order_by("-id").first()
    return way_back(await last_time(last)) if last else WayBack()


async def _is_good_enough(here: Dealer, lost: Lead, known: WayBack) -> bool:
    if known.elsewhere or not here.open or not facts_of(here, 0).sells(lost.model_code):
        return False
    if not known.avoided:
        return True
    others = Staff.filter(dealer_id=here.code, role="adviser", active=True)
    return await others.exclude(userid__in=list(known.avoided)).exists()


async def _better(
    customer: Customer, lost: Lead | None, here: Dealer | None, known: WayBack
) -> str | None:
    """The nearest, or by share and quality; too far away a dealer only yields to a nearer one."""
    city = (lost.city if lost else "") or customer.city or (here.city if here else "")
    if not city:
        return None
    dealers = await Dealer.filter(city__startswith=city[:_SAME_CITY_LETTERS], open=True)
    compares = known.elsewhere and customer.lat is not None
    rivals = [d for d in dealers if here is None or d.code != here.code or compares]
    model = lost.model_code if lost else None
    wish = DealerWish(city=city, model=model, lat=customer.lat, lng=customer.lng)
    return choose_dealer(wish, [facts_of(d, 0) for d in rivals]).code
