"""A subjective defeat shows: the facts are held against the reason given."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evidence import WEIGHTS, Attempt, DefeatEvidence, Suspicion, weigh
from domain.grading import Signal
from domain.policy import DEFAULT_DOCUMENT
from tests.domain.rules import POLICY, china, policy_with

REQUESTED = china("2026-11-26 17:00")
HONEST = (
    Attempt(china("2026-11-23 10:00"), connected=False),
    Attempt(china("2026-11-24 15:30"), connected=True, talk_seconds=95),
    Attempt(china("2026-11-26 11:00"), connected=True, talk_seconds=40),
)


def weighed(reason: str = "price", **facts: object) -> Suspicion:
    known = {"attempts": HONEST, "quoted": True, "requested_at": REQUESTED}
    return weigh(DefeatEvidence(reason=reason, **{**known, **facts}), POLICY)  # type: ignore[arg-type]


def codes(found: Suspicion) -> list[str]:
    return [reason.code for reason in found.reasons]


def said(kind: str, at: str) -> dict[str, object]:
    return {"said": (Signal(kind, china(at)),)}


def tries(*at: str, connected: bool | None = None) -> dict[str, object]:
    return {"attempts": tuple(Attempt(china(time), connected) for time in at)}


def test_an_honest_defeat_raises_no_suspicion() -> None:
    assert weighed() == Suspicion(0, False, ())


def test_unknown_facts_speak_for_the_adviser() -> None:
    for reason in DEFAULT_DOCUMENT["defeat"]["reasons"]:
        bare = DefeatEvidence(reason, REQUESTED, competitor="BYD")
        assert weigh(bare, POLICY) == Suspicion(0, False, ())


@pytest.mark.parametrize(
    ("reason", "facts", "code"),
    [
        ("price", tries("2026-11-26 16:00", "2026-11-26 16:10", "2026-11-26 16:30"),
         "attempts_in_a_burst"),
        ("price", tries("2026-11-26 09:00", "2026-11-26 12:00", "2026-11-26 16:30"),
         "attempts_on_one_day"),
        ("price", tries("2026-11-24 17:05", "2026-11-25 17:00", "2026-11-26 17:55"),
         "attempts_at_one_hour"),
        ("price", tries("2026-11-24 10:05", "2026-11-25 15:00", connected=False), "never_spoke"),
        ("price", {"attempts": (Attempt(china("2026-11-24 10:00"), True, talk_seconds=3),)},
         "never_spoke"),
        ("price", {"quoted": False}, "never_quoted"),
        ("price", said("asked_price", "2026-11-25 20:00"), "customer_asked"),
        ("price", said("asked_test_drive", "2026-11-25 20:00"), "customer_wants_test_drive"),
        ("price", said("asked_price", "2026-11-26 18:00"), "customer_asked"),  # since
        ("other", said("replied", "2026-11-25 20:00"), "customer_replied"),
        ("price", {"promised_visit_at": china("2026-11-28 10:00")}, "visit_promised"),
        ("wrong_number", {}, "reached_after_all"),
        ("refuses_contact", said("asked_price", "2026-11-25 20:00"), "customer_asked"),
        ("invalid", {"attempts": (), **said("replied", "2026-11-25 20:00")}, "reached_after_all"),
        ("distance", {"is_nearest_dealer": True}, "is_nearest_dealer"),
        ("bought_elsewhere", {}, "no_competitor_named"),
        ("timing", {"purchase_window_days": 7}, "window_is_near"),
    ],
)  # fmt: skip
def test_each_contradiction_is_found_alone(
    reason: str, facts: dict[str, object], code: str
) -> None:
    found = weighed(reason, **facts)
    assert codes(found) == [code]
    assert found.score == WEIGHTS[code]


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        ("price", said("asked_price", "2026-11-19 16:00")),  # a week ago and more
        ("price", {"promised_visit_at": china("2026-11-25 10:00")}),  # the day passed
        ("distance", {"is_nearest_dealer": False}),
        ("bought_elsewhere", {"competitor": "BYD"}),
        ("timing", {"purchase_window_days": 90}),
        ("wrong_number", tries("2026-11-24 10:00", connected=False)),
        ("refuses_contact", tries("2026-11-24 10:00", connected=False)),
        ("refuses_contact", said("replied", "2026-11-25 20:00")),
        ("family", {"quoted": False}),
    ],
)
def test_what_fits_the_reason_is_not_held_against_it(
    reason: str, facts: dict[str, object]
) -> None:
    assert weighed(reason, **facts).score == 0


def test_one_finding_is_a_doubt_and_several_are_a_suspicion() -> None:
    one = weighed(quoted=False)
    two = weighed(quoted=False, **said("asked_price", "2026-11-25 20:00"))
    assert not one.suspicious
    assert two.suspicious
    assert two.score == 50


def test_the_threshold_is_policy() -> None:
    strict = policy_with({"defeat": {"suspicious_at": 25}})
    evidence = DefeatEvidence("price", REQUESTED, quoted=False)
    assert weigh(evidence, strict).suspicious
    assert not weigh(evidence, POLICY).suspicious


def test_the_weightiest_finding_comes_first() -> None:
    found = weighed(quoted=False, promised_visit_at=china("2026-11-28 10:00"))
    assert codes(found) == ["visit_promised", "never_quoted"]


moments = st.integers(-300, 48).map(lambda hours: REQUESTED + timedelta(hours=hours))


@given(
    st.builds(
        DefeatEvidence,
        reason=st.sampled_from([*DEFAULT_DOCUMENT["defeat"]["reasons"], "new"]),
        requested_at=st.just(REQUESTED),
        attempts=st.lists(
            st.builds(Attempt, moments, st.none() | st.booleans(), st.none() | st.floats(0, 600)),
            max_size=5,
        ).map(tuple),
        said=st.lists(
            st.builds(Signal, st.sampled_from(["asked_price", "booked_test_drive", "x"]), moments),
            max_size=3,
        ).map(tuple),
        promised_visit_at=st.none() | moments,
        quoted=st.none() | st.booleans(),
        is_nearest_dealer=st.none() | st.booleans(),
        purchase_window_days=st.none() | st.integers(0, 400),
    )
)
def test_any_evidence_is_weighed(evidence: DefeatEvidence) -> None:
    found = weigh(evidence, POLICY)
    assert 0 <= found.score <= 100
    assert (found.score == 0) == (not found.reasons)
    assert len(set(codes(found))) == len(found.reasons)
