"""The KPI dictionary: one formula each, a share of what counts among what it is held against.

`whole` says which rows the figure is about, `part` which of them count; `at` is the moment by
which a row belongs to a period. Rows are leads, assignments (each adviser answers for their own)
or requests for defeat. What they are called and how they are explained is in texts/kpis.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from domain.kpi_formula import (
    Amount,
    Before,
    Facts,
    Frame,
    Is,
    Known,
    Not,
    Passed,
    PromiseKept,
    PromiseOver,
    Sum,
    Test,
    amount,
    every,
    some,
)
from domain.levels import LevelTable

Unit = Literal["lead", "assignment", "defeat"]
CAME = "opened_at"
"""The moment by which every row belongs to a cohort: when its lead came."""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure. `rising` is what is hoped for; None where neither way is better."""

    code: str
    unit: Unit
    at: str
    whole: Amount
    part: Amount
    rising: bool | None = True


@dataclass(frozen=True, slots=True)
class Counted:
    """`part` of `whole`; whatever is broken down adds up again."""

    part: int = 0
    whole: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.part + other.part, self.whole + other.whole)

    @property
    def share(self) -> float | None:
        """The figure itself, to four digits; None of nothing."""
        return round(self.part / self.whole, 4) if self.whole else None


def valid_rate() -> Kpi:
    """Leads that are not known to be nobody's."""
    return Kpi(
        "valid_rate",
        "lead",
        at=CAME,
        whole=Known(CAME),
        part=Not(Is("state", ("invalid",))),
    )


def first_response_rate() -> Kpi:
    """Assignments answered before the first-response clock ran out.

    Not judged: one still in time, and one that ended before its time was up.
    """
    return Kpi(
        "first_response_rate",
        "assignment",
        at="assigned_at",
        whole=some(
            Known("responded_at"), every(Passed("due_at"), Not(Before("ended_at", "due_at")))
        ),
        part=Before("responded_at", "due_at"),
    )


def connect_rate() -> Kpi:
    """Leads whose customer was reached, among those somebody tried to reach."""
    return Kpi(
        "connect_rate", "lead", at="tried_at", whole=Known("tried_at"), part=Known("contacted_at")
    )


def follow_up_rate() -> Kpi:
    """Follow-up cycles that ended with a contact in time, after the first response."""
    return Kpi(
        "follow_up_rate",
        "assignment",
        at="assigned_at",
        whole=Sum(("kept", "missed")),
        part=Sum(("kept",)),
    )


def invite_to_visit() -> Kpi:
    """Leads that came to the store, among those whose appointed time is there or who came."""
    return Kpi(
        "invite_to_visit",
        "lead",
        at="visit_due_at",
        whole=every(Known("visit_due_at"), some(Passed("visit_due_at"), Known("visited_at"))),
        part=Known("visited_at"),
    )


def visit_to_test_drive() -> Kpi:
    """Leads that drove, among those that came."""
    return Kpi(
        "visit_to_test_drive",
        "lead",
        at="visited_at",
        whole=Known("visited_at"),
        part=Known("test_drove_at"),
    )


def visit_to_order() -> Kpi:
    """Leads that ordered, among those that came."""
    return Kpi(
        "visit_to_order",
        "lead",
        at="visited_at",
        whole=Known("visited_at"),
        part=Known("ordered_at"),
    )


def defeat_rate() -> Kpi:
    """Leads lost, among those that were decided: lost, or ordered."""
    return Kpi(
        "defeat_rate",
        "lead",
        at="decided_at",
        whole=Known("decided_at"),
        part=Is("state", ("defeated",)),
        rising=False,
    )


def defeat_rejection_rate() -> Kpi:
    """Requests for defeat that the manager refused, among those decided upon."""
    return Kpi(
        "defeat_rejection_rate",
        "defeat",
        at="reviewed_at",
        whole=Is("review", ("approved", "rejected")),
        part=Is("review", ("rejected",)),
        rising=None,
    )


def level_calibration() -> Kpi:
    """Leads that ordered within the window their first level promised, among those whose window is
    over or who ordered within it."""
    kept = PromiseKept("promised_level", "order_days")
    return Kpi(
        "level_calibration",
        "lead",
        at="promised_at",
        whole=some(PromiseOver("promised_level", "promised_at"), kept),
        part=kept,
    )


KPIS: Mapping[str, Kpi] = {
    kpi.code: kpi
    for kpi in (
        valid_rate(),
        first_response_rate(),
        connect_rate(),
        follow_up_rate(),
        invite_to_visit(),
        visit_to_test_drive(),
        visit_to_order(),
        defeat_rate(),
        defeat_rejection_rate(),
        level_calibration(),
    )
}

_ROAD = ("contacted_at", "visit_due_at", "visited_at", "test_drove_at", "ordered_at")
STAGES: Mapping[str, Test] = {
    "captured": Known(CAME),
    "assigned": some(Known("assigned_at"), *(Known(column) for column in _ROAD)),
    **{
        stage: some(*(Known(later) for later in _ROAD[number:]))
        for number, stage in enumerate(
            ("contacted", "invited", "visited", "test_drove", "ordered")
        )
    },
    "delivered": Known("delivered_at"),
}
"""How far a lead came; who reached a stage counts for those before it."""


def counted(kpi: Kpi, facts: Facts, frame: Frame) -> Counted:
    """What one row adds to a figure: nothing, unless it is one the figure is about."""
    whole = amount(kpi.whole, facts, frame)
    return Counted(min(amount(kpi.part, facts, frame), whole), whole)


def total(kpi: Kpi, rows: Iterable[Facts], frame: Frame) -> Counted:
    """The figure over these rows."""
    return sum((counted(kpi, facts, frame) for facts in rows), Counted())


def windows_of(levels: LevelTable) -> dict[str, float]:
    """What each level promises, in days; levels that promise nothing are left out."""
    return {
        code: row.window_days
        for code, row in levels.items()
        if row.states_window and row.window_days is not None
    }
