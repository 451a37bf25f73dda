"""What may be said of a campaign, and when nothing may."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lift import Arm, lift_of, wilson

arms = st.integers(0, 5000).flatmap(lambda n: st.builds(Arm, st.just(n), st.integers(0, n)))


@pytest.mark.parametrize(
    ("touched", "held_out", "low", "high"),
    [  # the examples of Newcombe's paper
        (Arm(70, 56), Arm(80, 48), 0.0524, 0.3339),
        (Arm(10, 9), Arm(10, 3), 0.1705, 0.8090),
        (Arm(7, 6), Arm(7, 2), 0.0582, 0.8062),
        (Arm(10, 0), Arm(20, 0), -0.1611, 0.2775),
        (Arm(10, 10), Arm(20, 0), 0.6791, 1.0),
        (Arm(56, 5), Arm(29, 0), -0.0381, 0.1926),
    ],
)
def test_the_interval_is_newcombes(touched: Arm, held_out: Arm, low: float, high: float) -> None:
    lift = lift_of(touched, held_out)
    assert (lift.low, lift.high) == (pytest.approx(low, abs=2e-4), pytest.approx(high, abs=2e-4))


@pytest.mark.parametrize(
    ("touched", "held_out", "verdict"),
    [
        (Arm(0, 0), Arm(0, 0), "too_few"),
        (Arm(900, 90), Arm(29, 0), "too_few"),
        (Arm(9000, 4), Arm(1000, 0), "too_few"),
        (Arm(9000, 450), Arm(1000, 20), "more"),
        (Arm(9000, 180), Arm(1000, 50), "fewer"),
        (Arm(9000, 190), Arm(1000, 20), "no_difference"),
    ],
)
def test_a_verdict_is_given_only_where_there_is_one(
    touched: Arm, held_out: Arm, verdict: str
) -> None:
    assert lift_of(touched, held_out).verdict == verdict


@given(arms, arms)
def test_the_interval_holds_the_difference_and_is_one(touched: Arm, held_out: Arm) -> None:
    lift = lift_of(touched, held_out)
    assert -1 <= lift.low <= lift.difference <= lift.high <= 1
    if touched.people:
        low, high = wilson(touched)
        assert 0 <= low <= touched.rate + 1e-9
        assert touched.rate - 1e-9 <= high <= 1


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    chance = random.Random(5)  # noqa: S311  # not a secret
    covered = 0
    for _ in range(400):
        touched = Arm(900, sum(chance.random() < 0.05 for _ in range(900)))
        held_out = Arm(100, sum(chance.random() < 0.03 for _ in range(100)))
        lift = lift_of(touched, held_out)
        covered += lift.low <= 0.02 <= lift.high
    assert 0.92 <= covered / 400 <= 0.995
