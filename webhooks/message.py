"""A delivery as it goes over the wire: Standard Webhooks headers and a JSON body."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from standardwebhooks import Webhook as Signature

from db.models import Webhook, WebhookEvent
from db.phone_vault import CannotDecrypt, PhoneVault
from db.queries.webhooks import phone_cipher
from domain.phone import mask

PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted."""

    headers: dict[str, str]
    body: bytes


def secrets_in_force(webhook: Webhook, phones: PhoneVault, now: datetime) -> list[bytes]:
    """The secret, and the one before as long as it counts. Raises `CannotDecrypt`."""
    secrets = [phones.open(webhook.secret)]
    if webhook.previous_secret and webhook.previous_until and now < webhook.previous_until:
        secrets.append(phones.open(webhook.previous_secret))
    return secrets


def shown(secret: bytes) -> str:
    """A secret as receivers are given it."""
    return PREFIX + b64encode(secret).decode()


def sealed_up(uid: str, body: bytes, secrets: Sequence[bytes], now: datetime) -> Message:
    """The body with the headers that prove it is ours, one signature a secret."""
    signatures = [Signature(secret).sign(uid, now, body.decode()) for secret in secrets]
    return Message(
        headers={
            "Content-Type": "application/json",
            "webhook-id": uid,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        },
        body=body,
    )


async def body_of(event: WebhookEvent, phones: PhoneVault) -> bytes:
    """The event as JSON. The phone is added only here, masked: what is kept has none."""
    data: dict[str, Any] = dict(event.data)
    if event.lead_id is not None:
        data["phone"] = _masked(await phone_cipher(event.customer_id, event.lead_id), phones)
    return orjson.dumps({"type": event.kind, "timestamp": event.at.isoformat(), "data": data})


def _masked(cipher: str | None, phones: PhoneVault) -> str | None:
    if cipher is None:
        return None
    try:
        return mask(phones.decrypt(cipher))
    except CannotDecrypt:
        return None
