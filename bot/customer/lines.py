"""A step's lines and answers in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.customer import places
from bot.customer.places import Place
from db.models import CarModel, Dealer
from domain.conversation import Line
from texts import talk

DEALER_OR_NOT = frozenset({"contact_consent", "contact_consent_phone", "lead_taken"})
"""Lines that may be said before the dealer is known."""


async def said(lines: Sequence[Line], found: Sequence[Place], now: datetime) -> str:
    """The lines, one under the other."""
    return "\n".join([await _line(line, found, now) for line in lines])


async def _line(line: Line, found: Sequence[Place], now: datetime) -> str:
    params = dict(line.params)
    dealer = await Dealer.get_or_none(code=params.get("dealer") or "")
    filled: dict[str, object] = {
        "model": await _model(params),
        "dealer": dealer.name if dealer else "",
        "address": dealer.address if dealer else "",
        "city": params.get("city") or talk.line("here"),
    }
    if isinstance(at := params.get("at"), datetime):
        filled["at"] = talk.moment(at.astimezone(now.tzinfo), now.date())
    if line.key in DEALER_OR_NOT and not dealer:
        filled["dealer"] = talk.line("some_dealer")
    if "times" in params:
        filled["times"] = talk.numbered(_times(params, now))
    if "dealers" in params:
        shown = [place for place in found if place.dealer.code in set(_codes(params))]
        filled["dealers"] = places.choices(shown)
    return talk.line(line.key, **filled)


async def _model(params: Mapping[str, object]) -> str:
    model = await CarModel.get_or_none(code=params.get("model") or "")
    return model.name if model else ""


def _times(params: Mapping[str, object], now: datetime) -> list[str]:
    times = params["times"]
    found = times if isinstance(times, list) else []
    return [talk.moment(at.astimezone(now.tzinfo), now.date()) for at in found]


def _codes(params: Mapping[str, object]) -> list[str]:
    codes = params["dealers"]
    return list(codes) if isinstance(codes, tuple) else []
