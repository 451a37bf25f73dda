"""Which cars suit somebody who says what a car should be and cost, but not which one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 3
STRETCH = 1.1
"""A car that begins this much above the budget is still worth a look."""
TOO_CHEAP = 0.8
"""One that ends below this share of it is not what they have in mind."""


@dataclass(frozen=True, slots=True)
class Car:
    """A car line on sale. `words` is what is said of it, lower case; prices in yuan."""

    code: str
    low: int
    high: int
    words: tuple[str, ...] = ()

    def has(self, wanted: Sequence[str]) -> bool:
        """Whether one of these words is in what is said of it."""
        return any(want in word for want in wanted for word in self.words)


def suggest(
    cars: Sequence[Car], budget: int, wanted: Sequence[Sequence[str]], most: int = MOST
) -> list[Car]:
    """Up to `most` cars that have all that is wanted, those nearest to the budget first.

    Without a budget (0) the least expensive ones. Cars without a price are never suggested.
    """
    fitting = [car for car in cars if car.low and all(car.has(words) for words in wanted)]
    if not budget:
        return sorted(fitting, key=lambda car: (car.low, car.code))[:most]
    payable = [car for car in fitting if _payable(car, budget)]
    return sorted(payable, key=lambda car: (_off(car, budget), car.code))[:most]


def _payable(car: Car, budget: int) -> bool:
    return car.low <= budget * STRETCH and car.high >= budget * TOO_CHEAP


def _off(car: Car, budget: int) -> float:
    return abs((car.low + car.high) / 2 - budget)
