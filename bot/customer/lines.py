"""A step's lines in words, with what can be tapped below them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.customer import places
from bot.customer.places import Place
from bot.customer.saying import Pick, Saying
from bot.wechat.xml import Article
from db.models import CarModel, Dealer
from domain.conversation import Line
from texts import talk

DEALER_OR_NOT = frozenset({"contact_consent", "contact_consent_phone", "lead_taken"})
"""Lines that may be said before the dealer is known."""
LISTS = ("times", "dealers", "choices")
_LIST = "\x1f"


@dataclass(frozen=True, slots=True)
class Now:
    """What the words depend on besides the line itself."""

    places: Sequence[Place]
    at: datetime
    tz: str


async def said(lines: Sequence[Line], now: Now) -> Saying:
    """The lines, one under the other; a list to choose from stands where its line has it.

    An article still lacks the address of its page.
    """
    told, tapped, chosen = [], [], []
    filled: dict[str, object] = {}
    for line in lines:
        filled = await _filled(line, now)
        told.append(talk.line(line.key, **filled))
        if any(talk.has_place_for(line.key, name) for name in LISTS):
            chosen = _choices(line, now, filled)
        else:
            tapped += [Pick(*pick) for pick in talk.picks(line.key, **filled)]
    head, has_list, tail = "\n".join(told).partition(_LIST)
    if has_list:
        return Saying(head.strip("\n"), tuple(chosen), True, tail.strip("\n"))
    shown = talk.article(lines[0].key, **filled) if len(lines) == 1 else None
    return Saying(head, tuple(tapped), article=Article(*shown, url="") if shown else None)


async def _filled(line: Line, now: Now) -> dict[str, object]:
    params = dict(line.params)
    code = params.get("dealer")
    dealer = await Dealer.get_or_none(code=code) if code else None
    model = await _model(params)
    filled: dict[str, object] = {
        "model": model,
        "dealer": dealer.name if dealer else "",
        "address": dealer.address if dealer else "",
        "city": params.get("city") or talk.line("here"),
        **dict.fromkeys(LISTS, _LIST),
    }
    if isinstance(at := params.get("at"), datetime):
        filled["at"] = talk.moment(at.astimezone(now.at.tzinfo), now.at.date())
    if line.key in DEALER_OR_NOT and not dealer:
        filled["dealer"] = talk.line("some_dealer")
    if dealer and talk.has_place_for(line.key, "hours"):
        filled["hours"] = places.hours_today(dealer, now.at, now.tz)
    if talk.has_place_for(line.key, "towns"):
        filled["towns"] = talk.listed(await places.towns(str(params.get("model") or "")))
    return filled


async def _model(params: Mapping[str, object]) -> str:
    code = params.get("model")
    model = await CarModel.get_or_none(code=code) if code else None
    return model.name if model else ""


def _choices(line: Line, now: Now, filled: Mapping[str, object]) -> list[Pick]:
    if isinstance(times := line.params.get("times"), list):
        return [_time(at.astimezone(now.at.tzinfo), now) for at in times]
    if isinstance(codes := line.params.get("dealers"), tuple):
        shown = [place for place in now.places if place.dealer.code in set(codes)]
        return [Pick(places.choice(place), place.dealer.name) for place in shown]
    return [Pick(*pick) for pick in talk.picks(line.key, **filled)]


def _time(at: datetime, now: Now) -> Pick:
    return Pick(talk.moment(at, now.at.date()), talk.full_moment(at))
