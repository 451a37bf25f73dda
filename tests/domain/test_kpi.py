"""Every figure of the dictionary, over a small table of facts whose answer was counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.kpi import KPIS, STAGES, Counted, counted, total, windows_of
from domain.kpi_formula import Frame, holds
from domain.levels import STANDARD

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
FRAME = Frame(NOW, windows_of(STANDARD))


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def lead(**known: object) -> dict[str, object]:
    return {"opened_at": ago(40), "state": "accepted", "promised_level": "", **known}


def assignment(**known: object) -> dict[str, object]:
    return {"assigned_at": ago(2), "due_at": ago(1), "kept": 0, "missed": 0, **known}


LATER = NOW + timedelta(minutes=1)
CASES: dict[str, list[tuple[dict[str, object], tuple[int, int]]]] = {
    "valid_rate": [
        (lead(), (1, 1)),
        (lead(state="defeated"), (1, 1)),
        (lead(state="invalid"), (0, 1)),
    ],
    "first_response_rate": [
        (assignment(responded_at=ago(1.5)), (1, 1)),
        (assignment(responded_at=ago(1)), (0, 1)),  # exactly at the deadline is late
        (assignment(responded_at=ago(0.5)), (0, 1)),
        (assignment(), (0, 1)),
        (assignment(due_at=LATER), (0, 0)),
        (assignment(due_at=LATER, responded_at=ago(1)), (1, 1)),
        (assignment(ended_at=ago(1.2)), (0, 0)),  # taken away before its time was up
        (assignment(ended_at=ago(0.8)), (0, 1)),
    ],
    "connect_rate": [
        (lead(), (0, 0)),
        (lead(tried_at=ago(3)), (0, 1)),
        (lead(tried_at=ago(3), contacted_at=ago(2)), (1, 1)),
    ],
    "follow_up_rate": [
        (assignment(), (0, 0)),
        (assignment(kept=3, missed=1), (3, 4)),
        (assignment(missed=2), (0, 2)),
    ],
    "invite_to_visit": [
        (lead(), (0, 0)),
        (lead(visited_at=ago(1)), (0, 0)),  # came without being asked
        (lead(visit_due_at=LATER), (0, 0)),
        (lead(visit_due_at=LATER, visited_at=ago(1)), (1, 1)),
        (lead(visit_due_at=NOW), (0, 1)),
        (lead(visit_due_at=ago(2), visited_at=ago(1)), (1, 1)),
    ],
    "visit_to_test_drive": [
        (lead(), (0, 0)),
        (lead(visited_at=ago(1)), (0, 1)),
        (lead(visited_at=ago(1), test_drove_at=ago(1)), (1, 1)),
    ],
    "visit_to_order": [
        (lead(ordered_at=ago(1)), (0, 0)),
        (lead(visited_at=ago(5)), (0, 1)),
        (lead(visited_at=ago(5), ordered_at=ago(1)), (1, 1)),
    ],
    "defeat_rate": [
        (lead(), (0, 0)),
        (lead(state="defeated", decided_at=ago(1)), (1, 1)),
        (lead(state="ordered", decided_at=ago(1)), (0, 1)),
    ],
    "defeat_rejection_rate": [
        ({"review": "requested"}, (0, 0)),
        ({"review": "withdrawn"}, (0, 0)),
        ({"review": "approved"}, (0, 1)),
        ({"review": "rejected"}, (1, 1)),
    ],
    "level_calibration": [
        (lead(), (0, 0)),
        (lead(promised_level="C", promised_at=ago(400)), (0, 0)),  # promises nothing
        (lead(promised_level="H", promised_at=ago(7)), (0, 1)),
        (lead(promised_level="H", promised_at=ago(6.9)), (0, 0)),
        (lead(promised_level="H", promised_at=ago(3), order_days=2.0), (1, 1)),
        (lead(promised_level="H", promised_at=ago(30), order_days=7.0), (1, 1)),
        (lead(promised_level="H", promised_at=ago(30), order_days=7.1), (0, 1)),
        (lead(promised_level="A", promised_at=ago(31), order_days=29.0), (1, 1)),
    ],
}


def test_every_figure_is_shown_by_an_example() -> None:
    assert CASES.keys() == KPIS.keys()


@pytest.mark.parametrize("code", CASES)
def test_a_figure_counts_what_its_definition_says(code: str) -> None:
    kpi = KPIS[code]
    for facts, (part, whole) in CASES[code]:
        assert counted(kpi, facts, FRAME) == Counted(part, whole), facts
    parts, wholes = zip(*(expected for _, expected in CASES[code]), strict=True)
    found = total(kpi, [facts for facts, _ in CASES[code]], FRAME)
    assert found == Counted(sum(parts), sum(wholes))
    assert found.share == round(sum(parts) / sum(wholes), 4)


def test_a_figure_of_nothing_has_no_share() -> None:
    assert total(KPIS["valid_rate"], [], FRAME).share is None


def test_who_reached_a_stage_counts_for_those_before_it() -> None:
    bought = lead(ordered_at=ago(1))
    reached = {stage for stage, test in STAGES.items() if holds(test, bought, FRAME)}
    assert reached == STAGES.keys() - {"delivered"}
    assert {s for s, t in STAGES.items() if holds(t, lead(), FRAME)} == {"captured"}
