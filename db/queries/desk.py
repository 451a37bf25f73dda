"""Numbers of advisers and stores, each from rows that can be listed."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from db.models import Assignment, Defeat, FollowUp, Lead

VISITS = ("visited", "test_drive")


@dataclass(frozen=True, slots=True)
class AdviserNumbers:
    """What one adviser did since a moment. `answered` of the new leads got a first contact."""

    new: int = 0
    followed: int = 0
    appointments: int = 0
    visits: int = 0
    orders: int = 0
    defeats: int = 0
    answered: int = 0
    timely: int = 0

    @property
    def merit(self) -> tuple[int, ...]:
        """What colleagues are put in order by, the best first: orders, visits, appointments."""
        return (-self.orders, -self.visits, -self.appointments, -self.followed)

    @property
    def timely_share(self) -> float | None:
        """How many of the answered leads were answered in time; None without any."""
        return self.timely / self.answered if self.answered else None


async def adviser_numbers(userids: list[str], since: datetime) -> dict[str, AdviserNumbers]:
    """The numbers of each adviser, in four reads whatever their number."""
    assigned = await Assignment.filter(staff_id__in=userids, assigned_at__gte=since).values(
        "staff_id", "first_response_at", "first_response_due_at"
    )
    logged = FollowUp.filter(staff_id__in=userids, logged_at__gte=since, undone_at__isnull=True)
    results = await logged.values_list("staff_id", "result")
    by = [f"staff:{userid}" for userid in userids]
    asked = Defeat.filter(requested_by__in=by, requested_at__gte=since, state="approved")
    defeats = Counter(str(x) for x in await asked.values_list("requested_by", flat=True))
    counted = Counter((str(userid), str(result)) for userid, result in results)
    return {
        userid: _numbers(userid, assigned, counted, defeats[f"staff:{userid}"])
        for userid in userids
    }


def _numbers(
    userid: str, assigned: list[dict[str, object]], counted: Counter[tuple[str, str]], defeats: int
) -> AdviserNumbers:
    mine = [row for row in assigned if row["staff_id"] == userid]
    answered = [row for row in mine if row["first_response_at"]]
    timely = [r for r in answered if r["first_response_at"] < r["first_response_due_at"]]  # type: ignore[operator]
    return AdviserNumbers(
        new=len(mine),
        followed=sum(n for (who, _), n in counted.items() if who == userid),
        appointments=counted[(userid, "appointment")],
        visits=sum(counted[(userid, result)] for result in VISITS),
        orders=counted[(userid, "ordered")],
        defeats=defeats,
        answered=len(answered),
        timely=len(timely),
    )


async def store_numbers(dealer_code: str, since: datetime, now: datetime) -> dict[str, int]:
    """What a store manager asks first: new, late, unaccepted, waiting, sea, pending."""
    running = Assignment.filter(dealer_code=dealer_code, ended_at__isnull=True)
    late = running.filter(first_response_at__isnull=True, first_response_due_at__lte=now)
    leads = Lead.filter(dealer_id=dealer_code)
    pending = await Defeat.filter(state="requested", lead__dealer_id=dealer_code)
    return {
        "new": await leads.filter(opened_at__gte=since).count(),
        "late": await late.count(),
        "unaccepted": await leads.filter(state="assigned").count(),
        "waiting": await leads.filter(state="waiting").count(),
        "sea": await leads.filter(state="sea").count(),
        "pending": len(pending),
        "suspicious": sum(bool(d.suspicion.get("suspicious")) for d in pending),
    }
