"""Who became part of whom, and what a merge would bring together."""

from typing import Any

from tortoise.expressions import Q

from db.models import Appointment, Consent, Customer, CustomerMerge, Identity, Lead, TimelineEvent

_COLUMNS = (
    "id",
    "survivor_id",
    "other_id",
    "at",
    "by",
    "reason",
    "moved",
    "conflicts",
    "undone_at",
    "undone_by",
)
MOST_LISTED = 50


async def merges_of(customer_id: int) -> list[dict[str, Any]]:
    """Merges this customer had a part in, newest first."""
    rows = CustomerMerge.filter(Q(survivor_id=customer_id) | Q(other_id=customer_id))
    return await rows.order_by("-id").limit(MOST_LISTED).values(*_COLUMNS)


async def find_merge(merge_id: int) -> dict[str, Any] | None:
    rows = await CustomerMerge.filter(id=merge_id).values(*_COLUMNS)
    return rows[0] if rows else None


async def newest_standing(survivor_id: int) -> int | None:
    """The last merge into this customer that was not undone: the one that may be."""
    rows = CustomerMerge.filter(survivor_id=survivor_id, undone_at__isnull=True)
    newest = await rows.order_by("-id").first()
    return newest.id if newest else None


async def names(customer_ids: set[int]) -> dict[int, str]:
    rows = await Customer.filter(id__in=list(customer_ids)).values("id", "name")
    return {row["id"]: row["name"] for row in rows}


async def belongings(customer_id: int) -> dict[str, int]:
    """How much there is of a customer, by kind."""
    return {
        "leads": await Lead.filter(customer_id=customer_id).count(),
        "identities": await Identity.filter(customer_id=customer_id).count(),
        "consents": await Consent.filter(customer_id=customer_id).count(),
        "appointments": await Appointment.filter(customer_id=customer_id).count(),
        "timeline": await TimelineEvent.filter(customer_id=customer_id).count(),
    }


async def open_leads(customer_id: int) -> list[dict[str, Any]]:
    """Open leads as the rule about two at one dealer needs them."""
    rows = Lead.filter(customer_id=customer_id, open_key__isnull=False).order_by("id")
    return await rows.values("id", "dealer_id", "dealer__name", "state", "opened_at")
