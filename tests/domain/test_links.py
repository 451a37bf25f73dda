"""The brand never talks over an adviser."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.links import SpeakingFacts, brand_may_speak
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
