"""Webhooks, what they were sent, and whom an event concerns."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from db import sql
from db.models import Customer, Dealer, Identity, Lead, Region, Webhook, WebhookEvent
from db.models import WebhookDelivery as Delivery
from db.models.queues import RowState

SLACK = timedelta(minutes=1)
"""Transactions are numbered in another order than they began, by less than this."""


async def active_webhooks() -> list[Webhook]:
    """Those that were not deleted, oldest first; also the ones that are switched off."""
    return await Webhook.filter(deleted_at__isnull=True).order_by("id")


async def find_webhook(webhook_id: int) -> Webhook | None:
    """One that was not deleted."""
    return await Webhook.get_or_none(id=webhook_id, deleted_at__isnull=True)


async def dealers_of_customer(customer_id: int) -> list[str]:
    """Codes of the dealers at which a customer has leads."""
    rows = Lead.filter(customer_id=customer_id, dealer_id__isnull=False)
    codes: list[Any] = list(await rows.distinct().values_list("dealer_id", flat=True))
    return sorted(codes)


async def regions_of_dealers(dealers: Collection[str]) -> list[str]:
    """Codes of the regions these dealers are in, wider ones included."""
    rows = Dealer.filter(code__in=list(dealers), region_id__isnull=False)
    near: list[Any] = list(await rows.values_list("region_id", flat=True))
    found: set[str] = set()
    while near:
        found.update(near)
        parents = Region.filter(code__in=near, parent_code__isnull=False)
        wider: list[Any] = list(await parents.values_list("parent_code", flat=True))
        near = [code for code in wider if code not in found]
    return sorted(found)


async def known_dealers(codes: Collection[str]) -> set[str]:
    """Those of these codes that are dealers."""
    return set(await Dealer.filter(code__in=list(codes)).values_list("code", flat=True))  # type: ignore[arg-type]


async def known_regions(codes: Collection[str]) -> set[str]:
    """Those of these codes that are regions."""
    return set(await Region.filter(code__in=list(codes)).values_list("code", flat=True))  # type: ignore[arg-type]


async def newest_event_id() -> int:
    """The highest number given to an event so far."""
    rows = await sql.rows("SELECT COALESCE(MAX(id), 0) AS id FROM webhook_event")
    return int(rows[0]["id"])


async def before_events_since(since: datetime) -> int:
    """A number below that of every event since then, and not much below."""
    first = WebhookEvent.filter(at__gte=since - SLACK).order_by("at", "id").first()
    row = await first.values("id")
    return int(row["id"]) - 1 if row else await newest_event_id()


async def events_between(
    after_id: int, upto_id: int, since: datetime, limit: int
) -> list[WebhookEvent]:
    """Events of that time with numbers above the one and up to the other, in their order."""
    rows = WebhookEvent.filter(id__gt=after_id, id__lte=upto_id, at__gte=since)
    return await rows.order_by("id").limit(limit)


async def phone_cipher(customer_id: int | None, lead_id: int | None) -> str | None:
    """The newest number of whom an event is about, sealed. A lead may have changed hands."""
    if lead_id is not None:
        owners = await Lead.filter(id=lead_id).values_list("customer_id", flat=True)
        customer_id = owners[0] if owners else None  # type: ignore[assignment]
    elif customer_id is not None:
        row = await Customer.get_or_none(id=customer_id)
        customer_id = row.merged_into_id or row.id if row else None
    newest = Identity.filter(customer_id=customer_id, kind="phone").order_by("-id")
    phone = await newest.first()
    return phone.cipher if phone else None


async def deliveries(
    webhook_id: int, states: Collection[int] | None, before_id: int | None, limit: int
) -> list[dict[str, Any]]:
    """What a webhook was or is to be sent, newest first."""
    rows = Delivery.filter(webhook_id=webhook_id)
    if states is not None:
        rows = rows.filter(state__in=list(states))
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return await rows.order_by("-id").limit(limit).values()


async def find_delivery(webhook_id: int, delivery_id: int) -> Delivery | None:
    return await Delivery.get_or_none(id=delivery_id, webhook_id=webhook_id)


async def find_event(uid: str) -> WebhookEvent | None:
    """An event, as long as it is kept."""
    return await WebhookEvent.get_or_none(uid=uid)


async def open_counts() -> dict[tuple[int, int], int]:
    """How many deliveries are not done, by webhook and state (ready, leased, dead)."""
    rows = await sql.rows(
        f"""SELECT webhook_id, state, COUNT(*) AS n FROM webhook_delivery
            WHERE state IN ({RowState.READY}, {RowState.LEASED}, {RowState.DEAD})
            GROUP BY webhook_id, state"""  # noqa: S608  # fixed words only
    )
    return {(int(row["webhook_id"]), int(row["state"])): int(row["n"]) for row in rows}


async def purge_events(before: datetime, limit: int) -> int:
    """Delete up to `limit` events from before then; how many went."""
    deleted = await sql.rows(
        """DELETE FROM webhook_event WHERE id IN (
             SELECT id FROM webhook_event WHERE at < $1 ORDER BY at LIMIT $2) RETURNING id""",
        sql.moment(before),
        limit,
    )
    return len(deleted)
