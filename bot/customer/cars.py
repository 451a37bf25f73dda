"""Cars of the catalogue in words: prices, highlights, comparisons, and which ones suit."""

from collections.abc import Iterable, Sequence

from bot.customer.asides import feature_words
from bot.customer.saying import Pick, Saying
from db.models import CarModel
from domain.showroom import Car, suggest
from texts import talk

YUAN_PER_WAN = 10_000


async def names(codes: Sequence[str]) -> list[str]:
    """What these models are called, those that are unknown left out."""
    return [model.name for model in await _found(codes)]


async def prices(codes: Sequence[str], *, again: bool) -> str:
    """Guide prices; in other words for who has read them already."""
    known = "price_again" if again else "price"
    return "\n".join(
        talk.line(known if m.price_low else "price_unknown", model=m.name, **_range(m))
        for m in await _found(codes)
    )


async def described(codes: Sequence[str]) -> str:
    """Highlights and price of each."""
    return "\n".join(_described(m) for m in await _found(codes))


async def detail(codes: Sequence[str], asked: str) -> str:
    """One thing about a car: the highlight that has it, or that we do not know."""
    return "\n".join(_detail(m, asked) for m in await _found(codes))


async def compared(codes: Sequence[str]) -> str:
    """Two or more side by side; one is spoken of alone, and none is nothing."""
    models = await _found(codes)
    lines = [_line("compare_line", m) for m in models]
    if len(models) > 1:
        return "\n".join([*lines, talk.line("compare_end")])
    return talk.line("compare_other", models=lines[0]) if models else ""


async def every() -> Saying:
    """All names on sale."""
    return Saying(talk.line("models_all", models=talk.listed(await _on_sale())))


async def suggested(features: Sequence[str], budget: int) -> Saying:
    """What suits what they said a car should be and cost, to be tapped for more."""
    models = {m.code: m for m in await CarModel.filter(on_sale=True)}
    wanted = [feature_words(name) for name in features]
    found = [models[c.code] for c in suggest(_cars(models.values()), budget, wanted)]
    if not budget and not wanted:
        return await every()
    if not found:
        return Saying(talk.line("suggest_none", models=talk.listed(await _on_sale())))
    lines = "\n".join(_line("car_line", m) for m in found)
    key = "suggest_budget" if budget else "suggest"
    text = talk.line(key, cars=lines, budget=f"{budget / YUAN_PER_WAN:.4g}")
    picks = [Pick(*pick) for m in found for pick in talk.picks("suggest", model=m.name)]
    return Saying(text, tuple(picks))


async def _found(codes: Sequence[str]) -> list[CarModel]:
    found = {m.code: m for m in await CarModel.filter(code__in=list(codes))}
    return [found[code] for code in codes if code in found]


async def _on_sale() -> list[str]:
    return [m.name for m in await CarModel.filter(on_sale=True).order_by("price_low")]


def _cars(models: Iterable[CarModel]) -> list[Car]:
    return [
        Car(
            m.code,
            m.price_low or 0,
            m.price_high or 0,
            tuple(word.lower() for word in (*m.highlights, m.energy)),
        )
        for m in models
    ]


def _described(model: CarModel) -> str:
    if not (model.highlights and model.price_low):
        return talk.line("model_plain", model=model.name)
    return _line("model", model)


def _detail(model: CarModel, asked: str) -> str:
    told = next((one for one in model.highlights if asked in one), "")
    key = "detail_known" if told else "detail_unknown"
    return talk.line(key, model=model.name, highlight=told, detail=asked)


def _line(key: str, model: CarModel) -> str:
    return talk.line(
        key,
        model=model.name,
        energy=talk.energy(model.energy),
        highlights=talk.listed(list(model.highlights)),
        **_range(model),
    )


def _range(model: CarModel) -> dict[str, str]:
    low, high = (model.price_low or 0, model.price_high or 0)
    return {"low": f"{low / YUAN_PER_WAN:.4g}", "high": f"{high / YUAN_PER_WAN:.4g}"}
