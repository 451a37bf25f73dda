"""A follow-up can be taken back for a while."""

from datetime import timedelta

from domain.undo import may_undo
from tests.domain.rules import POLICY, china, policy_with

LOGGED = china("2026-11-23 10:00")


def test_ten_minutes_and_not_an_instant_longer() -> None:
    deadline = LOGGED + timedelta(minutes=10)
    assert may_undo(LOGGED, LOGGED, POLICY)
    assert may_undo(LOGGED, deadline, POLICY)
    assert not may_undo(LOGGED, deadline + timedelta(microseconds=1), POLICY)


def test_the_minutes_are_policy() -> None:
    short = policy_with({"bot": {"undo_minutes": 0.5}})
    assert not may_undo(LOGGED, LOGGED + timedelta(seconds=31), short)
