"""Every customer is in exactly one pool, and one link leads."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lead import LeadState, is_open
from domain.levels import Level, LevelTable
from domain.pools import POOLS, LeadStanding, PoolFacts, pool_of

REACHABLE = PoolFacts(has_phone=True, may_contact=True)


def pool(*leads: LeadStanding, **facts: object) -> tuple[str, str]:
    decision = pool_of(replace(REACHABLE, leads=leads, **facts))  # type: ignore[arg-type]
    return decision.pool, decision.link


def lost(resistance: str) -> LeadStanding:
    return LeadStanding("defeated", "F", resistance)


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (LeadStanding("held", "N"), ("leads", "dealer")),
        (LeadStanding("assigned", "N"), ("leads", "dealer")),
        (LeadStanding("held", "H"), ("prospects", "dealer")),
        (LeadStanding("accepted", "A"), ("prospects", "dealer")),
        (LeadStanding("sea", "B"), ("prospects", "dealer")),
        (LeadStanding("defeat_requested", "B"), ("prospects", "dealer")),
        (LeadStanding("accepted", "C"), ("nurture", "brand")),
        (LeadStanding("ordered", "O"), ("owners", "dealer")),
        (LeadStanding("delivered", "O"), ("owners", "brand")),
        (LeadStanding("dormant", "L"), ("nurture", "brand")),
        (LeadStanding("invalid", "F"), ("out", "none")),
        (lost("weak"), ("nurture", "brand")),
        (lost("strong"), ("out", "none")),
        (LeadStanding("defeated", "F"), ("nurture", "brand")),
    ],
)
def test_one_lead_decides_by_state_and_level(
    lead: LeadStanding, expected: tuple[str, str]
) -> None:
    assert pool(lead) == expected


def test_a_prospect_nobody_calls_is_kept_warm_by_the_brand() -> None:
    neglected = LeadStanding("accepted", "A", neglected=True)
    assert pool(neglected) == ("prospects", "brand")
    assert pool(neglected, LeadStanding("accepted", "B")) == ("prospects", "dealer")
    assert pool(neglected, LeadStanding("accepted", "C")) == ("prospects", "brand")


def test_without_phone_or_consent_a_customer_is_traffic() -> None:
    hot = LeadStanding("held", "H")
    assert pool(hot, has_phone=False) == ("traffic", "brand")
    assert pool(hot, may_contact=False) == ("traffic", "brand")


def test_who_opted_out_is_out_whatever_else_is_known() -> None:
    assert pool(LeadStanding("accepted", "H"), opted_out=True) == ("out", "none")
    assert pool(LeadStanding("delivered", "O"), opted_out=True) == ("out", "none")


def test_a_reachable_customer_without_a_lead_waits_for_one() -> None:
    assert pool() == ("leads", "brand")


@pytest.mark.parametrize(
    ("leads", "expected"),
    [
        ([lost("strong"), LeadStanding("accepted", "A")], "prospects"),
        ([LeadStanding("accepted", "C"), LeadStanding("accepted", "B")], "prospects"),
        ([LeadStanding("accepted", "C"), LeadStanding("assigned", "N")], "leads"),
        ([LeadStanding("assigned", "N"), LeadStanding("delivered", "O")], "leads"),
        ([LeadStanding("accepted", "A"), LeadStanding("ordered", "O")], "prospects"),
        ([lost("strong"), LeadStanding("delivered", "O")], "owners"),
        ([lost("weak"), lost("strong")], "nurture"),
        ([lost("strong"), lost("weak")], "out"),
        ([lost("none"), lost("strong")], "out"),
        ([LeadStanding("invalid", "F", "none"), LeadStanding("dormant", "L")], "nurture"),
        ([LeadStanding("lapsed", "F")], "leads"),
    ],
)
def test_of_several_leads_the_open_one_then_the_newest_decides(
    leads: list[LeadStanding], expected: str
) -> None:
    assert pool(*leads)[0] == expected


def test_the_reason_names_the_level_that_qualified() -> None:
    leads = (LeadStanding("accepted", "B"), LeadStanding("assigned", "H"))
    assert pool_of(replace(REACHABLE, leads=leads)).reason.params == {"level": "H"}


def test_a_brands_own_levels_qualify_by_their_windows() -> None:
    table = LevelTable((Level("HOT", 14, 1), Level("COLD", None, 7)))
    hot, cold = LeadStanding("accepted", "HOT"), LeadStanding("accepted", "COLD")
    assert pool_of(replace(REACHABLE, leads=(hot,)), table).pool == "prospects"
    assert pool_of(replace(REACHABLE, leads=(cold,)), table).pool == "nurture"


any_lead = st.builds(
    LeadStanding,
    st.sampled_from(list(LeadState)),
    st.sampled_from("HABCNOLFX"),
    st.none() | st.sampled_from(["weak", "strong", "none"]),
    st.booleans(),
)
any_facts = st.builds(
    PoolFacts,
    has_phone=st.booleans(),
    may_contact=st.booleans(),
    opted_out=st.booleans(),
    leads=st.lists(any_lead, max_size=4).map(tuple),
)


@given(any_facts)
def test_any_facts_give_exactly_one_pool_and_link(facts: PoolFacts) -> None:
    decision = pool_of(facts)
    assert POOLS.count(decision.pool) == 1
    assert (decision.link == "none") == (decision.pool == "out")


@given(any_facts)
def test_no_dealer_leads_without_consent_or_an_open_lead(facts: PoolFacts) -> None:
    if pool_of(facts).link == "dealer":
        assert facts.has_phone
        assert facts.may_contact
        assert not facts.opted_out
        assert any(is_open(lead.state) for lead in facts.leads)
