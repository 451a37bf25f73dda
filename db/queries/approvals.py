"""What waits for a manager's decision: defeats, transfers, rests."""

from datetime import datetime
from typing import Any

from db.models import Approval, Assignment, Defeat, FollowUp
from db.queries.scope import RowScope

_COLUMNS = (
    "id",
    "lead_id",
    "lead__dealer_id",
    "requested_by",
    "requested_at",
    "reason",
    "competitor",
    "note",
    "suspicion",
)

_ASKED = (
    "id",
    "lead_id",
    "kind",
    "asked_by",
    "asked_at",
    "reason",
    "note",
    "to_staff",
    "to_dealer",
    "suspicion",
)


async def pending_defeats(scope: RowScope, limit: int) -> list[dict[str, Any]]:
    """Requests of the scope's dealers, oldest first. The open ones are few at any time."""
    pending = Defeat.filter(state="requested")
    if scope.dealer_codes is not None:
        pending = pending.filter(lead__dealer_id__in=list(scope.dealer_codes))
    return await pending.order_by("requested_at", "id").limit(limit).values(*_COLUMNS)


async def pending_approvals(scope: RowScope, limit: int) -> list[dict[str, Any]]:
    """Transfers and rests that are asked for in the scope, oldest first."""
    pending = Approval.filter(state="requested")
    if scope.dealer_codes is not None:
        pending = pending.filter(lead__dealer_id__in=list(scope.dealer_codes))
    return await pending.order_by("asked_at", "id").limit(limit).values(*_ASKED)


async def approval_dealer(approval_id: int) -> str | None:
    """Whose decision a transfer or rest is. None: there is no such request."""
    found = await Approval.filter(id=approval_id).values_list("lead__dealer_id", flat=True)
    return found[0] if found else None  # type: ignore[return-value]


async def open_request_of(lead_id: int) -> Approval | None:
    """The transfer or rest that is asked for a lead now."""
    return await Approval.get_or_none(open_lead_id=lead_id)


async def defeat_dealer(defeat_id: int) -> str | None:
    """Whose decision a defeat is: the dealer of its lead. None: there is no such defeat."""
    found = await Defeat.filter(id=defeat_id).values_list("lead__dealer_id", flat=True)
    return found[0] if found else None  # type: ignore[return-value]


async def pending_defeat_of(lead_id: int) -> int | None:
    """The open request of a lead."""
    defeat = await Defeat.get_or_none(open_lead_id=lead_id)
    return defeat.id if defeat else None


async def is_sampled(lead_id: int) -> bool:
    """Whether the brand is to call about the newest defeat of this lead."""
    newest = await Defeat.filter(lead_id=lead_id).order_by("-id").first()
    if newest is None or newest.state != "approved":
        return False
    return bool(newest.suspicion.get("recall"))


async def contacts_of(lead_ids: list[int]) -> dict[int, list[datetime]]:
    """When somebody tried to reach the customer, by lead, oldest first."""
    rows = FollowUp.filter(lead_id__in=lead_ids, undone_at__isnull=True).exclude(result="note")
    contacts: dict[int, list[datetime]] = {}
    for row in await rows.order_by("occurred_at"):
        contacts.setdefault(row.lead_id, []).append(row.occurred_at)
    return contacts


async def holder_of(lead_id: int) -> Assignment | None:
    """The running assignment of a lead."""
    return await Assignment.get_or_none(open_lead_id=lead_id)
