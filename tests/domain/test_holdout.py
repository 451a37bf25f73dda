"""The holdout is random, stable, and another one in each campaign."""

from hypothesis import given
from hypothesis import strategies as st

from domain.holdout import is_held_out

PEOPLE = range(20_000)
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


def test_a_tenth_is_a_tenth() -> None:
    held = sum(is_held_out("price", customer, 0.1) for customer in PEOPLE)
    assert abs(held / len(PEOPLE) - 0.1) < 0.01


def test_it_is_not_always_the_same_people() -> None:
    one = {customer for customer in PEOPLE if is_held_out("price", customer, 0.1)}
    other = {customer for customer in PEOPLE if is_held_out("stock", customer, 0.1)}
    assert len(one & other) / len(one) < 0.15
