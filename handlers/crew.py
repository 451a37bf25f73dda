"""The people of a dealer as dispatch sees them: on duty or not, and how much each holds."""

from dataclasses import replace
from datetime import date, datetime

from tortoise.functions import Count

from db.models import Assignment, Staff
from domain.dispatch import AdviserFacts, why_not_now
from handlers.calendars import parse_shifts

TAKE_LEADS = ("adviser", "dcc")
"""Roles that leads are given to."""

Person = tuple[Staff, AdviserFacts]
Taker = tuple[Staff, AdviserFacts, str | None]
"""Somebody who could take a lead, and why not now."""


async def crew_of(dealer_code: str, tz: str) -> list[Person]:
    """Advisers and DCC clerks of the dealer, by userid."""
    people = Staff.filter(dealer_id=dealer_code, role__in=TAKE_LEADS, active=True)
    held = Assignment.filter(dealer_code=dealer_code, ended_at__isnull=True)
    rows = await held.annotate(n=Count("id")).group_by("staff_id").values("staff_id", "n")
    load = {row["staff_id"]: row["n"] for row in rows}
    staff = await people.order_by("userid")
    return [(person, _facts(person, load.get(person.userid, 0), tz)) for person in staff]


async def takers(dealer_code: str, holder: str | None, now: datetime, tz: str) -> list[Taker]:
    """Whom a lead could go to by name: who is free first, and of those who holds least."""
    others = [one for one in await crew_of(dealer_code, tz) if one[0].userid != holder]
    found = [(staff, facts, why_not_now(facts, now, tz)) for staff, facts in others]
    return sorted(found, key=lambda t: (t[2] is not None, t[1].role, t[1].open_leads))


async def why_none_come(staff: Staff, now: datetime, tz: str) -> str | None:
    """Why this one, on duty, would get no lead now (on_leave, outside_shift, full), or None."""
    held = await Assignment.filter(staff_id=staff.userid, ended_at__isnull=True).count()
    return why_not_now(replace(_facts(staff, held, tz), on_duty=True), now, tz)


def _facts(staff: Staff, open_leads: int, tz: str) -> AdviserFacts:
    return AdviserFacts(
        userid=staff.userid,
        role=staff.role,
        on_duty=staff.on_duty,
        shifts=parse_shifts(staff.shifts, tz),
        leave=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in staff.leave),
        active=staff.active,
        capacity=staff.capacity,
        open_leads=open_leads,
        last_assigned_at=staff.last_assigned_at,
    )
