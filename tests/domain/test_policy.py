"""Policy documents: nearest scope wins, and nothing odd gets in."""

import copy
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.levels import STANDARD
from domain.policy import DEFAULT_DOCUMENT, InvalidPolicy, Policy, check_overrides, merge
from tests.domain.rules import POLICY, policy_with

CONTRACT: dict[str, Any] = {
    "levels": {
        "H": {"window_days": 7, "follow_up_days": 1},
        "A": {"window_days": 30, "follow_up_days": 2},
        "B": {"window_days": 90, "follow_up_days": 5},
        "C": {"window_days": None, "follow_up_days": 10},
        "N": {"follow_up_days": 1},
        "O": {"follow_up_days": 3},
        "missed_cycles": 2,
    },
    "sla": {
        "first_response_minutes": 30,
        "first_response_minutes_by_level": {"H": 15},
        "remind_at": 0.5,
        "escalate_at": 1.0,
        "escalate_to_manager_at": 1.5,
        "unaccepted_minutes": 240,
        "untouched_minutes": 1440,
        "recycles_before_region": 2,
    },
    "defeat": {"min_attempts": 3, "min_days": 2, "needs_approval": True},
    "contact": {"quiet_hours": {"start": "21:00", "end": "09:00"}, "touches_per_week": 1},
    "bot": {"undo_minutes": 10},
    "merge_days": 180,
}


def faults(document: object) -> list[str]:
    with pytest.raises(InvalidPolicy) as refused:
        check_overrides(document)
    return [loc for loc, _ in refused.value.errors]


def test_the_delivered_document_holds_the_contract_number_for_number() -> None:
    assert merge(DEFAULT_DOCUMENT, CONTRACT) == DEFAULT_DOCUMENT


def test_the_delivered_document_passes_its_own_check() -> None:
    check_overrides(DEFAULT_DOCUMENT)
    check_overrides({})


def test_the_nearest_scope_wins_key_by_key() -> None:
    brand = {"sla": {"first_response_minutes": 20, "unaccepted_minutes": 60}}
    dealer = {"sla": {"first_response_minutes": 5}}
    policy = Policy.from_document(merge(DEFAULT_DOCUMENT, brand, dealer))
    assert policy.sla.first_response_minutes == 5
    assert policy.sla.unaccepted_minutes == 60
    assert policy.sla.untouched_minutes == 1440


def test_merging_leaves_every_document_as_it_was() -> None:
    before = copy.deepcopy(DEFAULT_DOCUMENT)
    merged = merge(DEFAULT_DOCUMENT, {"grading": {"strong": ["visited"]}})
    merged["grading"]["strong"].append("quoted")
    merged["levels"]["H"]["window_days"] = 1
    assert before == DEFAULT_DOCUMENT


def test_the_response_time_of_a_level_stands_before_the_general_one() -> None:
    assert POLICY.sla.first_response_minutes_for("H") == 15
    assert POLICY.sla.first_response_minutes_for("A") == 30
    without = policy_with({"sla": {"first_response_minutes_by_level": {"H": None}}})
    assert without.sla.first_response_minutes_for("H") == 30


def test_durations_may_be_fractions() -> None:
    policy = policy_with(
        {"sla": {"first_response_minutes": 0.05}, "levels": {"N": {"follow_up_days": 0.001}}}
    )
    assert policy.sla.first_response_minutes_for("N") == 0.05
    assert policy.levels["N"].follow_up_days == 0.001


def test_a_brand_may_add_and_remove_levels() -> None:
    policy = policy_with(
        {"levels": {"H": None, "S": {"window_days": 3, "follow_up_days": 0.5}, "A2": None}}
    )
    assert policy.levels.order == ("S", "A", "B", "C")
    assert "H" not in policy.levels


