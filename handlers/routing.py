"""Which dealer an interest goes to."""

from datetime import timedelta

from tortoise.functions import Count

from db.models import Dealer, Lead
from domain.commands import IngestLead
from domain.dispatch import DealerFacts, DealerWish, choose_dealer
from domain.reasons import Reason
from handlers.tx import Tx

DAY = timedelta(days=1)
_SAME_CITY_LETTERS = 2  # a city is written with or without its suffix; the domain compares in full


async def dealer_for(
    command: IngestLead, prior: list[Lead], tx: Tx
) -> tuple[Dealer | None, dict[str, object]]:
    """The dealer and why (a reason as JSON); None when the brand has to decide."""
    known = {d.code: d for d in await _candidates(command, prior, tx)}
    if _is_anywhere(command, prior) and len(known) > 1:
        return None, Reason.of("city_unknown").as_json()
    wish = DealerWish(
        dealer_code=command.interest.dealer_code,
        city=command.person.city,
        model=command.interest.model,
        previous_dealer_code=next((x.dealer_id for x in prior if x.dealer_id in known), None),
    )
    today = await _assigned_today(command, list(known)) if len(known) > 1 else {}
    choice = choose_dealer(wish, [facts_of(d, today.get(d.code, 0)) for d in known.values()])
    return known.get(choice.code or ""), choice.reason.as_json()


def _is_anywhere(command: IngestLead, prior: list[Lead]) -> bool:
    """Nothing says where the customer is."""
    been = any(lead.dealer_id for lead in prior)
    return not (command.interest.dealer_code or command.person.city or been)


async def _candidates(command: IngestLead, prior: list[Lead], tx: Tx) -> list[Dealer]:
    """The chosen dealer alone if it is open, else those of the city, else the previous ones."""
    city = command.person.city
    if command.interest.dealer_code:
        chosen = await tx.see(Dealer, command.interest.dealer_code)
        if chosen.open:
            return [chosen]
        return [chosen, *await Dealer.filter(city=chosen.city).exclude(code=chosen.code)]
    if city:
        return await Dealer.filter(city__startswith=city[:_SAME_CITY_LETTERS])
    previous = [lead.dealer_id for lead in prior if lead.dealer_id]
    return await Dealer.filter(code__in=previous) if previous else await Dealer.all().limit(2)


async def _assigned_today(command: IngestLead, codes: list[str]) -> dict[str, int]:
    recent = Lead.filter(dealer_id__in=codes, opened_at__gte=command.occurred_at - DAY)
    rows = await recent.annotate(n=Count("id")).group_by("dealer_id").values("dealer_id", "n")
    return {row["dealer_id"]: row["n"] for row in rows}


def facts_of(dealer: Dealer, assigned_today: int) -> DealerFacts:
    """A dealer as dispatch sees it."""
    models = dealer.models if isinstance(dealer.models, list) else []
    return DealerFacts(
        code=dealer.code,
        city=dealer.city,
        region=dealer.region_id,
        lat=dealer.lat,
        lng=dealer.lng,
        open=dealer.open,
        sells_all=dealer.models == "all",
        models=frozenset(models),
        quota=dealer.quota,
        quality=dealer.quality,
        assigned_today=assigned_today,
    )
