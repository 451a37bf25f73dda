"""Who the customers are: what can be seen of them, and what only they know."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from market.chance import Chance
from market.numbers import CustomerNumbers, Numbers, TouchNumbers

Kind = Literal["buyer", "browser", "wrong_number", "refuser"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a customer shows when they first ask: all that the product will ever be told."""

    number: int
    at: datetime
    source: str
    dealer: int
    names_dealer: bool
    window_days: int | None
    follows: bool
    markets: bool
    shares: bool
    signal: str
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Truth:
    """What only the customer knows. It never leaves this package."""

    kind: Kind
    decides_at: datetime
    taste: float
    objection: str


@dataclass(slots=True)
class Life:
    """What a customer has lived through with us; changed by what happens to them."""

    seen: Seen
    truth: Truth
    warmed: list[tuple[datetime, float]] = field(default_factory=list)
    calls: int = 0
    talked_at: datetime | None = None
    visited: bool = False
    decided: Literal["", "us", "elsewhere"] = ""
    decided_at: datetime | None = None

    @property
    def undecided(self) -> bool:
        return self.truth.kind == "buyer" and not self.decided


def draw(number: int, at: datetime, dealers: int, chance: Chance, numbers: Numbers) -> Life:
    """The customer of this number."""
    c = numbers.customers
    source = chance.weighed({s: s.share for s in numbers.sources}, "source", number)
    window = chance.weighed(c.windows, "window", number)
    states = chance.happens(c.states_window, "states", number)
    kind = _kind(number, source.serious, chance, c)
    days = chance.around(c.decides_days[window], c.spread, "decides", number)
    again = chance.happens(c.comes_again, "again", number)
    later = timedelta(days=chance.between(0.1, 25, "later", number))
    seen = Seen(
        number=number,
        at=at,
        source=source.name,
        dealer=int(chance.share("dealer", number) * dealers),
        names_dealer=chance.happens(c.names_dealer, "names", number),
        window_days=min(window, 180) if states and kind != "wrong_number" else None,
        follows=chance.happens(c.follows_account, "follows", number),
        markets=chance.happens(c.lets_market, "markets", number),
        shares=chance.happens(c.shares_with_dealer, "shares", number),
        signal=chance.pick(("", "", "asked_price", "asked_test_drive"), "signal", number),
        again_at=at + later if again else None,
    )
    objection = chance.pick(c.objections, "objection", number)
    taste = chance.normal("taste", number)
    return Life(seen, Truth(kind, at + timedelta(days=days), taste, objection))


def _kind(number: int, serious: float, chance: Chance, c: CustomerNumbers) -> Kind:
    buyers = min(0.9, c.buyers * serious)
    rest = 1 - c.wrong_numbers - c.refusers
    kinds: dict[Kind, float] = {
        "wrong_number": c.wrong_numbers,
        "refuser": c.refusers,
        "buyer": buyers * rest,
        "browser": (1 - buyers) * rest,
    }
    return chance.weighed(kinds, "kind", number)


def patience(waited: timedelta, c: CustomerNumbers) -> float:
    """How glad somebody still is about the first call, after so long: 1 at once, less later."""
    halves = waited / timedelta(hours=c.patience_hours)
    return max(c.least_patience, math.exp2(-min(halves, 60)))


def warmth(life: Life, at: datetime, c: CustomerNumbers) -> float:
    """What all we did together still counts, fading with time."""
    half_life = timedelta(days=c.warmth_half_life_days)
    return sum(much * math.exp2(-(at - then) / half_life) for then, much in life.warmed)


def warm(life: Life, what: str, at: datetime, c: CustomerNumbers, factor: float = 1.0) -> None:
    """Something good happened between us."""
    life.warmed.append((at, c.warmth_of[what] * factor))


def chooses_us(life: Life, at: datetime, chance: Chance, c: CustomerNumbers) -> bool:
    """Which car a buyer decides for."""
    logit = c.bias + c.taste_weight * life.truth.taste + c.warmth_weight * warmth(life, at, c)
    return chance.happens(1 / (1 + math.exp(-logit)), "chooses", life.seen.number)


def answers(life: Life, at: datetime, local_hour: int, chance: Chance, c: CustomerNumbers) -> bool:
    """Whether they pick up; this is their `life.calls`-th call."""
    if life.truth.kind == "wrong_number":
        return chance.happens(0.5, "answers", life.seen.number, life.calls)
    base = c.answers_phone + (c.evening_bonus if local_hour >= 17 else 0)
    if life.talked_at is None:
        base *= 0.5 + 0.5 * patience(at - life.seen.at, c)
    return chance.happens(base, "answers", life.seen.number, life.calls)


def is_near(life: Life, at: datetime, t: TouchNumbers) -> bool:
    """Whether a decision is so near that a good word still counts."""
    return life.undecided and life.truth.decides_at - at <= timedelta(days=t.within_days)


def reaction(
    life: Life, at: datetime, touch: int, chance: Chance, t: TouchNumbers
) -> Literal["", "reply", "opt_out"]:
    """What they do with a message of the brand; `touch` counts those they got."""
    about = ("touch", life.seen.number, touch)
    annoyed = t.annoyed if life.truth.kind == "refuser" else t.opts_out
    if chance.happens(annoyed, "opts_out", *about):
        return "opt_out"
    mood = "browser" if life.truth.kind != "buyer" else "undecided"
    if not is_near(life, at, t):
        mood = "decided" if life.decided else "browser"
    return "reply" if chance.happens(t.reply[mood], "reply", *about) else ""
