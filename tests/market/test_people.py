"""The people of the market are who the seed says, and do what the numbers say."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from domain.business_hours import days_off
from market.advisers import at_work, hire
from market.chance import Chance
from market.crowd import lead_of
from market.customers import Life, chooses_us, draw, patience, warm, warmth
from market.numbers import Numbers
from market.seasons import ZONE, arrivals
from market.talking import call
from market.world import World

AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


def people(numbers: Numbers, count: int = 2000, seed: int = 1) -> list[Life]:
    return [draw(n, AT, 5, Chance(seed), numbers) for n in range(count)]


def test_the_same_question_of_the_same_seed_has_the_same_answer() -> None:
    assert Chance(1).share("a", 2) == Chance(1).share("a", 2)
    assert Chance(1).share("a", 2) != Chance(2).share("a", 2)
    drawn = [Chance(3).share("even", n) for n in range(4000)]
    assert median(drawn) == pytest.approx(0.5, abs=0.03)
    weighed = Counter(Chance(3).weighed({"x": 3, "y": 1}, n) for n in range(4000))
    assert weighed["x"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_interest_follows_season_weekday_holiday_and_hour(numbers: Numbers) -> None:
    found = arrivals(20_000, 364, numbers.demand, Chance(1), lambda day: day in days_off(day.year))
    assert found == sorted(found)
    days = Counter(at.astimezone(ZONE).weekday() for at in found)
    assert days[5] > 1.2 * days[0]
    months = Counter(at.astimezone(ZONE).month for at in found)
    assert months[12] > 1.2 * months[4] * 0.9
    hours = Counter(at.astimezone(ZONE).hour for at in found)
    assert hours[20] > 3 * hours[3]


def test_customers_are_as_many_of_each_kind_as_the_numbers_say(numbers: Numbers) -> None:
    kinds = Counter(life.truth.kind for life in people(numbers))
    assert kinds["buyer"] / 2000 == pytest.approx(numbers.customers.buyers, abs=0.04)
    assert kinds["wrong_number"] / 2000 == pytest.approx(0.04, abs=0.02)


def test_who_is_called_soon_and_treated_well_buys_here_more_often(numbers: Numbers) -> None:
    c, later = numbers.customers, AT + timedelta(days=5)
    cold, warmed = people(numbers), people(numbers)
    for life in warmed:
        warm(life, "visit", later, c)
    chosen = [sum(chooses_us(x, later, Chance(1), c) for x in many) for many in (cold, warmed)]
    assert chosen[1] > 1.5 * chosen[0]
    assert patience(timedelta(minutes=5), c) > patience(timedelta(hours=6), c)
    assert warmth(warmed[0], later, c) > 1.9 * warmth(warmed[0], later + timedelta(days=18), c)


def test_a_call_tells_of_the_customer_only_what_they_say(numbers: Numbers) -> None:
    chance = Chance(1)
    told = Counter(
        (life.truth.kind, call(life, AT + timedelta(minutes=10), chance, numbers).wish)
        for life in people(numbers)
    )
    assert told["wrong_number", "wrong_number"] > 0
    assert told["refuser", "refuses_contact"] > 0
    assert not [key for key in told if key[0] == "buyer" and key[1] not in ("",)]


def test_what_only_the_customer_knows_is_in_no_order(numbers: Numbers) -> None:
    """Two who look the same send the same intake, whatever they want."""
    world = World.__new__(World)
    world.product = type("P", (), {"clock": type("C", (), {"now": AT})})()  # type: ignore[assignment]
    stores = [f"S00{n}" for n in range(1, 6)]
    by_seed = people(numbers, 300, 1), people(numbers, 300, 2)
    for one, other in zip(*by_seed, strict=True):
        twin = Life(one.seen, other.truth)
        assert lead_of(one, "x", "1", stores, world) == lead_of(twin, "x", "1", stores, world)


def test_staff_work_in_their_shifts_only(numbers: Numbers) -> None:
    worker = hire("S001-a1", "adviser", "S001", Chance(1), numbers)
    for hours in range(0, 24 * 14, 5):
        local = at_work(worker, AT + timedelta(hours=hours), 100, numbers.staff).astimezone(ZONE)
        assert local.weekday() != worker.rests_on
        assert 9 <= local.hour < 18 or (local.hour, local.minute) == (18, 0)
    late = datetime(2026, 3, 3, 17, 50, tzinfo=ZONE)
    assert at_work(worker, late, 20, numbers.staff) - late > timedelta(hours=12)
