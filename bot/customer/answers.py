"""Straight answers to a customer's questions, from catalogue, policy and organisation."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.customer import cars, places
from bot.customer.frequent import frequent
from bot.customer.places import Place
from bot.customer.saying import Saying
from db.models import Dealer
from domain.conversation import Heard
from handlers.policies import policy_for
from texts import talk

ANY = "any"
"""The key of an offer for all models."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it is about. `places` are the dealers it would be about.

    `dealer` is the one spoken of; `again`: they have read the usual answer already.
    """

    text: str
    heard: Heard
    models: tuple[str, ...]
    budget: int
    city: str
    dealer: str
    places: Sequence[Place]
    near: bool  # the places are by distance, not by town
    again: bool
    now: datetime
    tz: str


async def answer_to(question: str, asked: Asked) -> Saying:
    """What to say to a question of the customer; "faq" is answered from the FAQ."""
    answer = await _ANSWERS[question](asked)
    return answer if isinstance(answer, Saying) else Saying(answer)


async def _price(asked: Asked) -> str:
    return await cars.prices(asked.models, again=asked.again)


async def _about(asked: Asked) -> str | Saying:
    if not asked.models:
        return await cars.every()
    if asked.heard.detail:
        return await cars.detail(asked.models, asked.heard.detail)
    if asked.again:
        return talk.line("more_details")
    told = await cars.described(asked.models)
    return told if asked.heard.models else f"{told}\n{talk.line('more_details')}"


async def _suggest(asked: Asked) -> Saying:
    return await cars.suggested(asked.heard.features, asked.budget)


async def _compare(asked: Asked) -> str | Saying:
    return await cars.compared(asked.models) or await _about(asked)


async def _offers(asked: Asked) -> str:
    """What the policy of the customer's dealer, region or brand has on offer for the model."""
    dealer = asked.places[0].dealer if asked.places else None
    offers = (await policy_for(dealer)).offers
    found = [offers[key] for key in (*asked.models, ANY) if key in offers]
    if found:
        return talk.line("offers", offers="\n".join(found))
    return talk.line("offers_again" if asked.again else "offers_none")


async def _stock(asked: Asked) -> str:
    names = await cars.names(asked.models)
    if asked.again:
        return talk.line("stock_again")
    return talk.line("stock", model=names[0]) if names else talk.line("stock_any")


async def _finance(asked: Asked) -> str:
    return talk.line("finance_again" if asked.again else "finance")


async def _trade_in(asked: Asked) -> str:
    return talk.line("trade_in_again" if asked.again else "trade_in")


async def _sells(asked: Asked) -> str:
    """Whether the store spoken of has the car; if not, which one nearby has."""
    dealer = await Dealer.get(code=asked.dealer)
    about = {"dealer": dealer.name, "model": (await cars.names(asked.models))[0]}
    others = [place.dealer for place in asked.places]
    if dealer.code in {other.code for other in others}:
        return talk.line("sells", **about)
    if others:
        named = talk.listed([other.name for other in others])
        return talk.line("sells_elsewhere", **about, others=named)
    return talk.line("sells_not", **about)


async def _dealers(asked: Asked) -> str | Saying:
    names = await cars.names(asked.models)
    model = names[0] if names else ""
    meant = await _meant(asked)
    if not meant:
        return await _no_dealer(asked, model)
    if asked.heard.about:
        shown = meant[:1] if asked.near else meant[: places.MOST_DESCRIBED]
        told = (places.about(asked.heard.about, p, asked.now, asked.tz) for p in shown)
        return "\n".join(told)
    listing = places.listing(meant, asked.now, asked.tz)
    if len(meant) == 1:
        return Saying(listing, article=places.article(meant[0], asked.now, asked.tz))
    where = talk.line("near_you") if asked.near else asked.city
    key = "dealers_of_model" if model else "dealers"
    return talk.line(key, dealers=listing, where=where, model=model)


async def _meant(asked: Asked) -> Sequence[Place]:
    """The store they name, whether it has the car or not; else those that come into question."""
    if asked.heard.dealer and not asked.heard.models:
        return await places.by_code([asked.heard.dealer], "", None)
    return asked.places[:1] if asked.heard.here else asked.places


async def _no_dealer(asked: Asked, model: str) -> str:
    towns = talk.listed(await places.towns(asked.models[0] if model else ""))
    key = "no_dealer_of_model" if model else "no_dealer_here"
    if not asked.heard.city:
        return talk.line("dealers_in", towns=towns)
    return talk.line(key, where=asked.city or talk.line("here"), model=model, towns=towns)


async def _faq(asked: Asked) -> str:
    if asked.again:
        return talk.line("faq_again")
    entry = await frequent(asked.text)
    return entry.answer if entry else talk.line("unknown")


_ANSWERS: dict[str, Callable[[Asked], Awaitable[str | Saying]]] = {
    "ask_price": _price,
    "ask_model": _about,
    "suggest": _suggest,
    "compare": _compare,
    "promotion": _offers,
    "finance": _finance,
    "trade_in": _trade_in,
    "stock": _stock,
    "sells": _sells,
    "find_dealer": _dealers,
    "faq": _faq,
}
