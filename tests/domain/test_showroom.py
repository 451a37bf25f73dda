"""Whoever says what a car should be and cost is shown cars that are and do."""

from hypothesis import given
from hypothesis import strategies as st

from domain.showroom import MOST, STRETCH, Car, suggest

SMALL = Car("small", 98_000, 150_000, ("省油", "ice"))
TALL = Car("tall", 188_000, 250_000, ("中型 suv", "四驱", "ice"))
SEVEN = Car("seven", 279_000, 400_000, ("七座大 suv", "ice"))
PLUG = Car("plug", 140_000, 250_000, ("纯电 suv", "bev"))
SECRET = Car("secret", 0, 0, ("七座 suv",))
ALL = (SEVEN, TALL, SECRET, SMALL, PLUG)


def codes(budget: int, *wanted: str) -> list[str]:
    return [car.code for car in suggest(ALL, budget, [[word] for word in wanted])]


def test_what_is_wanted_is_had() -> None:
    assert codes(0, "suv") == ["plug", "tall", "seven"]
    assert codes(0, "七座") == ["seven"]
    assert codes(0, "suv", "bev") == ["plug"]
    assert codes(0, "敞篷") == []


def test_the_budget_comes_first_by_nearness() -> None:
    assert codes(200_000) == ["plug", "tall"]
    assert codes(120_000) == ["small"]
    assert codes(900_000) == []


cars = st.builds(
    Car,
    st.text(min_size=1, max_size=3),
    st.integers(0, 500_000),
    st.integers(0, 900_000),
    st.lists(st.sampled_from(["suv", "七座", "bev"])).map(tuple),
)


@given(
    st.lists(cars, max_size=12), st.integers(0, 600_000), st.lists(st.just(["suv"]), max_size=1)
)
def test_nothing_too_dear_unpriced_or_unfit_is_shown(
    on_sale: list[Car], budget: int, wanted: list[list[str]]
) -> None:
    shown = suggest(on_sale, budget, wanted)
    assert len(shown) <= MOST
    for car in shown:
        assert car.low
        assert not budget or car.low <= budget * STRETCH
        assert all(car.has(words) for words in wanted)
