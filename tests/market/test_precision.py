"""On a history whose truth is known, the rules find more who will still buy than chance does."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import mean

from domain.policy import DEFAULT_DOCUMENT, Policy
from market.numbers import Numbers
from market.precision import precision_at

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_the_worthiest_are_worth_more_than_chance_and_than_the_oldest(numbers: Numbers) -> None:
    policy = Policy.from_document(DEFAULT_DOCUMENT).calling
    found = [precision_at(200, 2500, seed, numbers, policy, NOW) for seed in (21, 22)]
    by_worth = mean(one.by_worth for one in found)
    assert by_worth > 1.4 * mean(one.base for one in found)
    assert by_worth > 1.4 * mean(one.oldest_first for one in found)
    assert by_worth > mean(one.by_chance for one in found)
    assert found[0] == precision_at(200, 2500, 21, numbers, policy, NOW)
