"""The clocks of one assignment: when it is due, who hears of it, when it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from domain.business_hours import Calendar, NeverOpen
from domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Clocks:
    """Marks of one assignment, in order of the policy's shares of the first response."""

    remind_at: datetime
    due_at: datetime
    escalate_at: datetime
    manager_at: datetime
    unaccepted_at: datetime
    untouched_at: datetime


def clocks(assigned_at: datetime, level: str, policy: Policy, calendar: Calendar) -> Clocks:
    """Every mark in business minutes since the assignment, or since the next opening.

    A dealer whose calendar never opens runs on the wall clock: silence would lose the lead.
    """
    rules = policy.sla
    response = rules.first_response_minutes_for(level)

    def after(minutes: float) -> datetime:
        return business_minutes_after(assigned_at, minutes, calendar)

    return Clocks(
        remind_at=after(response * rules.remind_at),
        due_at=after(response),
        escalate_at=after(response * rules.escalate_at),
        manager_at=after(response * rules.escalate_to_manager_at),
        unaccepted_at=after(rules.unaccepted_minutes),
        untouched_at=after(rules.untouched_minutes),
    )


def business_minutes_after(start: datetime, minutes: float, calendar: Calendar) -> datetime:
    """`minutes` of the dealer's hours after `start`; wall clock where there are no hours."""
    try:
        return calendar.add_minutes(start, minutes)
    except NeverOpen:
        return start.astimezone(UTC) + timedelta(minutes=minutes)


def is_late(due_at: datetime, at: datetime) -> bool:
    """Whether a contact that happened `at` missed the deadline. Exactly at it is late."""
    return at >= due_at


def next_follow_up_at(
    level: str, since: datetime, policy: Policy, calendar: Calendar
) -> datetime | None:
    """When the next follow-up falls due: days later at the same local time, in opening hours.

    None for levels nobody calls (dormant, defeated).
    """
    row = policy.levels.get(level)
    if row is None:
        return None
    local = since.astimezone(calendar.zone) + timedelta(days=row.follow_up_days)
    wanted = local.astimezone(UTC)
    try:
        return calendar.next_opening(wanted)
    except NeverOpen:
        return wanted


def missed_cycles(due_at: datetime, now: datetime, level: str, policy: Policy) -> int:
    """Follow-ups missed in a row: the one that was due, and one for each whole cycle since."""
    row = policy.levels.get(level)
    if row is None or not is_late(due_at, now):
        return 0
    return 1 + (now - due_at) // timedelta(days=row.follow_up_days)


def after_recycle(recycles: int, policy: Policy) -> Literal["dealer_sea", "region"]:
    """Where a lead goes that has now been taken back `recycles` times."""
    return "region" if recycles >= policy.sla.recycles_before_region else "dealer_sea"
