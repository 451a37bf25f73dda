"""Leads that nobody holds, with what is known of their past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.models import Assignment, FollowUp, Lead
from db.queries.scope import RowScope
from domain.lead import LeadState
from domain.sea import CLAIMED


@dataclass(frozen=True, slots=True)
class Adrift:
    """A lead without an adviser. `last_*` tell of whoever had it before."""

    lead_id: int
    dealer_code: str | None
    state: str
    since: datetime
    recycles: int
    last_userid: str | None
    last_result: str | None
    last_note: str
    last_at: datetime | None
    lost_by_at: dict[str, datetime]


async def adrift(
    scope: RowScope, states: tuple[LeadState, ...], before_id: int | None, limit: int
) -> list[Adrift]:
    """Leads of the scope in these states, newest first, from below `before_id` on.

    Their ids come from the index of dealer and state and are put in order here: asked for the
    newest few, SQLite would walk through all leads from the newest down.
    """
    leads = Lead.filter(state__in=[str(state) for state in states])
    if scope.dealer_codes is not None:
        leads = leads.filter(dealer_id__in=list(scope.dealer_codes))
    if before_id is not None:
        leads = leads.filter(id__lt=before_id)
    found: list[Any] = list(await leads.values_list("id", flat=True))
    ids: list[int] = sorted(found, reverse=True)[:limit]
    rows = await Lead.filter(id__in=ids).order_by("-id")
    holders = await _holders(ids)
    logged = FollowUp.filter(lead_id__in=ids, undone_at__isnull=True).order_by("id")
    told = {row.lead_id: row for row in await logged}
    return [_adrift(row, holders.get(row.id, []), told.get(row.id)) for row in rows]


async def claims_since(userid: str, since: datetime) -> int:
    """How many leads a member has claimed from `since` on."""
    taken = Assignment.filter(staff_id=userid, assigned_at__gte=since)
    reasons = await taken.values_list("why", flat=True)
    return sum(why.get("code") == CLAIMED for why in reasons)  # type: ignore[attr-defined]


async def _holders(lead_ids: list[int]) -> dict[int, list[Assignment]]:
    holders: dict[int, list[Assignment]] = {}
    for row in await Assignment.filter(lead_id__in=lead_ids).order_by("id"):
        holders.setdefault(row.lead_id, []).append(row)
    return holders


def _adrift(lead: Lead, held: list[Assignment], told: FollowUp | None) -> Adrift:
    last = held[-1] if held else None
    known: dict[str, Any] = (
        {"last_result": told.result, "last_note": told.note, "last_at": told.occurred_at}
        if told
        else {"last_result": None, "last_note": "", "last_at": None}
    )
    return Adrift(
        lead_id=lead.id,
        dealer_code=lead.dealer_id,
        state=lead.state,
        since=lead.waiting_since or (last and last.ended_at) or lead.opened_at,
        recycles=lead.recycles,
        last_userid=last.staff_id if last else None,
        lost_by_at={row.staff_id: row.ended_at for row in held if row.ended_at},
        **known,
    )
