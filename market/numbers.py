"""The numbers of `market.toml`, typed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("market.toml")


@dataclass(frozen=True, slots=True)
class Demand:
    """When interest arises."""

    start: date
    months: tuple[float, ...]
    weekdays: tuple[float, ...]
    holiday: float
    hours: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where interest is seen; `serious` multiplies the share of buyers."""

    name: str
    share: float
    serious: float


@dataclass(frozen=True, slots=True)
class CustomerNumbers:
    """How customers are."""

    buyers: float
    wrong_numbers: float
    refusers: float
    states_window: float
    decides_days: Mapping[int, float]
    windows: Mapping[int, float]
    spread: float
    names_dealer: float
    comes_again: float
    follows_account: float
    lets_market: float
    shares_with_dealer: float
    answers_phone: float
    evening_bonus: float
    patience_hours: float
    least_patience: float
    warm_at_first: float
    warmth_half_life_days: float
    warmth_of: Mapping[str, float]
    taste_weight: float
    warmth_weight: float
    bias: float
    walks_in: float
    shows_up: float
    agrees_to_visit: float
    drives_at_visit: float
    delivery_days: tuple[float, float]
    objections: tuple[str, ...]
    says_objection: float


@dataclass(frozen=True, slots=True)
class TouchNumbers:
    """What customers make of being written to."""

    reply: Mapping[str, float]
    within_days: float
    opts_out: float
    annoyed: float
    task_willing: float


@dataclass(frozen=True, slots=True)
class Habit:
    """How one kind of adviser works; minutes are of their working time."""

    name: str
    share: float
    sees_after: float
    misses: float
    keeps_cycle: float
    heeds: float
    gives_up_after: int
    defeats_distant: float


@dataclass(frozen=True, slots=True)
class StaffNumbers:
    """How many staff there are and how they work together."""

    leads_per_adviser_and_month: float
    advisers_per_dealer: int
    hours: tuple[int, int]
    spread: float
    reminded_after: float
    pressed: float
    review_after: float
    approves: float
    approves_suspicious: float
    claims_after: float
    cycle_days: Mapping[str, float]
    does_tasks: float
    minutes_a_call: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """All of them."""

    demand: Demand
    sources: tuple[Source, ...]
    customers: CustomerNumbers
    touches: TouchNumbers
    habits: tuple[Habit, ...]
    staff: StaffNumbers


def read_numbers(path: Path = FILE) -> Numbers:
    """The market's numbers; raises TypeError or ValueError where the file makes no sense."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    demand, customers = _tupled(raw["demand"]), _tupled(raw["customers"])
    demand["start"] = date.fromisoformat(demand["start"])
    for name in ("decides_days", "windows"):
        customers[name] = {int(days): number for days, number in customers[name].items()}
    return Numbers(
        demand=Demand(**demand),
        sources=tuple(Source(**row) for row in raw["sources"]),
        customers=CustomerNumbers(**customers),
        touches=TouchNumbers(**raw["touches"]),
        habits=tuple(Habit(**row) for row in raw["habits"]),
        staff=StaffNumbers(**_tupled(raw["staff"])),
    )


def _tupled(table: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in table.items()}
