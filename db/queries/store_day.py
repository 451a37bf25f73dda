"""What a manager should look into before the day is over, each lead with who holds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from db.models import Assignment, Defeat


@dataclass(frozen=True, slots=True)
class Neglected:
    """A lead whose adviser has not done something; `at` is when it was or is due."""

    lead_id: int
    userid: str
    at: datetime
    accepted: bool


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A defeat that does not fit what is on file. `findings` are reasons, the weightiest first."""

    lead_id: int
    asked_by: str
    reason: str
    state: str
    findings: list[dict[str, Any]]


Row = TypeVar("Row", Neglected, Doubtful)


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """How many there are, and the first few."""

    count: int
    first: list[Row]


async def late_contacts(dealer_code: str, now: datetime, most: int) -> Found[Neglected]:
    """Nobody has spoken with these customers in time; the longest neglected first."""
    late = _uncontacted(dealer_code).filter(first_response_due_at__lte=now)
    return await _by_first_response(late, most)


async def unaccepted(dealer_code: str, now: datetime, most: int) -> Found[Neglected]:
    """Not accepted yet, and not late yet."""
    new = _uncontacted(dealer_code).filter(accepted_at__isnull=True)
    return await _by_first_response(new.filter(first_response_due_at__gt=now), most)


async def late_follow_ups(dealer_code: str, now: datetime, most: int) -> Found[Neglected]:
    """The next contact that was planned or is the rule has not happened."""
    known = Assignment.filter(dealer_code=dealer_code, ended_at__isnull=True)
    missed = known.filter(first_response_at__isnull=False, next_follow_up_at__lte=now)
    rows = await missed.order_by("next_follow_up_at").limit(most)
    first = [
        Neglected(row.lead_id, row.staff_id, row.next_follow_up_at, accepted=True)
        for row in rows
        if row.next_follow_up_at
    ]
    return Found(await missed.count(), first)


async def doubtful_defeats(dealer_code: str, since: datetime, most: int) -> Found[Doubtful]:
    """Suspicious ones asked for since then, whatever became of them, and all still undecided."""
    doubtful = Defeat.filter(dealer_code=dealer_code, suspicious=True)
    doubtful = doubtful.filter(Q(requested_at__gte=since) | Q(state="requested"))
    rows = await doubtful.exclude(state="withdrawn").order_by("-requested_at").limit(most)
    first = [
        Doubtful(row.lead_id, row.requested_by, row.reason, row.state, _findings(row))
        for row in rows
    ]
    return Found(await doubtful.exclude(state="withdrawn").count(), first)


def _uncontacted(dealer_code: str) -> QuerySet[Assignment]:
    running = Assignment.filter(dealer_code=dealer_code, ended_at__isnull=True)
    return running.filter(first_response_at__isnull=True)


async def _by_first_response(rows: QuerySet[Assignment], most: int) -> Found[Neglected]:
    first = [
        Neglected(
            row.lead_id, row.staff_id, row.first_response_due_at, accepted=bool(row.accepted_at)
        )
        for row in await rows.order_by("first_response_due_at").limit(most)
    ]
    return Found(await rows.count(), first)


def _findings(row: Defeat) -> list[dict[str, Any]]:
    found = row.suspicion.get("reasons")
    return found if isinstance(found, list) else []
