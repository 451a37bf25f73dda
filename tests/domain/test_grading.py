"""Grades: what is said stands before what is seen, and every grade explains itself."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.grading import SIGNALS, Grade, GradeFacts, Signal, grade
from domain.lead import LeadState
from domain.policy import Policy
from tests.domain.rules import POLICY, china, policy_with

NOW = china("2026-11-23 10:00")
DAY = timedelta(days=1)
STRONG = sorted(POLICY.grading.strong)
FORM_FLAGS = ("asked_finance", "trade_in", "asked_price", "asked_test_drive", "came_again")


def seen(*kinds: str, at: datetime = NOW) -> tuple[Signal, ...]:
    return tuple(Signal(kind, at) for kind in kinds)


def graded(
    *, policy: Policy = POLICY, now: datetime = NOW, opened_at: datetime = NOW, **facts: object
) -> Grade:
    return grade(GradeFacts(opened_at=opened_at, **facts), policy, now)  # type: ignore[arg-type]


def codes(result: Grade) -> list[str]:
    return [reason.code for reason in result.reasons]


# ── the state comes first ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (LeadState.ORDERED, "O"),
        (LeadState.DELIVERED, "O"),
        (LeadState.DEFEATED, "F"),
        (LeadState.INVALID, "F"),
        (LeadState.DORMANT, "L"),
    ],
)
def test_a_state_that_decides_stands_before_any_statement(state: str, level: str) -> None:
    result = graded(state=state, purchase_window_days=3, adviser_level="A")
    assert result.level == level
    assert codes(result) == ["state"]


@pytest.mark.parametrize("state", [state for state in LeadState if state in {
    "held", "waiting", "assigned", "accepted", "sea", "region", "defeat_requested"}])  # fmt: skip
def test_other_states_leave_the_level_alone(state: str) -> None:
    assert graded(state=state, purchase_window_days=3).level == "H"


# ── a stated window ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "level"), [(0, "H"), (7, "H"), (8, "A"), (30, "A"), (31, "B"), (90, "B"), (91, "C")]
)
def test_the_stated_window_decides(days: float, level: str) -> None:
    result = graded(purchase_window_days=days, window_stated_at=NOW)
    assert result.level == level
    assert result.reasons[0].as_json() == {"code": "window", "params": {"days": days}}


@pytest.mark.parametrize("later", [timedelta(), timedelta(hours=1)])
def test_what_comes_with_a_form_never_lifts_a_stated_window(later: timedelta) -> None:
    signals = seen(*FORM_FLAGS, at=NOW + later)
    result = graded(purchase_window_days=30, window_stated_at=NOW, signals=signals)
    assert result.level == "A"


@pytest.mark.parametrize("kind", STRONG)
def test_strong_behaviour_since_lifts_a_stated_window_by_one(kind: str) -> None:
    signals = seen(kind, at=NOW + DAY)
    result = graded(purchase_window_days=60, signals=signals, now=NOW + DAY)
    assert result.level == "A"
    assert codes(result)[:2] == ["window", "lifted"]


def test_no_amount_of_behaviour_lifts_by_more_than_one() -> None:
    signals = seen(*SIGNALS, *SIGNALS, *SIGNALS, at=NOW + DAY)
    assert graded(purchase_window_days=365, signals=signals, now=NOW + DAY).level == "B"


def test_strong_behaviour_before_the_statement_is_already_in_it() -> None:
    signals = seen("visited", at=NOW - DAY)
    result = graded(purchase_window_days=30, window_stated_at=NOW, signals=signals)
    assert result.level == "A"


def test_three_price_questions_since_the_statement_lift_it_and_two_do_not() -> None:
    later = NOW + DAY
    three = graded(purchase_window_days=30, signals=seen(*["asked_price"] * 3, at=later))
    two = graded(purchase_window_days=30, signals=seen(*["asked_price"] * 2, at=later))
    assert (three.level, two.level) == ("H", "A")


def test_the_hottest_level_is_not_said_to_be_lifted() -> None:
    result = graded(purchase_window_days=3, signals=seen("visited", at=NOW + DAY))
    assert result.level == "H"
    assert "lifted" not in codes(result)


# ── the adviser's word ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("said_at", "level"), [(NOW - DAY, "H"), (NOW, "B"), (NOW + DAY, "B")])
def test_the_newer_of_window_and_adviser_wins_and_the_adviser_a_tie(
    said_at: datetime, level: str
) -> None:
    result = graded(
        purchase_window_days=7, window_stated_at=NOW, adviser_level="B", adviser_level_at=said_at
    )
    assert result.level == level


@pytest.mark.parametrize("unknown", ["Z", "", "N", "F", "O"])
def test_a_level_that_states_no_window_is_no_statement(unknown: str) -> None:
    assert graded(adviser_level=unknown, purchase_window_days=7).level == "H"
    assert graded(adviser_level=unknown).level == "N"


# ── reactivation ─────────────────────────────────────────────────────────────────────────────


def reactivated(**facts: object) -> Grade:
    known = {
        "purchase_window_days": 7,
        "window_stated_at": NOW - 200 * DAY,
        "signals": seen("visited", at=NOW - 200 * DAY),
        "reactivated_at": NOW,
        "opened_at": NOW - 201 * DAY,
        "now": NOW + DAY,
    }
    return graded(**{**known, **facts})  # type: ignore[arg-type]


def test_a_reactivated_lead_is_a_whatever_was_known_before() -> None:
    assert reactivated().level == "A"
    assert reactivated(purchase_window_days=300).level == "A"
    assert reactivated(adviser_level="C", adviser_level_at=NOW - DAY).level == "A"
    assert codes(reactivated())[0] == "reactivated"


def test_what_the_returning_form_itself_says_keeps_it_at_a() -> None:
    flags = seen(*FORM_FLAGS)
    assert reactivated(window_stated_at=NOW, signals=flags).level == "A"


def test_something_newer_than_the_reactivation_counts_again() -> None:
    later = NOW + timedelta(hours=1)
    assert reactivated(window_stated_at=later).level == "H"
    assert reactivated(adviser_level="C", adviser_level_at=later).level == "C"
    assert reactivated(signals=seen("visited", at=later)).level == "H"
    assert reactivated(signals=seen("replied", at=later)).level == "A"


# ── behaviour alone ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kinds", "level"),
    [
        ([], "N"),
        (["replied"], "N"),
        (["a_kind_without_points"], "N"),
        (["asked_price"], "B"),
        (["asked_finance"], "B"),
        (["asked_price", "asked_finance"], "B"),
        (["asked_price", "asked_finance", "asked_test_drive"], "A"),
        (["booked_test_drive"], "A"),
        (["visited", "quoted"], "A"),
        (["visited", "quoted", "asked_finance"], "H"),
        (["visited", "test_drove"], "H"),
    ],
)
def test_without_a_statement_behaviour_decides(kinds: list[str], level: str) -> None:
    assert graded(signals=seen(*kinds)).level == level


def test_a_source_says_nothing_about_when() -> None:
    policy = policy_with({"grading": {"source_quality": {"dongchedi": 20}}})
    result = graded(source="dongchedi", policy=policy)
    assert (result.level, result.score, result.reasons) == ("N", 20, ())


def test_interest_fades_with_silence() -> None:
    levels = [
        graded(signals=seen("visited", "quoted", "asked_finance"), now=NOW + 7 * weeks * DAY).level
        for weeks in (0, 1, 8, 26)
    ]
    assert levels == ["H", "A", "B", "C"]


def test_a_sign_of_life_stops_the_fading() -> None:
    facts = {"signals": seen("booked_test_drive"), "now": NOW + 70 * DAY}
    assert graded(**facts).level == "B"
    assert graded(**facts, last_active_at=NOW + 69 * DAY).level == "A"


def test_asking_again_says_more_but_less_each_time() -> None:
    scores = [graded(signals=seen(*["asked_price"] * times)).score for times in (1, 2, 3, 9)]
    assert scores == sorted(scores)
    assert scores[0] < scores[1] < scores[2] == scores[3]
    assert scores[1] - scores[0] < scores[0]


# ── cooling ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("steps", "level"), [(0, "H"), (1, "A"), (2, "B"), (9, "C")])
def test_missed_cycles_cool_the_lead_down_to_the_coldest(steps: int, level: str) -> None:
    result = graded(purchase_window_days=7, lowered_steps=steps)
    assert result.level == level
    assert ("lowered" in codes(result)) == (steps > 0)


def test_what_is_not_graded_cannot_be_lowered() -> None:
    assert graded(lowered_steps=3).level == "N"


# ── the reasons ──────────────────────────────────────────────────────────────────────────────


def test_reasons_say_how_often_and_within_how_many_days() -> None:
    signals = (Signal("asked_price", NOW), Signal("asked_price", NOW + 2 * DAY))
    result = graded(signals=signals, now=NOW + 2 * DAY)
    assert result.as_json()["reasons"] == [
        {"code": "asked_price", "params": {"times": 2, "days": 3}}
    ]


def test_a_wished_time_is_told_with_the_wish() -> None:
    wished = china("2026-11-28 15:00")
    (reason,) = graded(signals=(Signal("asked_test_drive", NOW, wished),)).reasons
    assert reason.code == "wishes_test_drive"
    assert reason.params["at"] == wished.isoformat()


def test_the_weightiest_reason_comes_first() -> None:
    result = graded(purchase_window_days=30, signals=seen("replied", "visited", "asked_price"))
    assert codes(result) == ["window", "visited", "asked_price", "replied"]


# ── a brand of its own ───────────────────────────────────────────────────────────────────────


def test_other_level_tables_are_graded_by_the_same_rules() -> None:
    brand = policy_with(
        {
            "levels": {
                "H": None, "A": None, "B": None, "C": None,
                "HOT": {"window_days": 14, "follow_up_days": 1},
                "COLD": {"window_days": None, "follow_up_days": 7},
            },
            "grading": {"thresholds": {"H": None, "A": None, "B": None, "HOT": 40}},
        }
    )  # fmt: skip
    assert graded(purchase_window_days=10, policy=brand).level == "HOT"
    assert graded(purchase_window_days=15, policy=brand).level == "COLD"
    assert graded(signals=seen("visited"), policy=brand).level == "HOT"
    assert graded(signals=seen("asked_price"), policy=brand).level == "N"
    assert graded(reactivated_at=NOW, policy=brand).level == "N"


# ── properties ───────────────────────────────────────────────────────────────────────────────

moments = st.integers(-60, 60).map(lambda hours: NOW + timedelta(hours=hours))
any_signal = st.builds(Signal, st.sampled_from(sorted(SIGNALS)), moments)
any_facts = st.builds(
    GradeFacts,
    opened_at=moments,
    state=st.sampled_from(list(LeadState)),
    purchase_window_days=st.none() | st.integers(0, 400),
    window_stated_at=st.none() | moments,
    adviser_level=st.none() | st.sampled_from("HABCNX"),
    adviser_level_at=st.none() | moments,
    signals=st.lists(any_signal, max_size=8).map(tuple),
    last_active_at=st.none() | moments,
    reactivated_at=st.none() | moments,
    lowered_steps=st.integers(0, 5),
)


@given(any_facts, moments, st.randoms())
def test_the_same_facts_give_the_same_grade_in_whatever_order(
    facts: GradeFacts, now: datetime, random: object
) -> None:
    shuffled = list(facts.signals)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = GradeFacts(
        **{name: getattr(facts, name) for name in facts.__slots__} | {"signals": tuple(shuffled)}
    )
    assert grade(again, POLICY, now) == grade(facts, POLICY, now)


@given(any_facts, moments)
def test_every_lead_gets_a_known_level_and_a_score_in_range(
    facts: GradeFacts, now: datetime
) -> None:
    result = grade(facts, POLICY, now)
    assert result.level in {*POLICY.levels, "L", "F"}
    assert 0 <= result.score <= 100


@given(st.integers(0, 400), st.lists(any_signal, max_size=12).map(tuple))
def test_behaviour_moves_a_stated_window_by_at_most_one(
    days: int, signals: tuple[Signal, ...]
) -> None:
    order = POLICY.levels.order
    bare = graded(purchase_window_days=days).level
    moved = graded(purchase_window_days=days, signals=signals).level
    assert order.index(bare) - order.index(moved) in (0, 1)
