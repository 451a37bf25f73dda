"""How good the choice of whom to call again is, on a history whose truth is known.

Customers are called in the usual way and given up; on a later day each rule of choice picks some
of them, and the truth says who of those was still about to buy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calling import Resting, best
from domain.policy import CallingPolicy
from market.chance import Chance
from market.customers import Life, draw, is_near
from market.numbers import Numbers
from market.talking import call

DAY = timedelta(days=1)
MOST_DAYS = 120
TRIES = 5


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the `chosen`, which share was still about to buy; `base` is that of everybody."""

    candidates: int
    base: float
    by_worth: float
    by_chance: float
    oldest_first: float


def precision_at(
    most: int, customers: int, seed: int, numbers: Numbers, policy: CallingPolicy, now: datetime
) -> Precision:
    """Precision at `most` for the rules, for chance, and for who was closed first."""
    chance = Chance(seed)
    histories = [_history(n, chance, numbers, now) for n in range(customers)]
    lives = {life.seen.number: life for life, _ in histories}
    resting = [rests for _, rests in histories if rests and _may(rests, policy, now)]
    willing = {
        who.customer_id: is_near(lives[who.customer_id], now, numbers.touches) for who in resting
    }
    by_chance = sorted(resting, key=lambda who: chance.share("order", who.customer_id))
    oldest = sorted(resting, key=lambda who: who.closed_at)
    return Precision(
        candidates=len(resting),
        base=_share([who.customer_id for who in resting], willing),
        by_worth=_share([w.customer_id for w in best(resting, policy, now, most)], willing),
        by_chance=_share([who.customer_id for who in by_chance[:most]], willing),
        oldest_first=_share([who.customer_id for who in oldest[:most]], willing),
    )


def _share(chosen: Sequence[int], willing: Mapping[int, bool]) -> float:
    return sum(willing[number] for number in chosen) / max(1, len(chosen))


def _may(who: Resting, policy: CallingPolicy, now: datetime) -> bool:
    """Whoever is old and rested enough, worth it or not, is open to every rule of choice."""
    rested = now - who.closed_at
    return timedelta(policy.not_before_days) <= rested <= timedelta(policy.not_after_days)


def _history(
    number: int, chance: Chance, numbers: Numbers, now: datetime
) -> tuple[Life, Resting | None]:
    """One customer, called until given up: what is on file of them, if they rest now."""
    came = now - MOST_DAYS * DAY * chance.share("came", number) - DAY
    life = draw(number, came, 1, chance, numbers)
    at, contacted, visited, reason = came + timedelta(hours=1), None, None, ""
    tries = 1 + int(TRIES * chance.share("tries", number))
    for _ in range(tries):
        _decide(life, at, chance)
        spoken = call(life, at, chance, numbers)
        if spoken.result != "unreachable":
            contacted = at
        if spoken.wish in ("wrong_number", "refuses_contact", "bought_elsewhere", "orders"):
            return life, None
        if spoken.appointment_at and chance.happens(numbers.customers.shows_up, "came", number):
            visited = spoken.appointment_at
            life.visited = True
        if spoken.wish == "objects":
            reason = life.truth.objection
        elif spoken.level == "C":
            reason = "timing"
        at += DAY * chance.between(1, 6, "next", number, life.calls)
    _decide(life, now, chance)
    return life, _on_file(life, at, contacted, visited, reason) if at < now else None


def _decide(life: Life, at: datetime, chance: Chance) -> None:
    """Who would buy has done so by then, somewhere."""
    if life.truth.kind == "buyer" and life.truth.decides_at <= at and not life.decided:
        ours = chance.happens(0.2, "ours", life.seen.number)
        life.decided = "us" if ours else "elsewhere"


def _on_file(
    life: Life,
    closed_at: datetime,
    contacted: datetime | None,
    visited: datetime | None,
    reason: str,
) -> Resting:
    return Resting(
        customer_id=life.seen.number,
        lead_id=life.seen.number,
        closed_at=closed_at,
        opened_at=life.seen.at,
        reason=reason,
        window_days=life.seen.window_days,
        contacted_at=contacted,
        visited_at=visited,
        leads=2 if life.seen.again_at and life.seen.again_at < closed_at else 1,
    )
