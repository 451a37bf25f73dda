"""Dealers near a customer: by town, district or name, by where they are, and how to say it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import quote

from db.models import Dealer
from domain.dispatch import distance_km
from handlers.calendars import calendar_of
from texts import lexicon, talk

SAME_CITY_LETTERS = 2  # a city is written with or without its suffix
MOST_SHOWN = 4
MOST_DESCRIBED = 3
MAP = "https://apis.map.qq.com/uri/v1/marker?marker=coord:{lat},{lng};title:{name};addr:{city}"

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A dealer, and how far it is if that is known."""

    dealer: Dealer
    km: float | None = None


async def in_city(city: str, model: str, here: Position | None) -> list[Place]:
    """Open dealers of a town that sell the model, the nearest first."""
    found = await Dealer.filter(city__startswith=city[:SAME_CITY_LETTERS], open=True)
    return _ranked(found, model, here)


async def nearest(here: Position, model: str) -> list[Place]:
    """Open dealers that sell the model, the nearest first, wherever they are."""
    found = await Dealer.filter(open=True, lat__isnull=False, lng__isnull=False)
    return _ranked(found, model, here)[:MOST_SHOWN]


async def by_code(codes: Iterable[str], model: str, here: Position | None) -> list[Place]:
    """Those of these dealers that are open and sell the model."""
    return _ranked(await Dealer.filter(code__in=list(codes), open=True), model, here)


async def named(text: str, city: str) -> str:
    """The code of the one dealer whose name or district the text has; empty for none or many."""
    rows = Dealer.filter(open=True)
    dealers = await (rows.filter(city__startswith=city[:SAME_CITY_LETTERS]) if city else rows)
    found = {d.code for d in dealers if any(word in text for word in _called(d))}
    return found.pop() if len(found) == 1 else ""


def _ranked(dealers: Sequence[Dealer], model: str, here: Position | None) -> list[Place]:
    places = [Place(d, _km(d, here)) for d in dealers if _sells(d, model)]
    return sorted(places, key=lambda p: (p.km is None, p.km or 0.0, p.dealer.code))


def _sells(dealer: Dealer, model: str) -> bool:
    listed = dealer.models if isinstance(dealer.models, list) else []
    return not model or dealer.models == "all" or model in listed


def _km(dealer: Dealer, here: Position | None) -> float | None:
    if here is None or dealer.lat is None or dealer.lng is None:
        return None
    return distance_km(here, (dealer.lat, dealer.lng))


def _called(dealer: Dealer) -> list[str]:
    """What people call a dealer: its name, the name without the town, its district."""
    short = dealer.name.removeprefix(dealer.city[:SAME_CITY_LETTERS])
    short = short.removesuffix(lexicon.load("places")["store"])
    district = _district().search(dealer.address.removeprefix(dealer.city))
    names = [dealer.name, short, district["name"] if district else ""]
    return [name for name in names if len(name) >= SAME_CITY_LETTERS]


@cache
def _district() -> re.Pattern[str]:
    return re.compile(lexicon.load("places")["district"])


# ── how to say it ────────────────────────────────────────────────────────────────────────────


def listing(places: Sequence[Place], now: datetime, tz: str) -> str:
    """Dealers one after another, with hours today, address, phone and the way there."""
    return "\n\n".join(_described(place, now, tz) for place in places[:MOST_DESCRIBED])


def choices(places: Sequence[Place]) -> str:
    """Dealers to pick from by number."""
    return talk.numbered(
        [
            talk.line("dealer_choice", name=p.dealer.name, km=_far(p), address=p.dealer.address)
            for p in places
        ]
    )


def _described(place: Place, now: datetime, tz: str) -> str:
    dealer = place.dealer
    text = talk.line(
        "dealer",
        name=dealer.name,
        km=_far(place),
        hours=hours_today(dealer, now, tz),
        address=dealer.address,
        phone=dealer.phone,
    )
    return f"{text}\n{talk.line('map', url=map_link(dealer))}" if dealer.lat else text


def _far(place: Place) -> str:
    if place.km is None:
        return ""
    return talk.line("km", km=f"{place.km:.0f}" if place.km >= 10 else f"{place.km:.1f}")


def hours_today(dealer: Dealer, now: datetime, tz: str) -> str:
    """今天 9:00–18:00, and whether that is over or has not begun."""
    calendar = calendar_of(dealer, tz)
    if calendar.is_always:
        return talk.line("always_open")
    spans = calendar.spans_on(now.astimezone(calendar.zone).date())
    if not spans:
        return talk.line("closed_today")
    said = talk.spans(
        [(a.astimezone(calendar.zone), b.astimezone(calendar.zone)) for a, b in spans]
    )
    key = "hours_today" if calendar.is_open(now) else "hours_closed_now"
    return talk.line(key, spans=said)


def map_link(dealer: Dealer) -> str:
    """Tencent's map with the dealer on it."""
    name, city = quote(dealer.name), quote(dealer.city)
    return MAP.format(lat=dealer.lat, lng=dealer.lng, name=name, city=city)
