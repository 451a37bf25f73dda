"""Luck that can be looked up: the same question of the same seed always has the same answer.

So two markets that differ in one rule differ in nothing else: a customer who answers the third
call in one answers the third call in the other, too.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")
_STANDARD = NormalDist()


@dataclass(frozen=True, slots=True)
class Chance:
    """All the luck of one seed; what is asked for is named by words and numbers."""

    seed: int

    def share(self, *about: object) -> float:
        """Evenly between 0 and 1, both left out."""
        words = "|".join(map(str, (self.seed, *about)))
        drawn = int.from_bytes(blake2b(words.encode(), digest_size=7).digest())
        return (drawn + 0.5) / 2**56

    def happens(self, probability: float, *about: object) -> bool:
        return self.share(*about) < probability

    def normal(self, *about: object) -> float:
        return _STANDARD.inv_cdf(self.share(*about))

    def around(self, median: float, spread: float, *about: object) -> float:
        """Lognormal: half are below the median, none below zero."""
        return median * math.exp(spread * self.normal(*about))

    def between(self, least: float, most: float, *about: object) -> float:
        return least + (most - least) * self.share(*about)

    def pick(self, choices: Sequence[T], *about: object) -> T:
        return choices[int(self.share(*about) * len(choices))]

    def weighed(self, weights: Mapping[T, float], *about: object) -> T:
        """One of the keys, as often as its weight says."""
        left = self.share(*about) * sum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        return list(weights)[-1]
