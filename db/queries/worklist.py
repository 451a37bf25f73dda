"""A member's working day: what is due next, and what stands in the calendar.

Both read what is running now, which staff and their capacity bound, not how many leads there are.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.queryset import QuerySet

from db.models import Appointment, Assignment, FollowUp, Staff
from domain.appointment import TAKES_A_PLACE
from domain.lead import LeadState

NOT_THEIR_TURN = (LeadState.DEFEAT_REQUESTED,)
"""States in which somebody else has to act first."""


@dataclass(frozen=True, slots=True)
class WorkOf:
    """Whose work: one member's, or that of whole dealers."""

    userid: str | None
    dealer_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Due:
    """A lead that needs somebody at `at`. `kind`: accept, first_response or follow_up."""

    lead_id: int
    userid: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """Something in the calendar. `kind`: appointment or follow_up."""

    lead_id: int
    userid: str
    kind: str
    at: datetime


async def due_next(work: WorkOf, limit: int) -> list[Due]:
    """What is due, the most overdue first."""
    running = _running(work).exclude(lead__state__in=[str(s) for s in NOT_THEIR_TURN])
    new = running.filter(first_response_at__isnull=True)
    known = running.filter(first_response_at__isnull=False, next_follow_up_at__isnull=False)
    rows = [
        *await new.order_by("first_response_due_at", "id").limit(limit),
        *await known.order_by("next_follow_up_at", "id").limit(limit),
    ]
    return sorted((_due(row) for row in rows), key=lambda due: due.at)[:limit]


async def planned(work: WorkOf, since: datetime, until: datetime, limit: int) -> list[Planned]:
    """Appointments and next follow-ups from `since` on, before `until`, in order of time."""
    found = [
        *await _told_appointments(work, since, until, limit),
        *await _booked_appointments(work, since, until, limit),
    ]
    seen = {(plan.lead_id, plan.at) for plan in found}
    known = _running(work).filter(first_response_at__isnull=False)
    calls = known.filter(next_follow_up_at__gte=since, next_follow_up_at__lt=until)
    for row in await calls.order_by("next_follow_up_at").limit(limit):
        if row.next_follow_up_at and (row.lead_id, row.next_follow_up_at) not in seen:
            plan = Planned(row.lead_id, row.staff_id, "follow_up", row.next_follow_up_at)
            found.append(plan)
    return sorted(found, key=lambda plan: plan.at)[:limit]


def _running(work: WorkOf) -> QuerySet[Assignment]:
    running = Assignment.filter(ended_at__isnull=True)
    if work.userid is not None:
        return running.filter(staff_id=work.userid)
    return running.filter(dealer_code__in=list(work.dealer_codes))


def _due(row: Assignment) -> Due:
    if row.first_response_at is None:
        kind = "first_response" if row.accepted_at else "accept"
        return Due(row.lead_id, row.staff_id, kind, row.first_response_due_at)
    at = row.next_follow_up_at or row.first_response_due_at
    return Due(row.lead_id, row.staff_id, "follow_up", at)


async def _told_appointments(
    work: WorkOf, since: datetime, until: datetime, limit: int
) -> list[Planned]:
    """What staff agreed with customers; a later agreement replaces the one before."""
    staff = [work.userid] if work.userid else await _staff_of(work)
    told = FollowUp.filter(staff_id__in=staff, undone_at__isnull=True)
    rows = await told.filter(appointment_at__gte=since, appointment_at__lt=until).limit(limit)
    again = FollowUp.filter(lead_id__in=[row.lead_id for row in rows], undone_at__isnull=True)
    newest: dict[int, Any] = dict(
        await again.filter(appointment_at__isnull=False)
        .order_by("id")
        .values_list("lead_id", "id")
    )
    return [
        Planned(row.lead_id, row.staff_id, "appointment", row.appointment_at)
        for row in rows
        if row.appointment_at and newest.get(row.lead_id) == row.id
    ]


async def _booked_appointments(
    work: WorkOf, since: datetime, until: datetime, limit: int
) -> list[Planned]:
    """What customers booked themselves."""
    held: dict[int, Any] = dict(await _running(work).values_list("lead_id", "staff_id"))
    rows = Appointment.filter(start_at__gte=since, start_at__lt=until)
    rows = rows.filter(state__in=[str(s) for s in TAKES_A_PLACE])
    if work.userid is None:
        rows = rows.filter(dealer_code__in=list(work.dealer_codes))
    else:
        rows = rows.filter(lead_id__in=list(held))
    return [
        Planned(row.lead_id, str(held.get(row.lead_id, "")), "appointment", row.start_at)
        for row in await rows.order_by("start_at").limit(limit)
        if row.lead_id
    ]


async def _staff_of(work: WorkOf) -> list[Any]:
    people = Staff.filter(dealer_id__in=list(work.dealer_codes))
    return await people.values_list("userid", flat=True)
