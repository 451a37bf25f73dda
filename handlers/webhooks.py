"""Webhooks as people keep them: made, changed, tried out, replayed, given a new secret."""

import secrets
from datetime import UTC, datetime

from db.models import Webhook, WebhookDelivery
from db.models.queues import RowState
from db.queries import webhooks as stored
from db.tries import with_retry
from domain.errors import InvalidInput, NotFound, TooManyWebhooks, UnderWay
from domain.events import WebhookReplayed
from domain.webhook_commands import (
    DeleteWebhook,
    PingWebhook,
    PutWebhook,
    ReencryptWebhookSecrets,
    ReplayWebhook,
    ResendDelivery,
    RotateWebhookSecret,
)
from domain.webhooks import EVENT_TYPES, MOST_WEBHOOKS, OLD_SECRET_LIVES, PING, fault_of_url
from handlers.public_facts import Told
from handlers.publishing import delivery_of, event_of, filter_of
from handlers.tx import Tx, to_ms

SECRET_BYTES = 32
REPLAYED_AT_ONCE = 500


async def put_webhook(command: PutWebhook, tx: Tx) -> int:
    """Create or change a webhook; returns its id. One that is switched on starts afresh."""
    await _check(command)
    webhook = await _found_or_new(command, tx)
    webhook.name, webhook.url = command.name, command.url
    webhook.types = sorted(set(command.types))
    webhook.dealers = sorted(set(command.dealers))
    webhook.regions = sorted(set(command.regions))
    if webhook.enabled and not command.enabled:
        await switch_off(webhook, "by_hand", tx)
    elif command.enabled:
        webhook.enabled, webhook.disabled_at, webhook.disabled_why = True, None, ""
        calm(webhook)
    return int(webhook.id)


async def delete_webhook(command: DeleteWebhook, tx: Tx) -> None:
    """Nothing is sent any more. The row stays, unseen, for deliveries that name it."""
    webhook = await _live(command.webhook_id, tx)
    await switch_off(webhook, "deleted", tx)
    webhook.deleted_at = tx.now


async def rotate_secret(command: RotateWebhookSecret, tx: Tx) -> None:
    """A new secret from now on; the one before signs beside it for a day."""
    webhook = await _live(command.webhook_id, tx)
    webhook.previous_secret, webhook.previous_until = webhook.secret, tx.now + OLD_SECRET_LIVES
    webhook.secret = tx.phones.seal(secrets.token_bytes(SECRET_BYTES))


async def ping_webhook(command: PingWebhook, tx: Tx) -> int:
    """A trial event for this webhook alone, also while it is switched off."""
    webhook = await _live(command.webhook_id, tx)
    event = event_of(Told(PING, None, data={"webhook_id": str(webhook.id)}), tx)
    tx.append(event)
    delivery = await tx.add(delivery_of(event, webhook, tx))
    webhook.held_until_ms = 0
    tx.wake()
    return int(delivery.id)


async def resend_delivery(command: ResendDelivery, tx: Tx) -> None:
    """Send one delivery now, with all its tries; one that is under way is left to itself."""
    await _live(command.webhook_id, tx)
    row = await tx.get(WebhookDelivery, command.delivery_id)
    if row.webhook_id != command.webhook_id:
        raise NotFound("no such delivery")
    if row.state == RowState.LEASED:
        raise UnderWay("this delivery is being sent right now")
    row.state, row.due_at_ms = RowState.READY, to_ms(tx.now)
    row.tries = with_retry(row.tries, row.attempts, to_ms(tx.now))
    row.attempts, row.unfinished, row.done_at_ms = 0, 0, None
    tx.wake()


async def replay_webhook(command: ReplayWebhook, tx: Tx) -> None:
    """Begin to send again what happened since then; `replay_batch` goes on with it."""
    webhook = await _live(command.webhook_id, tx)
    if command.since > tx.now:
        raise InvalidInput([("since", "lies ahead")])
    webhook.missed_since = None
    after_id = await stored.before_events_since(command.since)
    upto_id = await stored.newest_event_id()
    tx.emit(WebhookReplayed(webhook.id, command.since.isoformat(), after_id, upto_id))