@pytest.mark.parametrize(
    ("overrides", "loc"),
    [
        ({"sla": {"first_response": 5}}, "sla.first_response"),
        ({"colour": "red"}, "colour"),
        ({"sla": {"first_response_minutes": "5"}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minutes": 0}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minutes": -1}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minutes": True}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minutes": None}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minutes": math.nan}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minutes": math.inf}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minutes": 10**400}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minutes_by_level": {"h": 5}}},
         "sla.first_response_minutes_by_level.h"),
        ({"sla": {"recycles_before_region": 1.5}}, "sla.recycles_before_region"),
        ({"sla": {"remind_at": 1.2}}, "sla.escalate_at"),
        ({"sla": []}, "sla"),
        ({"sla": None}, "sla"),
        ({"defeat": {"needs_approval": 1}}, "defeat.needs_approval"),
        ({"defeat": {"reasons": {"price": "medium"}}}, "defeat.reasons.price"),
        ({"defeat": {"reasons": {"Too Dear": "weak"}}}, "defeat.reasons.Too Dear"),
        ({"contact": {"quiet_hours": {"start": "9pm"}}}, "contact.quiet_hours.start"),
        ({"contact": {"quiet_hours": {"start": "24:00"}}}, "contact.quiet_hours.start"),
        ({"contact": {"quiet_hours": "21:00-09:00"}}, "contact.quiet_hours"),
        ({"contact": {"touches_per_week": -1}}, "contact.touches_per_week"),
        ({"levels": {"H": {"window_days": 40}}}, "levels.H.window_days"),
        ({"levels": {"S": {"window_days": 7, "follow_up_days": 1}}}, "levels"),
        ({"levels": {"S": {"follow_up_days": 1}}}, "levels.S.window_days"),
        ({"levels": {"S": {"window_days": 3}}}, "levels.S.follow_up_days"),
        ({"levels": {"H": {"window_days": None}}}, "levels"),
        ({"levels": {"C": None}}, "levels"),
        ({"levels": {"H": None, "A": None, "B": None}}, "levels"),
        ({"levels": {"H": {"window_days": "7"}}}, "levels.H.window_days"),
        ({"levels": {"H": {"window_days": -1}}}, "levels.H.window_days"),
        ({"levels": {"N": None}}, "levels.N"),
        ({"levels": {"N": {"window_days": 3}}}, "levels.N.window_days"),
        ({"levels": {"F": {"window_days": 3, "follow_up_days": 1}}}, "levels.F"),
        ({"levels": {"missed_cycles": 0}}, "levels.missed_cycles"),
        ({"levels": {"H": {"follow_up_days": 1e-12}}}, "levels.H.follow_up_days"),
        ({"grading": {"strong": "visited"}}, "grading.strong"),
        ({"grading": {"weekly_decay": 1.1}}, "grading.weekly_decay"),
        ({"appointment": {"earliest": "21:00"}}, "appointment.latest"),
        ({"merge_days": {}}, "merge_days"),
        ({"offers": {"tayron": ""}}, "offers.tayron"),
        ({"offers": {"tayron": 8000}}, "offers.tayron"),
        ({7: 1}, "7"),
        ([], ""),
        (None, ""),
    ],
)  # fmt: skip
def test_odd_overrides_are_refused_where_they_are_odd(overrides: object, loc: str) -> None:
    assert faults(overrides) == [loc]


@pytest.mark.parametrize(
    "overrides",
    [
        {"contact": {"touches_per_week": 0}},
        {"contact": {"quiet_hours": {"start": "00:00", "end": "23:59"}}},
        {"defeat": {"min_attempts": 0, "min_days": 0, "suspicious_at": 100}},
        {"appointment": {"lead_time_minutes": 0, "duration_minutes": 24 * 60}},
        {"grading": {"source_quality": {"懂车帝": -20, "dongchedi": 20}, "weekly_decay": 1}},
        {"sla": {"remind_at": 1.5, "escalate_at": 1.5, "first_response_minutes": 1e-9}},
        {"sla": {"untouched_minutes": 366 * 24 * 60}},
        {"levels": {"H": {"follow_up_days": 1e-6}}},
        {"wecom": {"member_sends_per_minute": 1, "member_sends_per_hour": 1000}},
    ],
)
def test_the_limits_themselves_are_allowed(overrides: dict[str, Any]) -> None:
    check_overrides(overrides)


def test_the_standard_levels_are_those_of_the_delivered_document() -> None:
    assert POLICY.levels == STANDARD


def test_every_fault_is_named_at_once() -> None:
    found = faults({"sla": {"a": 1, "remind_at": 0}, "bot": {"undo_minutes": "x"}})
    assert found == ["sla.a", "sla.remind_at", "bot.undo_minutes"]


def test_overrides_are_judged_on_top_of_the_scope_around_them() -> None:
    brand = merge(DEFAULT_DOCUMENT, {"levels": {"S": {"window_days": 3, "follow_up_days": 1}}})
    check_overrides({"levels": {"S": {"follow_up_days": 2}}}, brand)
    assert faults({"levels": {"S": {"follow_up_days": 2}}}) == ["levels.S.window_days"]


def entries(document: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every path into a document, objects and values alike."""
    paths = [path] if path else []
    for key, value in document.items():
        paths += entries(value, (*path, key)) if isinstance(value, dict) else [(*path, key)]
    return paths


def at_path(path: tuple[str, ...], value: object) -> dict[str, Any]:
    key, *rest = path
    return {key: at_path(tuple(rest), value) if rest else value}


replacements = st.sampled_from(
    [None, True, "x", "08:30", "", [], ["visited"], {}, {"H": 1}, -1, 0, 0.5, 1, 2, 45, 10**400,
     1e308, math.inf, math.nan]
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(entries(DEFAULT_DOCUMENT)), replacements), max_size=4))
def test_whatever_passes_the_check_can_be_read(
    changes: list[tuple[tuple[str, ...], object]],
) -> None:
    document = merge({}, *(at_path(path, value) for path, value in changes))
    try:
        check_overrides(document)
    except InvalidPolicy:
        return
    policy = Policy.from_document(merge(DEFAULT_DOCUMENT, document))
    assert policy.levels.order
    assert policy.sla.remind_at <= policy.sla.escalate_at <= policy.sla.escalate_to_manager_at
