"""Who is worth calling again: by rules that can be read, in points that can be added up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.calling import Resting, best, worth_calling
from domain.policy import DEFAULT_DOCUMENT, Policy

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
POLICY = Policy.from_document(DEFAULT_DOCUMENT).calling


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def somebody(**known: object) -> Resting:
    usual = Resting(
        customer_id=1,
        lead_id=1,
        closed_at=ago(35),
        opened_at=ago(60),
        contacted_at=ago(50),
    )
    return replace(usual, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"heard_at": ago(2)}, ["stirred"]),
        ({"window_days": 60}, ["window_near"]),
        ({"window_days": 140}, ["window_near"]),
        ({"contacted_at": None, "closed_at": ago(8)}, ["closed_lately", "never_reached"]),
        ({"test_drove_at": ago(30), "visited_at": ago(30)}, ["test_drove"]),
        ({"visited_at": ago(30), "quoted_at": ago(30)}, ["visited", "quoted"]),
        (
            {"reason": "timing", "leads": 3, "closed_at": ago(6)},
            ["closed_lately", "may_have_changed", "asked_before"],
        ),
    ],
)
def test_each_rule_is_a_reason_for_a_call(known: dict[str, object], why: list[str]) -> None:
    worth = worth_calling(somebody(**known), POLICY, NOW)
    assert worth is not None
    assert [reason.code for reason in worth.reasons] == why


@pytest.mark.parametrize(
    "known",
    [
        {},  # nothing speaks for it
        {"reason": "competitor"},
        {"closed_at": ago(8)},  # that alone is no reason
        {"heard_at": ago(2), "closed_at": ago(4)},  # let them be for some days
        {"heard_at": ago(2), "closed_at": ago(181)},  # too long ago
        {"heard_at": ago(2), "called_at": ago(29)},  # called lately
        {"heard_at": ago(25)},  # a word from before the lead was closed
        {"visited_at": ago(60), "window_days": 7, "opened_at": ago(90)},  # bought long ago
    ],
)
def test_nobody_is_called_without_a_reason_or_too_soon_or_too_often(
    known: dict[str, object],
) -> None:
    assert worth_calling(somebody(**known), POLICY, NOW) is None


def test_what_was_done_together_fades_and_what_is_timely_does_not() -> None:
    def points(**known: object) -> float:
        worth = worth_calling(somebody(**known), POLICY, NOW)
        return worth.points if worth else 0

    fresh = points(test_drove_at=ago(40), closed_at=ago(31), quoted_at=ago(40))
    old = points(test_drove_at=ago(99), closed_at=ago(91), quoted_at=ago(99))
    assert old == pytest.approx(fresh / 2, abs=0.1)
    assert points(heard_at=ago(1), closed_at=ago(70)) == points(heard_at=ago(1))
    assert points(window_days=60, closed_at=ago(50)) == points(window_days=60)


def test_the_worthiest_come_first_and_no_more_than_can_be_called() -> None:
    crowd = [
        somebody(lead_id=1, visited_at=ago(50), quoted_at=ago(50)),
        somebody(lead_id=2, heard_at=ago(1)),
        somebody(lead_id=3),
        somebody(lead_id=4, test_drove_at=ago(30)),
    ]
    assert [worth.lead_id for worth in best(crowd, POLICY, NOW, 2)] == [2, 1]
    assert [worth.lead_id for worth in best(crowd, POLICY, NOW, 9)] == [2, 1, 4]