async def replay_batch(event: WebhookReplayed, tx: Tx) -> None:
    """Write the next deliveries of a replay, and what is left to do as a job of its own."""
    webhook = await stored.find_webhook(event.webhook_id)
    since = datetime.fromisoformat(event.since)
    rows = await stored.events_between(event.after_id, event.upto_id, since, REPLAYED_AT_ONCE)
    if webhook is None or not rows:
        return
    wanted = filter_of(webhook)
    for row in rows:
        if row.kind != PING and wanted.wants(row.kind, row.dealers, row.regions):
            tx.append(delivery_of(row, webhook, tx))
            tx.wake()
    tx.emit(WebhookReplayed(webhook.id, event.since, rows[-1].id, event.upto_id))


async def reencrypt_secrets(command: ReencryptWebhookSecrets, tx: Tx) -> None:
    """Seal every secret with the current key. Raises `CannotDecrypt`."""
    for found in await stored.active_webhooks():
        webhook = await tx.get(Webhook, found.id)
        webhook.secret = tx.phones.seal(tx.phones.open(webhook.secret))
        if webhook.previous_secret is not None:
            webhook.previous_secret = tx.phones.seal(tx.phones.open(webhook.previous_secret))


async def switch_off(webhook: Webhook, why: str, tx: Tx) -> None:
    """Send it nothing more. What waits is given up: it is stored, and can be replayed."""
    waiting = WebhookDelivery.filter(webhook_id=webhook.id, state=RowState.READY)
    oldest = await waiting.order_by("id").first().values("created_at_ms")
    await waiting.update(state=RowState.DISCARDED, done_at_ms=to_ms(tx.now), error="SwitchedOff")
    webhook.enabled, webhook.disabled_at, webhook.disabled_why = False, tx.now, why
    missed = [tx.now, webhook.failing_since, webhook.missed_since]
    if oldest:
        missed.append(datetime.fromtimestamp(oldest["created_at_ms"] / 1000, UTC))
    webhook.missed_since = min(at for at in missed if at is not None)


def calm(webhook: Webhook) -> None:
    """Forget that it failed."""
    webhook.failures, webhook.failing_since, webhook.held_until_ms = 0, None, 0


async def _found_or_new(command: PutWebhook, tx: Tx) -> Webhook:
    if command.webhook_id is not None:
        return await _live(command.webhook_id, tx)
    if len(await stored.active_webhooks()) >= MOST_WEBHOOKS:
        raise TooManyWebhooks(f"there are {MOST_WEBHOOKS} webhooks already")
    return await tx.add(
        Webhook(
            name=command.name,
            url=command.url,
            secret=tx.phones.seal(secrets.token_bytes(SECRET_BYTES)),
            created_at=tx.now,
            created_by=command.by,
        )
    )


async def _live(webhook_id: int, tx: Tx) -> Webhook:
    webhook = await tx.get(Webhook, webhook_id)
    if webhook.deleted_at is not None:
        raise NotFound("no such webhook")
    return webhook


async def _check(command: PutWebhook) -> None:
    errors = [
        (f"types.{i}", f"no such kind of event; there are {', '.join(EVENT_TYPES)}")
        for i, kind in enumerate(command.types)
        if kind not in EVENT_TYPES
    ]
    for name, codes, known in (
        ("dealers", command.dealers, await stored.known_dealers(command.dealers)),
        ("regions", command.regions, await stored.known_regions(command.regions)),
    ):
        errors += [
            (f"{name}.{i}", f"no {name[:-1]} {code}")
            for i, code in enumerate(codes)
            if code not in known
        ]
    if fault := fault_of_url(command.url, allow_private=command.allow_private):
        errors.append(("url", fault))
    if errors:
        raise InvalidInput(errors)
