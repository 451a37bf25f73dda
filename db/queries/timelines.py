"""What happened to a lead, oldest first."""

from datetime import datetime
from typing import Any

from tortoise.expressions import Q

from db.models import TimelineEvent
from db.queries.scope import RowScope, visible_leads

_COLUMNS = ("id", "at", "kind", "actor", "data")


async def timeline(
    lead_id: int, customer_id: int, after: tuple[datetime, int] | None, limit: int
) -> list[dict[str, Any]]:
    """Lines of the lead itself and those that belong to all leads of its customer.

    `after` is the moment and id of the last line already seen.
    """
    rows = TimelineEvent.filter(
        Q(lead_id=lead_id) | Q(customer_id=customer_id, lead_id__isnull=True)
    )
    if after is not None:
        at, last_id = after
        rows = rows.filter(Q(at__gt=at) | Q(at=at, id__gt=last_id))
    return await rows.order_by("at", "id").limit(limit).values(*_COLUMNS)


async def of_customer(
    customer_id: int, scope: RowScope, before: tuple[datetime, int] | None, limit: int
) -> list[dict[str, Any]]:
    """Lines of a customer and those leads that may be seen, newest first, from `before` on."""
    rows = TimelineEvent.filter(customer_id=customer_id)
    if scope.dealer_codes is not None:
        leads = visible_leads(scope).filter(customer_id=customer_id)
        seen = await leads.values_list("id", flat=True)
        rows = rows.filter(Q(lead_id__isnull=True) | Q(lead_id__in=list(seen)))
    if before is not None:
        at, last_id = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=last_id))
    return await rows.order_by("-at", "-id").limit(limit).values(*_COLUMNS, "lead_id")


async def newest_lines(lead_id: int, customer_id: int, limit: int) -> list[dict[str, Any]]:
    """The last lines of a lead's timeline, newest first."""
    rows = TimelineEvent.filter(
        Q(lead_id=lead_id) | Q(customer_id=customer_id, lead_id__isnull=True)
    )
    return await rows.order_by("-at", "-id").limit(limit).values(*_COLUMNS)
