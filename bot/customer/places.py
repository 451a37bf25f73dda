"""Dealers near a customer: by town, district or name, by where they are, and how to say it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from urllib.parse import quote

from bot.wechat.xml import Article
from db.models import Dealer
from domain.business_hours import Span
from domain.dispatch import distance_km
from handlers.calendars import calendar_of
from texts import lexicon, talk

SAME_CITY_LETTERS = 2  # a city is written with or without its suffix
MOST_SHOWN = 4
MOST_DESCRIBED = 3
NEAR_KM = 100
"""Nobody drives farther for a look, unless there is nothing else."""
MOST_TOWNS = 8
MAP = "https://apis.map.qq.com/uri/v1/marker?marker=coord:{lat},{lng};title:{name};addr:{city}"

SATURDAY, SUNDAY = 5, 6

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


async def in_town_of(code: str, model: str, here: Position | None) -> list[Place]:
    """The same in the town of another dealer."""
    dealer = await Dealer.get(code=code)
    return await in_city(dealer.city, model, here) if dealer.city else []


async def nearest(here: Position, model: str) -> list[Place]:
    """Open dealers that sell the model, the nearest first, wherever they are."""
    found = await Dealer.filter(open=True, lat__isnull=False, lng__isnull=False)
    ranked = _ranked(found, model, here)
    near = [place for place in ranked if place.km is not None and place.km <= NEAR_KM]
    return near[:MOST_SHOWN] or ranked[:1]


async def by_code(codes: Iterable[str], model: str, here: Position | None) -> list[Place]:
    """Those of these dealers that are open and sell the model."""
    return _ranked(await Dealer.filter(code__in=list(codes), open=True), model, here)


async def named(text: str, city: str) -> str:
    """The code of the one dealer whose name or district the text has; empty for none or many."""
    rows = Dealer.filter(open=True)
    dealers = await (rows.filter(city__startswith=city[:SAME_CITY_LETTERS]) if city else rows)
    found = {d.code for d in dealers if any(word in text for word in _called(d))}
    return found.pop() if len(found) == 1 else ""


async def towns(model: str) -> list[str]:
    """Where open dealers sell the model, the towns with most of them first."""
    found = [d.city for d in await Dealer.filter(open=True) if d.city and _sells(d, model)]
    by_number = sorted(set(found), key=lambda city: (-found.count(city), city))
    return by_number[:MOST_TOWNS]


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


def choice(place: Place) -> str:
    """A dealer as one of several to pick from."""
    dealer = place.dealer
    return talk.line("dealer_choice", name=dealer.name, km=_far(place), address=dealer.address)


def article(place: Place, now: datetime, tz: str) -> Article:
    """One dealer, with the way there behind it."""
    dealer = place.dealer
    about = talk.line(
        "dealer_short",
        hours=hours_today(dealer, now, tz),
        address=dealer.address,
        phone=dealer.phone,
    )
    return Article(f"{dealer.name}{_far(place)}", about, map_link(dealer))


def about(aspect: str, place: Place, now: datetime, tz: str) -> str:
    """The one thing of a dealer that was asked: hours, weekend, phone or route."""
    dealer = place.dealer
    saturday, sunday = _weekend(dealer, now, tz)
    text = talk.line(
        f"about_{aspect}",
        name=dealer.name,
        hours=hours_today(dealer, now, tz),
        saturday=saturday,
        sunday=sunday,
        phone=dealer.phone,
        address=dealer.address,
    )
    return f"{text}\n{_map(dealer)}" if aspect == "route" and dealer.lat else text


def _weekend(dealer: Dealer, now: datetime, tz: str) -> tuple[str, str]:
    """Hours of the coming Saturday and Sunday, of the running ones at a weekend."""
    today = now.astimezone(calendar_of(dealer, tz).zone).date()
    saturday = (
        today - timedelta(1)
        if today.weekday() == SUNDAY
        else (today + timedelta(SATURDAY - today.weekday()))
    )
    return _hours_on(dealer, saturday, tz), _hours_on(dealer, saturday + timedelta(1), tz)


def _hours_on(dealer: Dealer, day: date, tz: str) -> str:
    calendar = calendar_of(dealer, tz)
    if calendar.is_always:
        return talk.line("always_open")
    spans = calendar.spans_on(day)
    return _said(spans, calendar.zone) if spans else talk.line("closed_then")


def _said(spans: Sequence[Span], zone: tzinfo) -> str:
    return talk.spans([(a.astimezone(zone), b.astimezone(zone)) for a, b in spans])


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
    return f"{text}\n{_map(dealer)}" if dealer.lat else text


def _map(dealer: Dealer) -> str:
    return talk.line("map", url=map_link(dealer))


def _far(place: Place) -> str:
    if place.km is None:
        return ""
    if place.km < 1:
        return talk.line("km_close")
    return talk.line("km", km=f"{place.km:.0f}" if place.km >= 10 else f"{place.km:.1f}")


def hours_today(dealer: Dealer, now: datetime, tz: str) -> str:
    """今天 9:00–18:00, and whether that is over or has not begun."""
    calendar = calendar_of(dealer, tz)
    if calendar.is_always:
        return talk.line("always_open")
    spans = calendar.spans_on(now.astimezone(calendar.zone).date())
    if not spans:
        return talk.line("closed_today")
    key = "hours_today" if calendar.is_open(now) else "hours_closed_now"
    return talk.line(key, spans=_said(spans, calendar.zone))


def map_link(dealer: Dealer) -> str:
    """Tencent's map with the dealer on it."""
    name, city = quote(dealer.name), quote(dealer.city)
    return MAP.format(lat=dealer.lat, lng=dealer.lng, name=name, city=city)
