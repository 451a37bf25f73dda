"""A defeat is earned by real attempts."""

import pytest

from domain.defeat import missing_for_defeat, needs_approval, reason_codes, resistance
from tests.domain.rules import POLICY, TZ, china, policy_with

CONTRACT_REASONS = [
    "price", "brand", "competitor", "finance", "product", "service", "timing", "stock",
    "distance", "family", "no_need", "bought_elsewhere", "refuses_contact", "other",
]  # fmt: skip
THREE_ON_TWO_DAYS = ["2026-11-23 10:00", "2026-11-23 15:00", "2026-11-24 10:00"]


def missing(attempts: list[str], reason: str | None = None, **defeat: object) -> list[str]:
    policy = policy_with({"defeat": defeat})
    found = missing_for_defeat([china(at) for at in attempts], policy, TZ, reason)
    return [item.code for item in found]


def test_the_reason_tree_is_the_contracts_and_three_clerical_ones() -> None:
    assert set(reason_codes(POLICY)) == {*CONTRACT_REASONS, "wrong_number", "invalid", "duplicate"}


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("price", "weak"),
        ("distance", "weak"),
        ("family", "weak"),
        ("refuses_contact", "strong"),
        ("bought_elsewhere", "strong"),
        ("wrong_number", "strong"),
        ("duplicate", "none"),
        ("a_typing_error", "weak"),
    ],
)
def test_weak_and_strong_resistance_are_told_apart(reason: str, expected: str) -> None:
    assert resistance(reason, POLICY) == expected


def test_a_brand_may_judge_a_reason_differently_and_add_its_own() -> None:
    policy = policy_with({"defeat": {"reasons": {"no_need": "strong", "moved_away": "strong"}}})
    assert resistance("no_need", policy) == resistance("moved_away", policy) == "strong"
    assert "moved_away" in reason_codes(policy)


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([], ["too_few_attempts", "too_few_days"]),
        (THREE_ON_TWO_DAYS[:2], ["too_few_attempts", "too_few_days"]),
        (["2026-11-23 10:00", "2026-11-23 12:00", "2026-11-23 15:00"], ["too_few_days"]),
        (["2026-11-23 10:00", "2026-11-24 12:00"], ["too_few_attempts"]),
        (THREE_ON_TWO_DAYS, []),
    ],
)
def test_three_attempts_on_two_days_earn_a_defeat(
    attempts: list[str], expected: list[str]
) -> None:
    assert missing(attempts) == expected


def test_days_are_the_customers_days() -> None:
    """08:30 and 07:30 the next morning share a UTC day, yet are two days in China."""
    assert missing(["2026-11-23 08:30", "2026-11-23 09:00", "2026-11-24 07:30"]) == []


def test_what_is_missing_is_told_in_numbers() -> None:
    (first, _) = missing_for_defeat([china("2026-11-23 10:00")], POLICY, TZ)
    assert first.params == {"have": 1, "need": 3}


@pytest.mark.parametrize("reason", ["wrong_number", "invalid"])
def test_a_dead_number_shows_at_the_first_try(reason: str) -> None:
    assert missing(["2026-11-23 10:00"], reason) == []
    assert missing([], reason) == ["too_few_attempts", "too_few_days"]
    assert missing([], reason, min_attempts=0, min_days=0) == []


def test_a_duplicate_needs_no_call() -> None:
    assert missing([], "duplicate") == []


def test_a_scope_may_ask_for_less() -> None:
    assert missing(["2026-11-23 10:00"], min_attempts=1, min_days=1) == []
    assert needs_approval(POLICY)
    assert not needs_approval(policy_with({"defeat": {"needs_approval": False}}))
