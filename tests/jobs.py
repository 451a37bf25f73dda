"""Builders of queue rows."""

from itertools import count

from db.models import InboxMessage, OutboxJob, Timer, Webhook, WebhookDelivery
from tests.clock import FakeClock

_numbers = count(1)


async def a_job(clock: FakeClock, queue: str = "urgent", *, due_in_s: float = 0) -> OutboxJob:
    """An outbox row, due now unless told otherwise."""
    return await OutboxJob.create(
        queue=queue,
        due_at_ms=clock.ms() + round(due_in_s * 1000),
        created_at_ms=clock.ms(),
        kind="notice",
        name="lead_card",
        dedupe_key=f"key {next(_numbers)}",
    )


async def a_message(clock: FakeClock, sender: str = "someone") -> InboxMessage:
    """An inbox row, due now."""
    return await InboxMessage.create(
        queue="inbox",
        due_at_ms=clock.ms(),
        created_at_ms=clock.ms(),
        app="oa",
        message_key=f"message {next(_numbers)}",
        sender=sender,
        payload=b"encrypted",
    )


async def a_timer(clock: FakeClock, *, due_in_s: float = 0) -> Timer:
    """A running timer of a lead."""
    number = next(_numbers)
    return await Timer.create(
        queue="timers",
        due_at_ms=clock.ms() + round(due_in_s * 1000),
        created_at_ms=clock.ms(),
        kind="remind",
        lead_id=number,
        open_key=f"remind:{number}",
    )


async def a_webhook(clock: FakeClock, deliveries: int, **columns: object) -> Webhook:
    """A webhook, and so many deliveries that are due."""
    webhook = await Webhook.create(
        name="crm",
        url="https://crm.example.com/",
        secret=b"sealed",
        created_at=clock(),
        created_by="api:x",
        **columns,
    )
    await WebhookDelivery.bulk_create(
        WebhookDelivery(
            queue="webhooks",
            due_at_ms=clock.ms() - deliveries + n,
            created_at_ms=clock.ms(),
            webhook_id=webhook.id,
            event_uid=f"evt_{n}",
            kind="lead.created",
        )
        for n in range(deliveries)
    )
    return webhook
