"""What a call of an adviser brings: a pure function of who is called and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from market.chance import Chance
from market.customers import Life, answers, patience, warm
from market.numbers import Numbers
from market.seasons import ZONE

Wish = Literal["", "wrong_number", "refuses_contact", "bought_elsewhere", "objects", "orders"]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Call:
    """What the adviser can write down. `wish` is what the customer made clear, if anything."""

    result: str
    level: str | None = None
    appointment_at: datetime | None = None
    wish: Wish = ""


def call(life: Life, at: datetime, chance: Chance, numbers: Numbers) -> Call:
    """One try to reach a customer; their life goes on by it."""
    c = numbers.customers
    life.calls += 1
    if not answers(life, at, at.astimezone(ZONE).hour, chance, c):
        return Call("unreachable")
    kind, number = life.truth.kind, life.seen.number
    if kind == "wrong_number":
        return Call("wrong_number", wish="wrong_number")
    if kind == "refuser":
        return Call("refused", wish="refuses_contact")
    first, life.talked_at = life.talked_at is None, at
    warm(life, "talk", at, c, patience(at - life.seen.at, c) if first else 1.0)
    if life.decided == "elsewhere":
        return Call("connected", wish="bought_elsewhere")
    if life.decided == "us":
        return Call("connected", level="H", wish="orders")
    if kind == "browser":
        objects = chance.happens(c.says_objection, "objects", number, life.calls)
        return Call("connected", level="C", wish="objects" if objects else "")
    left = life.truth.decides_at - at
    agrees = not life.visited and chance.happens(c.agrees_to_visit, "agrees", number, life.calls)
    if left <= 30 * DAY and agrees:
        return Call("appointment", _level(left), _visit_time(life, at, chance))
    return Call("connected", _level(left))


def _level(left: timedelta) -> str:
    days = left / DAY
    return "H" if days <= 7 else "A" if days <= 30 else "B" if days <= 90 else "C"


def _visit_time(life: Life, at: datetime, chance: Chance) -> datetime:
    about = (life.seen.number, life.calls)
    day = at.astimezone(ZONE) + timedelta(days=1 + int(3 * chance.share("visit_day", *about)))
    hour = 10 + int(7 * chance.share("visit_hour", *about))
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)
