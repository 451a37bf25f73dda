"""Facts that other programs may know: each is written down, and for every webhook that wants it a
delivery, in the transaction of the fact. Nothing about a person is kept here but ids.

A sender in `webhooks/` takes the deliveries from there, adds the masked phone, and signs.
"""

import secrets

from db.engine import already_read
from db.models import Webhook, WebhookDelivery, WebhookEvent
from db.queries.webhooks import active_webhooks, dealers_of_customer, regions_of_dealers
from domain.events import Event
from domain.webhooks import Filter
from handlers.public_facts import PUBLIC, Told
from handlers.tx import Tx, to_ms

QUEUE = "webhooks"


async def publish(event: Event, tx: Tx) -> None:
    """Write the fact down for whoever asked to be told; costs nothing while nobody has."""
    tell = PUBLIC.get(type(event))
    if tell is None:
        return
    webhooks = await _webhooks()
    if not webhooks:
        return
    told = await tell(event, tx)
    dealers = await _dealers_of(told)
    row = event_of(told, tx)
    row.dealers, row.regions = dealers, await regions_of_dealers(dealers)
    tx.append(row)
    for webhook in webhooks:
        if webhook.enabled and filter_of(webhook).wants(row.kind, row.dealers, row.regions):
            tx.append(delivery_of(row, webhook, tx))
            tx.wake()


def event_of(told: Told, tx: Tx) -> WebhookEvent:
    """A fact as it is kept, under the id by which receivers know it again."""
    return WebhookEvent(
        uid=f"evt_{secrets.token_hex(12)}",
        kind=told.kind,
        at=tx.now,
        lead_id=told.lead.id if told.lead else None,
        customer_id=told.customer_id,
        data=dict(told.data),
    )


def delivery_of(event: WebhookEvent, webhook: Webhook, tx: Tx) -> WebhookDelivery:
    """One event on its way to one webhook, from now on."""
    return WebhookDelivery(
        queue=QUEUE,
        due_at_ms=to_ms(tx.now),
        created_at_ms=to_ms(tx.now),
        webhook_id=webhook.id,
        event_uid=event.uid,
        kind=event.kind,
        lead_id=event.lead_id,
    )


def filter_of(webhook: Webhook) -> Filter:
    """What a webhook wants."""
    return Filter(frozenset(webhook.types), frozenset(webhook.dealers), frozenset(webhook.regions))


async def _webhooks() -> list[Webhook]:
    """Asked for once a transaction. One that is switched off may be replayed later."""
    known: list[Webhook] | None = already_read().get(_webhooks)
    if known is None:
        known = already_read()[_webhooks] = await active_webhooks()
    return known


async def _dealers_of(told: Told) -> list[str]:
    if told.lead is not None:
        return [told.lead.dealer_id] if told.lead.dealer_id else []
    return await dealers_of_customer(told.customer_id) if told.customer_id else []
