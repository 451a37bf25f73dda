"""The sample of defeats that the brand calls again."""

import pytest

from domain.recall import is_recalled


def test_nobody_is_recalled_at_zero_and_everybody_at_one() -> None:
    assert not any(is_recalled(number, 0) for number in range(1000))
    assert all(is_recalled(number, 1) for number in range(1000))


def test_a_share_is_kept_within_chance() -> None:
    recalled = sum(is_recalled(number, 0.05) for number in range(20_000))
    assert recalled == pytest.approx(1000, rel=0.15)


def test_who_is_in_a_small_sample_is_in_every_larger_one() -> None:
    assert all(is_recalled(n, 0.5) for n in range(5000) if is_recalled(n, 0.1))
