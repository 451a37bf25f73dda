"""The holdout is random, stable, and another one in each campaign."""

from collections import Counter
from itertools import pairwise
from math import comb

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.holdout import is_held_out

campaigns = st.text("abcdef-0123456789", min_size=1, max_size=32)


@given(campaigns, st.integers(1, 10**12), st.floats(0, 0.5), st.floats(0, 0.5))
def test_the_same_customer_has_the_same_arm_for_ever(
    campaign: str, customer: int, share: float, other: float
) -> None:
    held = is_held_out(campaign, customer, share)
    assert is_held_out(campaign, customer, share) == held
    if held and other >= share:
        assert is_held_out(campaign, customer, other), "a larger holdout only grows"


@given(campaigns, st.integers(1, 10**12))
def test_without_a_holdout_nobody_is_left_alone(campaign: str, customer: int) -> None:
    assert not is_held_out(campaign, customer, 0)


SIGMAS = 6
"""Further off than this one in five hundred million fair draws would be."""


def is_fair(found: int, of: int, share: float) -> bool:
    """Whether so many are what drawing lots would give."""
    return abs(found - of * share) <= SIGMAS * (of * share * (1 - share)) ** 0.5 + 1


@given(campaigns, st.sampled_from((0.05, 0.1, 0.3, 0.5)), st.integers(1, 10**12))
@settings(max_examples=40)
def test_the_holdout_is_drawn_by_lot(campaign: str, share: float, first: int) -> None:
    """As many as was said; alike among old and new, even and odd, whoever the neighbours are."""
    drawn = [is_held_out(campaign, customer, share) for customer in range(first, first + 3000)]
    assert is_fair(sum(drawn), len(drawn), share)
    for modulus in (2, 7, 10):
        for start in range(modulus):
            part = drawn[start::modulus]
            assert is_fair(sum(part), len(part), share)
    for part in (drawn[:1000], drawn[-1000:]):
        assert is_fair(sum(part), len(part), share)
    pairs = [one and other for one, other in pairwise(drawn)][::2]
    assert is_fair(sum(pairs), len(pairs), share * share)


@given(campaigns, campaigns)
@settings(max_examples=40)
def test_one_campaign_says_nothing_of_another(one: str, other: str) -> None:
    """Else it would always be the same people who are left alone."""
    assume(one != other)
    people = range(1, 3001)
    both = sum(is_held_out(one, n, 0.3) and is_held_out(other, n, 0.3) for n in people)
    assert is_fair(both, len(people), 0.09)


def test_nobody_is_left_alone_more_often_than_chance_has_it() -> None:
    """Over a hundred campaigns how often each was is binomial."""
    codes = [f"campaign-{number}" for number in range(100)]
    often = Counter(sum(is_held_out(code, n, 0.1) for code in codes) for n in range(1, 1001))
    for times in range(4, 17):
        chance = comb(100, times) * 0.1**times * 0.9 ** (100 - times)
        assert is_fair(often[times], 1000, chance)
    assert not sum(count for times, count in often.items() if times > 25)
