"""Straight answers to a customer's questions, from catalogue, policy and organisation."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.customer import places
from bot.customer.places import Place
from db.models import CarModel
from handlers.policies import policy_for
from texts import faq, talk

YUAN_PER_WAN = 10_000
ANY = "any"
"""The key of an offer for all models."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it is about. `places` are the dealers it would be about."""

    text: str
    models: tuple[str, ...]
    named: bool  # in the question itself, not before
    city: str
    places: Sequence[Place]
    near: bool  # the places are by distance, not by town
    now: datetime
    tz: str


async def answer_to(question: str, asked: Asked) -> str:
    """What to say to a question of the customer; "faq" is answered from the FAQ file."""
    return await _ANSWERS[question](asked)


async def _models(asked: Asked) -> list[CarModel]:
    found = {m.code: m for m in await CarModel.filter(code__in=list(asked.models))}
    return [found[code] for code in asked.models if code in found]


async def _price(asked: Asked) -> str:
    models = await _models(asked)
    return "\n".join(
        talk.line("price" if m.price_low else "price_unknown", model=m.name, **_range(m))
        for m in models
    )


async def _about(asked: Asked) -> str:
    models = await _models(asked)
    if not models:
        on_sale = await CarModel.filter(on_sale=True).order_by("price_low")
        return talk.line("models_all", models=talk.listed([m.name for m in on_sale]))
    told = [_described(m) for m in models]
    return "\n".join(told if asked.named else [*told, talk.line("more_details")])


def _described(model: CarModel) -> str:
    highlights = talk.listed(list(model.highlights))
    if not (highlights and model.price_low):
        return talk.line("model_plain", model=model.name)
    return talk.line("model", model=model.name, highlights=highlights, **_range(model))


async def _compare(asked: Asked) -> str:
    models = await _models(asked)
    lines = [
        talk.line(
            "compare_line",
            model=m.name,
            energy=talk.energy(m.energy),
            highlights=talk.listed(list(m.highlights)),
            **_range(m),
        )
        for m in models
    ]
    if len(models) > 1:
        return "\n".join([*lines, talk.line("compare_end")])
    if models:
        return talk.line("compare_other", models=lines[0])
    return await _about(asked)


async def _offers(asked: Asked) -> str:
    """What the policy of the customer's dealer, region or brand has on offer for the model."""
    dealer = asked.places[0].dealer if asked.places else None
    offers = (await policy_for(dealer)).offers
    found = [offers[key] for key in (*asked.models, ANY) if key in offers]
    return talk.line("offers", offers="\n".join(found)) if found else talk.line("offers_none")


async def _stock(asked: Asked) -> str:
    models = await _models(asked)
    return talk.line("stock", model=models[0].name) if models else talk.line("stock_any")


async def _finance(asked: Asked) -> str:
    return talk.line("finance")


async def _trade_in(asked: Asked) -> str:
    return talk.line("trade_in")


async def _dealers(asked: Asked) -> str:
    models = await _models(asked)
    where = talk.line("near_you") if asked.near else asked.city
    about = {"where": where, "model": models[0].name if models else ""}
    if not asked.places:
        key = "no_dealer_of_model" if models else "no_dealer_here"
        return talk.line(key, **{**about, "where": asked.city or talk.line("here")})
    listing = places.listing(asked.places, asked.now, asked.tz)
    key = "dealers_of_model" if models else "dealers"
    return talk.line(key, dealers=listing, **about)


async def _faq(asked: Asked) -> str:
    return faq.find_answer(asked.text)


def _range(model: CarModel) -> dict[str, str]:
    low, high = (model.price_low or 0, model.price_high or 0)
    return {"low": f"{low / YUAN_PER_WAN:.4g}", "high": f"{high / YUAN_PER_WAN:.4g}"}


_ANSWERS: dict[str, Callable[[Asked], Awaitable[str]]] = {
    "ask_price": _price,
    "ask_model": _about,
    "compare": _compare,
    "promotion": _offers,
    "finance": _finance,
    "trade_in": _trade_in,
    "stock": _stock,
    "find_dealer": _dealers,
    "faq": _faq,
}
