"""Leads that may be handed on, by where they are and who holds them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from db.models import Assignment, Lead
from db.queries.scope import RowScope, visible_leads
from domain.lead import CLOSED, LeadState

MOVABLE = tuple(
    str(state)
    for state in LeadState
    if state not in CLOSED and state != LeadState.DEFEAT_REQUESTED
)


@dataclass(frozen=True, slots=True)
class Which:
    """Leads of a dealer or an adviser; None: does not matter."""

    dealer_code: str | None = None
    staff: str | None = None
    state: str | None = None
    level: str | None = None
    source: str | None = None


async def movable(which: Which, scope: RowScope, limit: int) -> list[int]:
    """Ids of open leads that a transfer may be asked for, oldest first."""
    leads = visible_leads(scope).filter(state__in=[which.state] if which.state else list(MOVABLE))
    given = {"dealer_id": which.dealer_code, "level": which.level, "source": which.source}
    leads = leads.filter(**{name: value for name, value in given.items() if value is not None})
    if which.staff is not None:
        held = Assignment.filter(staff_id=which.staff, ended_at__isnull=True)
        leads = leads.filter(id__in=await held.values_list("lead_id", flat=True))
    return list(await leads.order_by("id").limit(limit).values_list("id", flat=True))  # type: ignore[arg-type]


async def visible(lead_ids: Collection[int], scope: RowScope) -> set[int]:
    """Which of these leads may be seen."""
    found = visible_leads(scope).filter(id__in=list(lead_ids))
    return set(await found.values_list("id", flat=True))  # type: ignore[arg-type]


async def placed(lead_id: int) -> dict[str, Any]:
    """Where a lead is and who holds it."""
    lead = await Lead.filter(id=lead_id).values("dealer_id", "state")
    held = await Assignment.filter(open_lead_id=lead_id).values("staff_id")
    row = lead[0] if lead else {"dealer_id": None, "state": None}
    return {
        "dealer": row["dealer_id"],
        "adviser": held[0]["staff_id"] if held else None,
        "state": row["state"],
    }
