"""Test drives at times that exist: slots in opening hours, with room, far enough ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.business_hours import Calendar, Span
from domain.contact_limits import next_allowed
from domain.errors import WrongState
from domain.policy import AppointmentPolicy, Policy
from domain.reasons import Reason

SEARCH_DAYS = 30
NOON = 12


class AppointmentState(StrEnum):
    """Where an appointment stands."""

    HELD = "held"  # kept free while the customer makes up their mind; lapses by itself
    BOOKED = "booked"
    CONFIRMED = "confirmed"  # by the dealer
    KEPT = "kept"  # the customer came
    MISSED = "missed"  # the customer did not
    CANCELLED = "cancelled"


_S = AppointmentState

TRANSITIONS: Mapping[AppointmentState, frozenset[AppointmentState]] = MappingProxyType(
    {
        _S.HELD: frozenset({_S.BOOKED}),
        _S.BOOKED: frozenset({_S.CONFIRMED, _S.KEPT, _S.MISSED, _S.CANCELLED}),
        _S.CONFIRMED: frozenset({_S.BOOKED, _S.KEPT, _S.MISSED, _S.CANCELLED}),
        _S.MISSED: frozenset({_S.KEPT}),  # recorded late
        _S.KEPT: frozenset(),
        _S.CANCELLED: frozenset(),
    }
)
TAKES_A_PLACE = frozenset({_S.BOOKED, _S.CONFIRMED})
REMINDED_BEFORE = {"day_before": timedelta(days=1), "soon": timedelta(hours=2)}
LATEST_REMINDER = timedelta(minutes=45)


def check_move(before: str, after: AppointmentState) -> None:
    """Raise `WrongState` unless an appointment may go from one state to the other."""
    if after not in TRANSITIONS[AppointmentState(before)]:
        raise WrongState(f"an appointment that is {before} cannot be {after}", state=before)


def reminders(start_at: datetime, now: datetime, policy: Policy, tz: str) -> dict[str, datetime]:
    """When to remind (day_before, soon), aware UTC; never in quiet hours.

    A reminder that would disturb comes when the quiet ends, if that is still of use. One whose
    time has passed at the booking is left out: the booking itself says it.
    """
    found = {}
    for kind, before in REMINDED_BEFORE.items():
        at = next_allowed(start_at - before, policy, tz)
        if now < start_at - before and at <= start_at - LATEST_REMINDER:
            found[kind] = at
    return found


@dataclass(frozen=True, slots=True)
class Slot:
    """One bookable time and how many customers it still takes."""

    start_at: datetime
    end_at: datetime
    free: int


def slots(
    day: date,
    calendar: Calendar,
    booked: Sequence[Span],
    now: datetime,
    policy: AppointmentPolicy,
) -> list[Slot]:
    """Every slot of a local day that can still be reached in time, full ones included.

    `booked` are the spans taken already; each takes one place of every slot it overlaps.
    """
    length = timedelta(minutes=policy.duration_minutes)
    soonest = now + timedelta(minutes=policy.lead_time_minutes)
    found = []
    for opens, closes in _bookable_spans(day, calendar, policy):
        start = opens
        while start + length <= closes:
            if start >= soonest:
                found.append(Slot(start, start + length, _room(start, booked, policy)))
            start += length
    return found


def why_not(
    start_at: datetime,
    calendar: Calendar,
    booked: Sequence[Span],
    now: datetime,
    policy: AppointmentPolicy,
) -> Reason | None:
    """Why nobody can be booked at exactly this time (too_soon, closed, full), or None."""
    if start_at < now + timedelta(minutes=policy.lead_time_minutes):
        return Reason.of("too_soon")
    end_at = start_at + timedelta(minutes=policy.duration_minutes)
    spans = _bookable_spans(start_at.astimezone(calendar.zone).date(), calendar, policy)
    if not any(opens <= start_at and end_at <= closes for opens, closes in spans):
        return Reason.of("closed")
    return None if _room(start_at, booked, policy) else Reason.of("full")


def nearest_slots(
    wanted_at: datetime,
    calendar: Calendar,
    booked: Sequence[Span],
    now: datetime,
    policy: AppointmentPolicy,
    count: int = 3,
) -> list[Slot]:
    """Up to `count` slots with room, the nearest to `wanted_at` first, on its day or after."""
    first = max(wanted_at, now).astimezone(calendar.zone).date()
    found: list[Slot] = []
    for offset in range(SEARCH_DAYS):
        day = first + timedelta(days=offset)
        found += [slot for slot in slots(day, calendar, booked, now, policy) if slot.free]
        if len(found) >= count:
            break
    return sorted(found, key=lambda slot: (abs(slot.start_at - wanted_at), slot.start_at))[:count]


def spread_slots(
    calendar: Calendar,
    booked: Sequence[Span],
    now: datetime,
    policy: AppointmentPolicy,
    count: int,
) -> list[Slot]:
    """The first free slot of each of the next `count` mornings and afternoons that have one."""
    found: dict[tuple[date, bool], Slot] = {}
    first = now.astimezone(calendar.zone).date()
    for offset in range(SEARCH_DAYS):
        for slot in slots(first + timedelta(days=offset), calendar, booked, now, policy):
            local = slot.start_at.astimezone(calendar.zone)
            if slot.free:
                found.setdefault((local.date(), local.hour >= NOON), slot)
        if len(found) >= count:
            break
    return list(found.values())[:count]


def _bookable_spans(day: date, calendar: Calendar, policy: AppointmentPolicy) -> list[Span]:
    """Opening hours of the day within the times test drives are given."""
    earliest = datetime.combine(day, policy.earliest, calendar.zone).astimezone(UTC)
    latest = datetime.combine(day, policy.latest, calendar.zone).astimezone(UTC)
    clipped = [(max(a, earliest), min(b, latest)) for a, b in calendar.spans_on(day)]
    return [(opens, closes) for opens, closes in clipped if opens < closes]


def _room(start_at: datetime, booked: Sequence[Span], policy: AppointmentPolicy) -> int:
    end_at = start_at + timedelta(minutes=policy.duration_minutes)
    overlapping = sum(begins < end_at and start_at < ends for begins, ends in booked)
    return max(0, policy.capacity - overlapping)
