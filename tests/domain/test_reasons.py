"""Reasons survive storage."""

import pytest

from domain.reasons import Reason
from tests.domain.rules import china


def test_a_reason_is_read_back_as_it_was_written() -> None:
    reason = Reason.of("wishes_test_drive", at=china("2026-11-28 15:00"), times=2)
    assert Reason.from_json(reason.as_json()) == reason
    assert reason.params["at"] == "2026-11-28T15:00:00+08:00"


def test_a_reason_without_numbers_is_only_its_code() -> None:
    assert Reason.of("qualified").as_json() == {"code": "qualified"}
    assert Reason.from_json({"code": "qualified"}) == Reason("qualified")


@pytest.mark.parametrize("data", [{}, {"code": 7}, {"code": "x", "params": [1]}])
def test_what_is_no_reason_is_refused(data: dict) -> None:
    with pytest.raises(ValueError, match="reason"):
        Reason.from_json(data)


def test_equal_reasons_are_one_in_a_set() -> None:
    assert len({Reason.of("window", days=7), Reason.of("window", days=7)}) == 1
