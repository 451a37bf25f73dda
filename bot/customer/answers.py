"""Straight answers from the catalogue and the organisation, one per intent."""

from bot.understanding.result import Understanding
from db.models import CarModel, Dealer
from domain.dispatch import distance_km
from texts import customer as words

DEALERS_SHOWN = 3
YUAN_PER_WAN = 10_000


async def answer_to(
    understood: Understanding | None, position: tuple[float, float] | None = None
) -> str:
    """What to say to a customer; a position asks for the nearest dealers."""
    if position:
        return await _nearest(position)
    if understood is None:
        return words.say("other")
    slots = understood.slots
    models = slots.get("models")
    model = (
        await CarModel.get_or_none(code=models[0])
        if isinstance(models, list | tuple) and models
        else None
    )
    intent = understood.label
    if intent == "find_dealer":
        return await _in_city(str(slots.get("city", "")))
    if intent == "ask_price":
        return _price(model) if model else words.say("price_any")
    if intent in {"ask_model", "compare"}:
        return _about(model) if model else words.say("model_unknown")
    return words.say(_PLAIN.get(intent, "other"))


def _price(model: CarModel) -> str:
    return words.say("price", model=model.name, **_range(model))


def _about(model: CarModel) -> str:
    highlights = "、".join(model.highlights)
    return words.say("model", model=model.name, highlights=highlights, **_range(model))


def _range(model: CarModel) -> dict[str, str]:
    low, high = (model.price_low or 0, model.price_high or 0)
    return {"low": f"{low / YUAN_PER_WAN:.4g}", "high": f"{high / YUAN_PER_WAN:.4g}"}


async def _in_city(city: str) -> str:
    if not city:
        return words.say("dealers_ask")
    found = await Dealer.filter(city__startswith=city[:2], open=True).limit(DEALERS_SHOWN)
    return _listed(found) if found else words.say("dealers_none")


async def _nearest(position: tuple[float, float]) -> str:
    placed = await Dealer.filter(open=True, lat__isnull=False, lng__isnull=False)
    placed.sort(key=lambda d: distance_km(position, (d.lat or 0, d.lng or 0)))
    return _listed(placed[:DEALERS_SHOWN]) if placed else words.say("dealers_none")


def _listed(dealers: list[Dealer]) -> str:
    lines = [
        words.say("dealer_line", name=d.name, address=d.address, phone=d.phone) for d in dealers
    ]
    return words.say("dealers", list="\n".join(lines))


_PLAIN = {
    "greet": "greet",
    "promotion": "price_any",
    "finance": "price_any",
    "trade_in": "price_any",
    "stock": "price_any",
    "test_drive": "test_drive",
    "human": "human",
    "complaint": "complaint",
    "after_sales": "after_sales",
    "leave_contact": "leave_contact",
    "thanks": "thanks",
}
"""Intents answered with one sentence."""
