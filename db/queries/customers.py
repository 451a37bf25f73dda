"""All that is held on one customer."""

from typing import Any

from db.models import Consent, Customer, FollowUp, Identity, TimelineEvent
from db.queries.scope import RowScope, visible_leads

_COLUMNS = (
    "id",
    "name",
    "city",
    "pool",
    "link",
    "pool_reason",
    "opted_out_at",
    "erased_at",
    "merged_into_id",
    "scene",
    "last_message_at",
    "created_at",
    "updated_at",
)
_MOST_MERGES = 10


async def find_customer(customer_id: int, scope: RowScope) -> dict[str, Any] | None:
    """The customer, or the one they were merged into; None when there is none to be seen."""
    found: dict[str, Any] | None = None
    wanted: int | None = customer_id
    for _ in range(_MOST_MERGES):
        rows = await Customer.filter(id=wanted).values(*_COLUMNS)
        found = rows[0] if rows else None
        if found is None or found["merged_into_id"] is None:
            break
        wanted = found["merged_into_id"]
    if found is None or not await _is_visible(found["id"], scope):
        return None
    return found


async def identities(customer_id: int) -> list[dict[str, Any]]:
    """Phones (encrypted) and platform ids, oldest first."""
    rows = Identity.filter(customer_id=customer_id).order_by("id")
    return await rows.values("kind", "value", "cipher", "subscribed", "created_at")


async def lead_ids(customer_id: int, scope: RowScope) -> list[int]:
    """The customer's leads that may be seen, newest first."""
    leads = visible_leads(scope).filter(customer_id=customer_id).order_by("-id")
    return list(await leads.values_list("id", flat=True))  # type: ignore[arg-type]


async def consents(customer_id: int) -> list[dict[str, Any]]:
    """Every receipt, oldest first, also withdrawn ones."""
    rows = Consent.filter(customer_id=customer_id).order_by("id")
    return await rows.values(
        "purpose", "version", "channel", "dealer_code", "obtained_at", "withdrawn_at"
    )


async def follow_ups(customer_id: int) -> list[dict[str, Any]]:
    """Everything staff recorded on the customer's leads, oldest first."""
    rows = FollowUp.filter(lead__customer_id=customer_id).order_by("id")
    return await rows.values(
        "lead_id", "staff_id", "result", "way", "note", "occurred_at", "undone_at"
    )


async def whole_timeline(customer_id: int) -> list[dict[str, Any]]:
    """Everything that happened to the customer and their leads, oldest first."""
    rows = TimelineEvent.filter(customer_id=customer_id).order_by("at", "id")
    return await rows.values("lead_id", "at", "kind", "actor", "data")


async def _is_visible(customer_id: int, scope: RowScope) -> bool:
    if scope.dealer_codes is None:
        return True
    return await visible_leads(scope).filter(customer_id=customer_id).exists()
