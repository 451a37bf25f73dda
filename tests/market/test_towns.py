"""A market of several towns: who lives where, what is added up, and how sure a difference is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from market.figures import Counts, figures_of, together
from market.play import Plan, Played
from market.towns import effects, markets_of, split

PLAN = Plan(seed=3, leads=2001, days=90)
SLA = frozenset({"sla"})
COUNTS = Counts(
    leads=4,
    waits=(1.0, 5.0),
    decided=2,
    wasted=1,
    orders=1,
    won_back=0,
    touches=0,
    replies=0,
    opted_out=0,
    calls=0,
    taken_up=0,
    recycled=0,
    defeated=0,
)


def a_town(plan: Plan, orders: int) -> Played:
    counts = replace(COUNTS, leads=100, orders=orders)
    return Played(plan, counts, 1, (), {"rule": 2}, {}, 0, 1.0, 1)


def test_a_large_market_is_so_many_towns_each_with_its_own_luck() -> None:
    towns = split(PLAN, 1000)
    assert [town.leads for town in towns] == [667, 667, 667]
    assert towns[0].seed == PLAN.seed
    assert len({town.seed for town in towns}) == 3
    assert split(replace(PLAN, leads=10), 1000) == [replace(PLAN, leads=10)]
    assert split(replace(PLAN, without=SLA), 1000)[1].seed == towns[1].seed


def test_towns_are_added_up_customer_by_customer() -> None:
    other = replace(COUNTS, leads=1, waits=(3.0,), orders=1)
    found = figures_of(together([COUNTS, other]))
    assert (found.leads, found.orders, found.conversion) == (5, 2, 0.4)
    assert (found.first_response_median, found.first_response_p90) == (5.0, None)
    assert found.never_called == pytest.approx(0.4)


def test_each_market_has_its_towns_back() -> None:
    played = [
        a_town(town, 1) for plan in (PLAN, replace(PLAN, seed=4)) for town in split(plan, 700)
    ]
    found = markets_of(played)
    assert [(market.seed, len(market.towns), market.violations) for market in found] == [
        (3, 3, 3),
        (4, 3, 3),
    ]
    assert found[0].looks == {"rule": 6}


def test_a_difference_is_that_of_the_same_towns() -> None:
    towns = split(PLAN, 250)
    whole = [a_town(town, 10 + number) for number, town in enumerate(towns)]
    without = [a_town(replace(town, without=SLA), 7 + n) for n, town in enumerate(towns)]
    found = {effect.measure: effect for effect in effects([*whole, *without])}
    conversion = found["conversion"]
    assert conversion.difference == pytest.approx(0.03)
    assert (conversion.low, conversion.high) == pytest.approx((0.03, 0.03))
    uneven = [a_town(one.plan, one.counts.orders - n % 2) for n, one in enumerate(without)]
    wider = next(e for e in effects([*whole, *uneven]) if e.measure == "conversion")
    assert conversion.low < wider.low < wider.difference < wider.high < 0.04


def test_of_few_towns_nothing_is_said_about_how_sure_it_is() -> None:
    towns = split(PLAN, 1000)
    without = [replace(town, without=SLA) for town in towns]
    assert effects([a_town(town, 5) for town in [*towns, *without]]) == []
