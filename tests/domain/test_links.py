"""The brand never talks over an adviser, and gives back who shows intent, to the right one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.links import (
    BUYING,
    STIRS,
    LastTime,
    SpeakingFacts,
    WayBack,
    brand_may_speak,
    intent_rises,
    way_back,
)
from domain.pools import POOLS
from tests.domain.rules import china

NOW = china("2026-11-24 10:00")
FRESH = timedelta(days=3)
A_MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (SpeakingFacts("brand"), "brand_leads"),
        (SpeakingFacts("dealer"), "dealer_leads"),
        (SpeakingFacts("none"), "nobody_leads"),
        (SpeakingFacts("brand", in_handoff=True), "in_handoff"),
        (SpeakingFacts("brand", adviser_holds=True), "brand_leads"),
        (SpeakingFacts("brand", True, True, contacted_at=NOW), "in_handoff"),
        (SpeakingFacts("brand", False, True, NOW - FRESH + A_MINUTE), "in_follow_up"),
        (SpeakingFacts("brand", False, True, NOW - FRESH), "brand_leads"),
        (SpeakingFacts("brand", False, False, NOW), "brand_leads"),
        (SpeakingFacts("brand", False, True, None, NOW + FRESH), "brand_leads"),
        (SpeakingFacts("brand", False, True, None, NOW + FRESH - A_MINUTE), "contact_agreed"),
        (SpeakingFacts("brand", False, False, None, NOW - A_MINUTE), "contact_agreed"),
    ],
)
def test_the_brand_speaks_only_where_no_adviser_is_in_conversation(
    facts: SpeakingFacts, reason: str
) -> None:
    decision = brand_may_speak(facts, NOW, FRESH)

    assert decision.reason.code == reason
    assert decision.allowed == (reason == "brand_leads")


around = st.none() | st.integers(-10_000, 10_000).map(lambda m: NOW + timedelta(minutes=m))
any_facts = st.builds(
    SpeakingFacts,
    st.sampled_from(["brand", "dealer", "none"]),
    st.booleans(),
    st.booleans(),
    around,
    around,
)


@given(any_facts)
def test_never_while_the_dealer_leads_or_somebody_talks(facts: SpeakingFacts) -> None:
    if brand_may_speak(facts, NOW, FRESH).allowed:
        assert facts.link == "brand"
        assert not facts.in_handoff
        assert not (
            facts.adviser_holds and facts.contacted_at and facts.contacted_at > NOW - FRESH
        )


@pytest.mark.parametrize(
    ("pool", "act", "signals", "rises"),
    [
        ("nurture", "replied", (), True),
        ("nurture", "clicked", (), True),
        ("nurture", "visited", (), True),
        ("nurture", "scanned", (), True),
        ("nurture", "message", ("asked_finance",), True),
        ("nurture", "message", (), False),
        ("nurture", "menu", (), False),
        ("nurture", "declined", (), False),
        ("prospects", "message", ("asked_delivery",), True),
        ("leads", "replied", (), True),
        ("owners", "replied", (), False),
        ("owners", "scanned", (), False),
        ("owners", "message", ("asked_price",), True),
        ("traffic", "clicked", ("asked_price",), False),
    ],
)
def test_intent_rises_by_acts_and_words(
    pool: str, act: str, signals: tuple[str, ...], rises: bool
) -> None:
    assert intent_rises(pool, "brand", act, signals) == rises


@given(
    st.sampled_from(POOLS),
    st.sampled_from(["brand", "dealer", "none"]),
    st.sampled_from([*sorted(STIRS), "message", "declined"]),
    st.sets(st.sampled_from(sorted(BUYING))),
)
def test_nobody_is_handed_back_who_is_not_the_brands_or_may_not_be_called(
    pool: str, link: str, act: str, signals: set[str]
) -> None:
    if intent_rises(pool, link, act, signals):
        assert link == "brand"
        assert pool not in ("traffic", "out")
        assert signals or act in STIRS


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (LastTime(), WayBack()),
        (LastTime("wang"), WayBack("wang")),
        (LastTime("wang", "price"), WayBack("wang")),
        (LastTime("wang", "service"), WayBack(avoided={"wang": "was_the_reason"})),
        (LastTime("wang", "price", True), WayBack(avoided={"wang": "gave_up_early"})),
        (LastTime("wang", "service", True), WayBack(avoided={"wang": "was_the_reason"})),
        (LastTime("wang", "distance"), WayBack("wang", elsewhere=True)),
        (
            LastTime("wang", "distance", True),
            WayBack(avoided={"wang": "gave_up_early"}, elsewhere=True),
        ),
    ],
)
def test_the_way_back_is_to_whom_they_know_unless_that_was_the_trouble(
    last: LastTime, expected: WayBack
) -> None:
    assert way_back(last) == expected
