"""Test drives are offered at times that exist and are never booked twice."""

from datetime import date, timedelta

import pytest

from domain.appointment import (
    TAKES_A_PLACE,
    TRANSITIONS,
    AppointmentState,
    nearest_slots,
    reminders,
    slots,
    spread_slots,
    why_not,
)
from domain.business_hours import Calendar, Span
from tests.domain.rules import POLICY, SPLIT_WEEK, TZ, china, policy_with

RULES = POLICY.appointment
SPLIT = Calendar.from_hours(SPLIT_WEEK, TZ)
ALWAYS = Calendar.from_hours("always", TZ)
MONDAY = date(2026, 11, 23)
DAWN = china("2026-11-23 06:00")


def hour_at(text: str) -> Span:
    return china(text), china(text) + timedelta(hours=1)


def starts(found: list) -> list[str]:
    return [f"{slot.start_at.astimezone(SPLIT.zone):%H:%M}" for slot in found]


def test_slots_fill_the_opening_hours_and_respect_the_break() -> None:
    found = slots(MONDAY, SPLIT, [], DAWN, RULES)
    assert starts(found) == ["09:00", "10:00", "11:00", "13:30", "14:30", "15:30", "16:30"]


def test_nobody_drives_at_night_even_if_the_dealer_never_closes() -> None:
    found = slots(MONDAY, ALWAYS, [], DAWN, RULES)
    assert (starts(found)[0], starts(found)[-1]) == ("09:00", "19:00")


def test_there_are_no_slots_on_closed_days_or_in_the_past() -> None:
    assert slots(date(2026, 10, 1), SPLIT, [], DAWN, RULES) == []
    assert slots(date(2026, 11, 22), SPLIT, [], DAWN, RULES) == []
    assert slots(MONDAY, SPLIT, [], china("2026-11-24 06:00"), RULES) == []


def test_a_choice_without_a_wish_is_spread_over_mornings_and_afternoons() -> None:
    busy = [hour_at("2026-11-23 09:00")]
    found = spread_slots(SPLIT, busy, DAWN, RULES, 4)
    local = [f"{slot.start_at.astimezone(SPLIT.zone):%d %H:%M}" for slot in found]
    assert local == ["23 10:00", "23 13:30", "24 09:00", "24 13:30"]
    late = spread_slots(SPLIT, [], china("2026-11-23 12:45"), RULES, 1)
    assert starts(late) == ["14:30"]
    assert spread_slots(Calendar.from_hours({}, TZ), [], DAWN, RULES, 4) == []


def test_a_slot_must_be_far_enough_ahead() -> None:
    assert starts(slots(MONDAY, SPLIT, [], china("2026-11-23 13:30"), RULES))[0] == "14:30"
    assert starts(slots(MONDAY, SPLIT, [], china("2026-11-23 13:31"), RULES))[0] == "15:30"


def test_a_booking_takes_a_place_of_every_slot_it_overlaps() -> None:
    found = slots(MONDAY, SPLIT, [hour_at("2026-11-23 09:30")], DAWN, RULES)
    assert [slot.free for slot in found[:3]] == [0, 0, 1]
    touching = slots(MONDAY, SPLIT, [hour_at("2026-11-23 10:00")], DAWN, RULES)
    assert [slot.free for slot in touching[:3]] == [1, 0, 1]


def test_a_dealer_with_two_cars_takes_two() -> None:
    two = policy_with({"appointment": {"capacity": 2}}).appointment
    booked = [hour_at("2026-11-23 09:00")]
    assert slots(MONDAY, SPLIT, booked, DAWN, two)[0].free == 1
    assert slots(MONDAY, SPLIT, booked * 3, DAWN, two)[0].free == 0


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-11-23 15:20", None),
        ("2026-11-23 17:00", None),
        ("2026-11-23 17:30", "closed"),
        ("2026-11-23 11:30", "closed"),
        ("2026-11-22 15:00", "too_soon"),
        ("2026-11-28 15:00", "closed"),
        ("2026-11-23 06:59", "too_soon"),
        ("2026-11-23 10:30", "full"),
    ],
)
def test_a_wished_time_is_taken_or_refused_with_a_reason(at: str, code: str | None) -> None:
    refused = why_not(china(at), SPLIT, [hour_at("2026-11-23 10:00")], DAWN, RULES)
    assert (refused.code if refused else None) == code


def test_every_slot_with_room_can_be_booked() -> None:
    booked = [hour_at("2026-11-23 10:00")]
    for slot in slots(MONDAY, SPLIT, booked, DAWN, RULES):
        refused = why_not(slot.start_at, SPLIT, booked, DAWN, RULES)
        assert (refused is None) == (slot.free > 0)


def test_the_nearest_slots_are_offered_instead() -> None:
    booked = [hour_at("2026-11-23 14:30")]
    found = nearest_slots(china("2026-11-23 14:30"), SPLIT, booked, DAWN, RULES)
    assert starts(found) == ["13:30", "15:30", "16:30"]
    weekend = nearest_slots(china("2026-11-28 10:00"), SPLIT, [], DAWN, RULES, count=1)
    assert weekend[0].start_at == china("2026-11-30 09:00")
    assert nearest_slots(DAWN, Calendar.from_hours({}, TZ), [], DAWN, RULES) == []


def test_an_appointment_that_ended_gives_its_place_back() -> None:
    for state in AppointmentState:
        assert (state in TAKES_A_PLACE) == (AppointmentState.CANCELLED in TRANSITIONS[state])


def reminded(start: str, now: str, **contact: object) -> dict[str, str]:
    policy = policy_with({"contact": {"quiet_hours": contact}}) if contact else POLICY
    found = reminders(china(start), china(now), policy, TZ)
    return {kind: f"{at.astimezone(SPLIT.zone):%d %H:%M}" for kind, at in found.items()}


def test_reminders_come_a_day_and_two_hours_before() -> None:
    found = reminded("2026-11-28 15:00", "2026-11-24 10:00")
    assert found == {"day_before": "27 15:00", "soon": "28 13:00"}


def test_who_books_late_is_not_told_what_they_just_heard() -> None:
    assert reminded("2026-11-28 15:00", "2026-11-27 18:00") == {"soon": "28 13:00"}
    assert reminded("2026-11-28 15:00", "2026-11-28 13:30") == {}


def test_reminders_keep_quiet_hours() -> None:
    """At 07:00 nobody is woken: it waits for 09:00 if that is early enough, else it falls away."""
    found = reminded("2026-11-28 10:00", "2026-11-24 10:00")
    assert found == {"day_before": "27 10:00", "soon": "28 09:00"}
    assert reminded("2026-11-28 09:00", "2026-11-24 10:00") == {"day_before": "27 09:00"}
