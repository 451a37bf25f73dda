"""What became of a delivery, and what it says about its receiver."""

from datetime import timedelta

from db.models import Webhook, WebhookDelivery
from domain.commands import AlertOps
from domain.webhook_commands import RecordWebhookFailure, RecordWebhookSent
from domain.webhooks import Health
from handlers import pushes
from handlers.tx import Tx, to_ms
from handlers.webhooks import calm, switch_off

HOUR = timedelta(hours=1)


async def record_sent(command: RecordWebhookSent, tx: Tx) -> None:
    """The receiver has it; whatever was wrong there is over."""
    found = await tx.see(WebhookDelivery, command.delivery_id)
    webhook = await tx.find(Webhook, found.webhook_id)
    if webhook is not None and webhook.failures:
        calm(await tx.get(Webhook, webhook.id))
    await _keep(command, tx)


async def record_failure(command: RecordWebhookFailure, tx: Tx) -> None:
    """The receiver did not take it: leave it alone for a while, or for good, and say so."""
    found = await tx.see(WebhookDelivery, command.delivery_id)
    webhook = await tx.get(Webhook, found.webhook_id)
    await _keep(command, tx)
    health = Health(webhook.failures, webhook.failing_since).after_failure(tx.now)
    webhook.failures, webhook.failing_since = health.failures, health.failing_since
    webhook.held_until_ms = to_ms(tx.now + health.hold)
    if webhook.enabled and (command.gone or health.is_hopeless(tx.now)):
        await switch_off(webhook, "gone" if command.gone else "failing", tx)
        await _tell_ops(webhook, health, tx)


async def _keep(command: RecordWebhookSent | RecordWebhookFailure, tx: Tx) -> None:
    row = await tx.get(WebhookDelivery, command.delivery_id)
    row.status, row.took_ms = command.status or None, command.took_ms


async def _tell_ops(webhook: Webhook, health: Health, tx: Tx) -> None:
    hours = round((tx.now - (health.failing_since or tx.now)) / HOUR)
    data: dict[str, object] = {"webhook": webhook.name, "hours": hours}
    key = f"webhook_off:{webhook.id}:{to_ms(tx.now)}"
    await pushes.alert_ops(AlertOps(f"webhook_{webhook.disabled_why}", key, data), tx)
