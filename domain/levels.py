"""The level table: which levels a brand has, how soon each buys, how often each is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# The codes the rules themselves speak of; every other level is only data.
NOT_GRADED = "N"
ORDERED = "O"
DORMANT = "L"
DEFEATED = "F"
REACTIVATED = "A"


@dataclass(frozen=True, slots=True)
class Level:
    """One row: buys within `window_days` (None: later or never), is called every `follow_up_days`.

    `states_window` is False for levels that say nothing about when (N, O).
    """

    code: str
    window_days: float | None
    follow_up_days: float
    states_window: bool = True


@dataclass(frozen=True, slots=True)
class LevelTable(Mapping[str, Level]):
    """All levels by code, the windowed ones hottest first."""

    rows: tuple[Level, ...]
    missed_cycles: int = 2

    def __getitem__(self, code: str) -> Level:
        for row in self.rows:
            if row.code == code:
                return row
        raise KeyError(code)

    def __iter__(self) -> Iterator[str]:
        return (row.code for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def order(self) -> tuple[str, ...]:
        """Codes of the levels that state a window, hottest first (H A B C)."""
        windowed = [row for row in self.rows if row.states_window]
        windowed.sort(key=lambda row: (_days_or_infinity(row), row.code))
        return tuple(row.code for row in windowed)


STANDARD = LevelTable(
    (
        Level("H", 7, 1),
        Level("A", 30, 2),
        Level("B", 90, 5),
        Level("C", None, 10),
        Level("N", None, 1, states_window=False),
        Level("O", None, 3, states_window=False),
    )
)


def level_for_window(days: float, levels: LevelTable = STANDARD) -> str:
    """The hottest level whose window holds `days`; past every window, the coldest."""
    for code in levels.order:
        if days <= _days_or_infinity(levels[code]):
            return code
    return levels.order[-1]


def lower(level: str, steps: int, levels: LevelTable = STANDARD) -> str:
    """`level` cooled by `steps`, never below the coldest; levels without a window stay."""
    order = levels.order
    if level not in order:
        return level
    return order[min(order.index(level) + max(steps, 0), len(order) - 1)]


def lift(level: str, steps: int, levels: LevelTable = STANDARD) -> str:
    """`level` warmed by `steps`, never above the hottest; levels without a window stay."""
    order = levels.order
    if level not in order:
        return level
    return order[max(order.index(level) - max(steps, 0), 0)]


def is_qualified(level: str, levels: LevelTable = STANDARD) -> bool:
    """Whether the customer means to buy within a known time (H, A, B)."""
    row = levels.get(level)
    return row is not None and row.states_window and row.window_days is not None


def _days_or_infinity(row: Level) -> float:
    return float("inf") if row.window_days is None else row.window_days
