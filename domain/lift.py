"""What a campaign brings: how many more bought than among those left alone, and how sure that is.

The interval is Newcombe's hybrid score interval (Statistics in Medicine 1998, method 10): right
for small groups and rare events too, where the usual one is far too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

Verdict = Literal["too_few", "no_difference", "more", "fewer"]

FEWEST_PEOPLE = 30
FEWEST_CONVERSIONS = 5
_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Arm:
    """One group: how many, and how many of them did it."""

    people: int
    converted: int

    @property
    def rate(self) -> float:
        return self.converted / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Lift:
    """The difference of the rates with its 95 % interval, and what may be said of it."""

    difference: float
    low: float
    high: float
    verdict: Verdict


def lift_of(touched: Arm, held_out: Arm) -> Lift:
    """How the touched group differs from the one left alone."""
    difference = touched.rate - held_out.rate
    if not touched.people or not held_out.people:
        return Lift(difference, -1.0, 1.0, "too_few")
    low_t, high_t = wilson(touched)
    low_h, high_h = wilson(held_out)
    low = max(-1.0, difference - sqrt((touched.rate - low_t) ** 2 + (high_h - held_out.rate) ** 2))
    high = min(1.0, difference + sqrt((high_t - touched.rate) ** 2 + (held_out.rate - low_h) ** 2))
    return Lift(difference, low, high, _verdict(touched, held_out, low, high))


def wilson(arm: Arm) -> tuple[float, float]:
    """The 95 % score interval of one group's rate."""
    n, p, z2 = arm.people, arm.rate, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _verdict(touched: Arm, held_out: Arm, low: float, high: float) -> Verdict:
    if min(touched.people, held_out.people) < FEWEST_PEOPLE:
        return "too_few"
    if touched.converted + held_out.converted < FEWEST_CONVERSIONS:
        return "too_few"
    if low > 0:
        return "more"
    return "fewer" if high < 0 else "no_difference"
