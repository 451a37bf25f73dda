"""One market in several towns, each by itself: what came of them together, and how sure that is.

A town is an organisation with a load per adviser like any other, on a database of its own, so a
market of any size can be played on as many processors as there are.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from statistics import NormalDist, fmean, stdev

from market.play import Plan, Played

APART = 1_000_003
"""Between the seeds of two towns of one market."""


def split(plan: Plan, most: int) -> list[Plan]:
    """The market's towns, none with more than `most` leads. The first one has its seed."""
    number = ceil(plan.leads / most)
    each, rest = divmod(plan.leads, number)
    return [
        replace(plan, seed=plan.seed + town * APART, leads=each + (town < rest))
        for town in range(number)
    ]


def seed_of(town: Plan) -> int:
    """The seed of the market that a town belongs to."""
    return town.seed % APART


@dataclass(frozen=True, slots=True)
class Market:
    """The towns of one seed and variant, played."""

    seed: int
    without: frozenset[str]
    towns: tuple[Played, ...]

    @property
    def violations(self) -> int:
        return sum(town.violations for town in self.towns)

    @property
    def refused(self) -> dict[str, int]:
        return dict(sum((Counter(town.refused) for town in self.towns), Counter()))

    @property
    def looks(self) -> dict[str, int]:
        return dict(sum((Counter(town.looks) for town in self.towns), Counter()))


def markets_of(played: Sequence[Played]) -> list[Market]:
    """Towns put together, in the order in which they were planned."""
    found: dict[tuple[int, frozenset[str]], list[Played]] = {}
    for town in played:
        found.setdefault((seed_of(town.plan), town.plan.without), []).append(town)
    return [Market(seed, without, tuple(towns)) for (seed, without), towns in found.items()]


@dataclass(frozen=True, slots=True)
class Effect:
    """How much more of something the whole loop has than the same towns without a part of it.

    `low` to `high` is where the true difference lies with 95 %, by the differences of towns.
    """

    without: frozenset[str]
    measure: str
    towns: int
    difference: float
    low: float
    high: float


MEASURES: dict[str, Callable[[Played], float]] = {
    "conversion": lambda town: town.counts.orders / town.counts.leads,
    "wasted": lambda town: town.counts.wasted / max(1, town.counts.decided),
}
ENOUGH = 5
"""With fewer towns nothing is said about how sure it is."""


def effects(played: Sequence[Played]) -> list[Effect]:
    """Each variant against the whole loop, town by town: their customers are the same people."""
    whole = {town.plan.seed: town for town in played if not town.plan.without}
    rest: dict[frozenset[str], list[Played]] = {}
    for town in played:
        if town.plan.without and town.plan.seed in whole:
            rest.setdefault(town.plan.without, []).append(town)
    return [
        _effect(without, measure, [of(whole[one.plan.seed]) - of(one) for one in towns])
        for without, towns in rest.items()
        for measure, of in MEASURES.items()
        if len(towns) >= ENOUGH
    ]


def _effect(without: frozenset[str], measure: str, differences: list[float]) -> Effect:
    mean, number = fmean(differences), len(differences)
    around = _student(number - 1) * stdev(differences) / sqrt(number)
    return Effect(without, measure, number, mean, mean - around, mean + around)


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, by the usual expansion (within 2 % from 4 on)."""
    z = NormalDist().inv_cdf(0.975)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
