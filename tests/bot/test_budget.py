"""One phone cannot fill the house."""

from bot import budget
from bot.budget import SenderBudget
from tests.clock import FakeClock


def test_thirty_messages_at_once_have_no_wait(clock: FakeClock) -> None:
    spent = SenderBudget(clock)
    assert [spent.wait_s("a") for _ in range(30)] == [0] * 30


def test_what_comes_on_top_waits_a_second_each(clock: FakeClock) -> None:
    spent = SenderBudget(clock)
    waits = [spent.wait_s("a") for _ in range(33)]
    assert waits[30:] == [1, 2, 3]


def test_a_thousand_a_minute_are_neither_all_stored_nor_felt_by_others(clock: FakeClock) -> None:
    spent = SenderBudget(clock)
    waits = []
    for _ in range(1000):
        waits.append(spent.wait_s("flood"))
        clock.advance(seconds=0.06)
        assert spent.wait_s("b") == 0 if len(waits) % 40 == 0 else True

    stored = [wait for wait in waits if wait is not None]
    assert 30 + 60 <= len(stored) <= 30 + 60 + 300
    assert max(stored) <= budget.LONGEST_WAIT_S


def test_a_minute_of_peace_brings_the_burst_back(clock: FakeClock) -> None:
    spent = SenderBudget(clock)
    for _ in range(60):
        spent.wait_s("a")
    clock.advance(minutes=1)
    assert [spent.wait_s("a") for _ in range(30)] == [0] * 30


def test_only_the_last_senders_are_remembered(clock: FakeClock) -> None:
    spent = SenderBudget(clock)
    for number in range(budget.REMEMBERED + 500):
        spent.wait_s(str(number))
    assert len(spent._spent_until) == budget.REMEMBERED
