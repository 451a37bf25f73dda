"""Who gets a lead, and why the others did not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_hours import InvalidHours
from domain.dispatch import (
    AdviserFacts,
    DealerFacts,
    DealerWish,
    choose_adviser,
    choose_dealer,
    distance_km,
    is_on_duty,
    next_shift_start,
    timetable,
)
from domain.policy import DispatchPolicy
from tests.domain.rules import TZ, china

MONDAY_TEN = china("2026-11-23 10:00")
MORNINGS = timetable({"mon": [["09:00", "12:00"]], "tue": [["09:00", "12:00"]]}, TZ)

NORTH = DealerFacts("CC01", city="长春", lat=43.90, lng=125.30)
SOUTH = DealerFacts("CC02", city="长春市", lat=43.80, lng=125.30)
FAR = DealerFacts("BJ01", city="北京", lat=39.90, lng=116.40)
ELECTRIC = DealerFacts("CC03", city="长春", sells_all=False, models=frozenset({"id4"}))
CLOSED = DealerFacts("CC09", city="长春", lat=43.81, lng=125.30, open=False)


def dealer_for(wish: DealerWish, *dealers: DealerFacts) -> tuple[str | None, str]:
    choice = choose_dealer(wish, dealers)
    return choice.code, choice.reason.code


# ── brand → dealer ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (DealerWish("BJ01", city="长春"), ("BJ01", "chosen_by_customer")),
        (DealerWish("CC03", model="tayron"), ("CC03", "chosen_by_customer")),
        (DealerWish(city="长春", previous_dealer_code="CC02"), ("CC02", "previous_dealer")),
        (DealerWish(previous_dealer_code="CC02"), ("CC02", "previous_dealer")),
        (DealerWish(city="北京", previous_dealer_code="CC02"), ("BJ01", "city_share")),
        (DealerWish(city="长春", previous_dealer_code="CC09"), ("CC01", "city_share")),
        (DealerWish(city="长春", model="tayron", previous_dealer_code="CC03"),
         ("CC01", "city_share")),
        (DealerWish(city="长春", lat=43.79, lng=125.3), ("CC02", "nearest")),
        (DealerWish(lat=39.0, lng=117.0), ("BJ01", "nearest")),
        (DealerWish(city="长春", lat=39.0, lng=117.0), ("CC02", "nearest")),
        (DealerWish(city="上海", lat=39.0, lng=117.0), ("BJ01", "nearest")),
        (DealerWish(city="长春", model="id4"), ("CC01", "city_share")),
        (DealerWish("CC09"), ("CC02", "nearest")),
        (DealerWish("UNKNOWN", city="北京"), ("BJ01", "city_share")),
        (DealerWish(city="上海"), (None, "no_dealer_in_city")),
        (DealerWish(city="长"), (None, "no_dealer_in_city")),
        (DealerWish(), (None, "city_unknown")),
    ],
)  # fmt: skip
def test_the_customers_choice_then_the_previous_then_the_nearest_then_the_city(
    wish: DealerWish, expected: tuple[str | None, str]
) -> None:
    assert dealer_for(wish, NORTH, SOUTH, FAR, ELECTRIC, CLOSED) == expected


def test_only_a_dealer_that_sells_the_model_gets_it() -> None:
    assert dealer_for(DealerWish(city="长春", model="tayron"), ELECTRIC) == (
        None,
        "no_dealer_sells_model",
    )
    assert dealer_for(DealerWish(city="长春", model="id4"), ELECTRIC) == ("CC03", "city_share")


def test_without_any_open_dealer_the_lead_waits_at_the_brand() -> None:
    assert choose_dealer(DealerWish(city="长春"), [CLOSED]).code is None
    assert choose_dealer(DealerWish(), []).code is None


def test_dealers_without_a_position_are_no_nearer_than_others() -> None:
    here = DealerWish(city="长春", lat=43.79, lng=125.3)
    assert dealer_for(here, ELECTRIC, NORTH) == ("CC01", "nearest")
    assert dealer_for(here, ELECTRIC) == ("CC03", "city_share")


def test_a_brand_with_one_dealer_needs_no_city() -> None:
    assert dealer_for(DealerWish(), NORTH, CLOSED) == ("CC01", "only_dealer")


def test_leads_of_a_day_follow_quota_and_quality() -> None:
    shares = {"A": (3, 1.0), "B": (1, 1.0), "C": (1, 0.0)}
    given_out = dict.fromkeys(shares, 0)
    for _ in range(40):
        dealers = [
            DealerFacts(code, "长春", quota=quota, quality=quality, assigned_today=given_out[code])
            for code, (quota, quality) in shares.items()
        ]
        chosen = choose_dealer(DealerWish(city="长春"), dealers).code
        given_out[chosen or ""] += 1
    assert given_out == {"A": 30, "B": 10, "C": 0}


def test_weights_can_be_switched_off() -> None:
    dealers = [DealerFacts("A", "长春", quota=1), DealerFacts("B", "长春", quota=9)]
    flat = DispatchPolicy(quota_weight=0, quality_weight=0)
    assert choose_dealer(DealerWish(city="长春"), dealers).code == "B"
    assert choose_dealer(DealerWish(city="长春"), dealers, flat).code == "A"


def test_distances_are_those_of_the_globe() -> None:
    changchun, beijing = (43.8868, 125.3245), (39.9042, 116.4074)
    assert distance_km(changchun, beijing) == pytest.approx(860, abs=15)
    assert distance_km(beijing, beijing) == 0


# ── dealer → adviser ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("adviser", "on_duty"),
    [
        (AdviserFacts("w"), True),
        (AdviserFacts("w", on_duty=False), False),
        (AdviserFacts("w", active=False), False),
        (AdviserFacts("w", leave=((date(2026, 11, 20), date(2026, 11, 23)),)), False),
        (AdviserFacts("w", leave=((date(2026, 11, 24), date(2026, 11, 30)),)), True),
        (AdviserFacts("w", shifts=MORNINGS), True),
        (AdviserFacts("w", shifts=timetable({"tue": [["09:00", "12:00"]]}, TZ)), False),
        (AdviserFacts("w", shifts=timetable({"mon": [["10:01", "12:00"]]}, TZ)), False),
        (AdviserFacts("w", shifts=timetable({"mon": [["09:00", "10:00"]]}, TZ)), False),
        (AdviserFacts("w", shifts=timetable(None, TZ)), True),
        (AdviserFacts("w", shifts=timetable("always", TZ), on_duty=False), False),
    ],
)
def test_duty_is_flag_and_leave_and_shift(adviser: AdviserFacts, on_duty: bool) -> None:
    assert is_on_duty(adviser, MONDAY_TEN, TZ) is on_duty


def test_leave_is_counted_in_local_days() -> None:
    absent = AdviserFacts("w", leave=((date(2026, 11, 23), date(2026, 11, 23)),))
    assert not is_on_duty(absent, china("2026-11-23 00:30"), TZ)  # still Sunday in UTC
    assert is_on_duty(absent, china("2026-11-24 00:00"), TZ)


def test_a_timetable_nobody_can_read_is_refused() -> None:
    with pytest.raises(InvalidHours):
        timetable({"mon": [["18:00", "09:00"]]}, TZ)


def choose(*advisers: AdviserFacts, **how: object) -> tuple[str | None, str]:
    choice = choose_adviser(advisers, MONDAY_TEN, TZ, **how)  # type: ignore[arg-type]
    return choice.userid, choice.reason.code


def test_the_previous_adviser_keeps_the_customer_when_free() -> None:
    busy, idle = AdviserFacts("busy", open_leads=9, capacity=10), AdviserFacts("idle")
    assert choose(busy, idle, previous="busy") == ("busy", "previous_adviser")
    assert choose(busy, idle, previous="gone") == ("idle", "least_loaded")


@pytest.mark.parametrize(
    "unfree",
    [
        {"on_duty": False},
        {"active": False},
        {"capacity": 3, "open_leads": 3},
        {"capacity": 0},
        {"shifts": timetable({"tue": [["09:00", "12:00"]]}, TZ)},
        {"leave": ((date(2026, 11, 23), date(2026, 11, 23)),)},
    ],
)
def test_nobody_off_duty_gone_or_full_gets_a_lead_not_even_the_previous(
    unfree: dict[str, object],
) -> None:
    before = AdviserFacts("before", **unfree)  # type: ignore[arg-type]
    assert choose(before, AdviserFacts("other", open_leads=50), previous="before")[0] == "other"
    assert choose(before, previous="before") == (None, "nobody_on_duty")


def test_the_least_loaded_adviser_is_next() -> None:
    assert choose(AdviserFacts("a", open_leads=2), AdviserFacts("b", open_leads=1)) == (
        "b",
        "least_loaded",
    )


def test_equals_take_turns() -> None:
    hour = timedelta(hours=1)
    a = AdviserFacts("a", last_assigned_at=MONDAY_TEN - hour)
    b = AdviserFacts("b", last_assigned_at=MONDAY_TEN - 2 * hour)
    fresh = AdviserFacts("fresh")
    assert choose(a, b) == ("b", "round_robin")
    assert choose(a, b, fresh) == ("fresh", "round_robin")
    assert choose(AdviserFacts("y"), AdviserFacts("x"))[0] == "x"


def test_who_had_the_lead_before_does_not_get_it_again() -> None:
    assert choose(AdviserFacts("a"), AdviserFacts("b", open_leads=5), excluded=frozenset("a")) == (
        "b",
        "least_loaded",
    )


def test_who_is_avoided_gets_the_lead_only_when_nobody_else_will_come() -> None:
    why = {"a": "was_the_reason"}
    busy, away = AdviserFacts("b", open_leads=5), AdviserFacts("b", on_duty=False)
    assert choose(AdviserFacts("a"), busy, previous="a", avoided=why)[0] == "b"
    assert choose(AdviserFacts("a"), away, avoided=why)[0] == "a"
    assert choose(AdviserFacts("a"), avoided=why)[0] == "a"
    later = AdviserFacts("b", shifts=timetable({"sun": [["09:00", "18:00"]]}, TZ))
    assert choose(AdviserFacts("a"), later, avoided=why)[0] is None, "b comes to work yet"


def test_a_dcc_steps_in_only_where_there_are_no_advisers() -> None:
    dcc = AdviserFacts("dcc", role="dcc")
    manager = AdviserFacts("boss", role="store_manager")
    assert choose(dcc, manager) == ("dcc", "least_loaded")
    assert choose(dcc, AdviserFacts("resigned", active=False))[0] == "dcc"
    assert choose(dcc, AdviserFacts("resting", on_duty=False)) == (None, "nobody_on_duty")
    assert choose(manager) == (None, "nobody_on_duty")


def test_the_choice_says_who_was_passed_over_and_why() -> None:
    choice = choose_adviser(
        [
            AdviserFacts("resting", on_duty=False),
            AdviserFacts("full", capacity=1, open_leads=1),
            AdviserFacts("away", leave=((date(2026, 11, 23), date(2026, 11, 23)),)),
            AdviserFacts("later", shifts=timetable({"tue": [["09:00", "12:00"]]}, TZ)),
            AdviserFacts("had"),
            AdviserFacts("free"),
        ],
        MONDAY_TEN,
        TZ,
        excluded=frozenset({"had"}),
    )
    assert choice.userid == "free"
    assert choice.reason.params["skipped"] == {
        "resting": "off_duty",
        "full": "full",
        "away": "on_leave",
        "later": "outside_shift",
        "had": "had_it_before",
    }


any_adviser = st.builds(
    AdviserFacts,
    userid=st.sampled_from("abcdef"),
    role=st.sampled_from(["adviser", "dcc", "store_manager"]),
    on_duty=st.booleans(),
    shifts=st.sampled_from([None, MORNINGS]),
    active=st.booleans(),
    capacity=st.none() | st.integers(0, 3),
    open_leads=st.integers(0, 3),
)


@given(
    st.lists(any_adviser, unique_by=lambda adviser: adviser.userid),
    st.none() | st.sampled_from("abcdef"),
    st.randoms(),
)
def test_the_choice_is_free_on_duty_and_blind_to_the_order_of_the_list(
    advisers: list[AdviserFacts], previous: str | None, random: object
) -> None:
    choice = choose_adviser(advisers, MONDAY_TEN, TZ, previous)
    random.shuffle(advisers)  # type: ignore[attr-defined]
    assert choose_adviser(advisers, MONDAY_TEN, TZ, previous).userid == choice.userid
    chosen = next((adviser for adviser in advisers if adviser.userid == choice.userid), None)
    if chosen:
        assert is_on_duty(chosen, MONDAY_TEN, TZ)
        assert not chosen.is_full
        assert chosen.role != "store_manager"


# ── when the queue can move again ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("adviser", "start"),
    [
        (AdviserFacts("w", shifts=MORNINGS), "2026-11-24 09:00"),  # already on: the next shift
        (AdviserFacts("w", shifts=timetable({"mon": [["13:00", "18:00"]]}, TZ)),
         "2026-11-23 13:00"),
        (AdviserFacts("w", leave=((date(2026, 11, 23), date(2026, 11, 25)),)),
         "2026-11-26 00:00"),
        (AdviserFacts("w", shifts=MORNINGS, leave=((date(2026, 11, 24), date(2026, 11, 25)),)),
         "2026-11-30 09:00"),
        (AdviserFacts("w", leave=((date(2026, 11, 1), date(2029, 1, 1)),)), None),
        (AdviserFacts("w"), None),
        (AdviserFacts("w", shifts=timetable("always", TZ)), None),
        (AdviserFacts("w", shifts=MORNINGS, on_duty=False), None),
        (AdviserFacts("w", shifts=MORNINGS, active=False), None),
        (AdviserFacts("w", role="store_manager", shifts=MORNINGS), None),
    ],
)  # fmt: skip
def test_the_next_shift_is_found_past_leave(adviser: AdviserFacts, start: str | None) -> None:
    found = next_shift_start([adviser], MONDAY_TEN, TZ)
    assert found == (china(start) if start else None)


def test_the_first_to_come_moves_the_queue() -> None:
    evening = timetable({"mon": [["17:00", "21:00"]]}, TZ)
    advisers = [AdviserFacts("a", shifts=MORNINGS), AdviserFacts("b", shifts=evening)]
    assert next_shift_start(advisers, MONDAY_TEN, TZ) == china("2026-11-23 17:00")
    assert next_shift_start([], MONDAY_TEN, TZ) is None
