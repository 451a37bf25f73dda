"""Who of a dealer rests and may be called, and which calls are planned for a day.

The profiles are read, not the leads: one narrow index range a dealer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from db import sql
from db.models import CallTask, Dealer, Lead, Profile
from db.queries.worklist import WorkOf
from domain.calling import FOR_GOOD, Resting
from domain.contact_limits import TOUCH_PERIOD
from domain.lead import LeadState

RESTS = (LeadState.DEFEATED.value, LeadState.DORMANT.value)
BATCH = 500
MOST_LOOKED_AT = 5000
"""Of a dealer in one night, those closed last."""


async def resting_at(
    dealer_code: str, since: datetime, now: datetime, strong: Sequence[str]
) -> list[Resting]:
    """Customers of the dealer whose lead was closed after `since` and whom nobody holds.

    Left out are who asked for silence or may not be called, whom a `strong` reason closed, who
    told an earlier call that it is no use, and who was touched this week. Whom a campaign leaves
    alone for comparison is called like the others: else its figures were those of the calls too.
    """
    rows = Profile.filter(
        dealer_code=dealer_code,
        state__in=list(RESTS),
        closed_at__gt=since,
        opted_out=False,
        may_contact=True,
        may_share=True,
        may_market=True,
        has_phone=True,
        pool="nurture",
    )
    found = await rows.order_by("-closed_at").limit(MOST_LOOKED_AT)
    week = now - TOUCH_PERIOD
    wanted = [
        row
        for row in found
        if row.defeat_reason not in strong and not (row.touched_at and row.touched_at > week)
    ]
    ids = [row.customer_id for row in wanted]
    calls = await _calls_of(ids)
    return [
        _resting(row, calls.get(row.customer_id))
        for row in wanted
        if calls.get(row.customer_id, {}).get("for_good", 0) == 0
    ]


async def is_to_be_called(lead_id: int, day: str) -> bool:
    """Whether a call to this resting customer is still to be made that day."""
    if not await CallTask.exists(lead_id=lead_id, day=day, state="open"):
        return False
    owners = Lead.filter(id=lead_id).values_list("customer_id", flat=True)
    return await Profile.exists(
        customer_id__in=await owners, state__in=list(RESTS), opted_out=False, lead_id=lead_id
    )


async def dealers_that_call() -> list[str]:
    """Codes of the dealers that are open."""
    codes = await Dealer.filter(open=True).order_by("code").values_list("code", flat=True)
    return [str(code) for code in codes]


async def _calls_of(customer_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Of each customer who was to be called before: when last, and whether it is no use."""
    over = ", ".join(f"'{outcome}'" for outcome in sorted(FOR_GOOD))
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(customer_ids), BATCH):
        ids = ", ".join(str(int(i)) for i in customer_ids[start : start + BATCH])
        rows = await sql.rows(
            f"""SELECT l.customer_id, MAX(t.created_at) AS at,
                  SUM(CASE WHEN t.outcome IN ({over}) THEN 1 ELSE 0 END) AS for_good
                FROM lead l JOIN call_task t ON t.lead_id = l.id
                WHERE l.customer_id IN ({ids}) GROUP BY l.customer_id"""  # noqa: S608
        )
        found |= {row["customer_id"]: row for row in rows}
    return found


def _resting(row: Profile, called: dict[str, Any] | None) -> Resting:
    at = called["at"] if called else None
    closed_at = row.closed_at or row.created_at
    return Resting(
        customer_id=row.customer_id,
        lead_id=row.lead_id or 0,
        closed_at=closed_at,
        opened_at=row.opened_at or row.created_at,
        reason=row.defeat_reason or "",
        window_days=row.window_days,
        contacted_at=row.contacted_at,
        visited_at=row.visited_at,
        test_drove_at=row.test_drove_at,
        quoted_at=row.quoted_at,
        heard_at=row.heard_at,
        called_at=datetime.fromisoformat(at) if isinstance(at, str) else at,
        leads=row.leads,
    )


async def open_calls(work: WorkOf, day: str, limit: int) -> list[CallTask]:
    """The day's calls that are still to be made: their lead rests as it did."""
    tasks = CallTask.filter(day=day, state="open")
    if work.userid is not None:
        tasks = tasks.filter(staff_id=work.userid)
    else:
        tasks = tasks.filter(dealer_code__in=list(work.dealer_codes))
    found = await tasks.order_by("-points", "id").limit(limit)
    leads = Lead.filter(id__in=[task.lead_id for task in found])
    owner_of = dict(await leads.values_list("id", "customer_id"))
    profiles = Profile.filter(customer_id__in=list(owner_of.values()))
    rests = {row.customer_id for row in await profiles if row.state in RESTS and not row.opted_out}
    return [task for task in found if owner_of.get(task.lead_id) in rests]
