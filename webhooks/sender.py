"""Runs one delivery: signs it, posts it, and records what the receiver said.

Sending comes first and recording second. A crash in between sends again, under the same id, by
which the receiver knows that it has it already.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import aiohttp

from db.models import Webhook, WebhookDelivery
from db.phone_vault import PhoneVault
from db.queries.webhooks import find_event
from db.queue_rows import RowRef
from domain.webhook_commands import RecordWebhookFailure, RecordWebhookSent
from handlers.bus import Bus
from webhooks.guard import guarded_session, was_forbidden
from webhooks.message import Message, body_of, sealed_up, secrets_in_force

TIMEOUT_S = 10.0
READ_BYTES = 16 * 1024
LONGEST_WAIT_S = 3600.0
GONE = 410
PUT_OFF = (429, 503)


class NotTaken(Exception):
    """The receiver did not take the delivery. `retry_after_s`: it asked for so much patience."""

    def __init__(self, code: int | None = None, retry_after_s: float = 0) -> None:
        super().__init__("the receiver did not take it")
        self.code, self.retry_after_s = code, retry_after_s


class WebhookRefused(NotTaken):
    """It answered with anything but a 2xx; redirects are not followed."""


class WebhookGone(NotTaken):
    """It answered that it never wants anything again."""

    permanent = True


class WebhookSilent(NotTaken):
    """It did not answer in time."""


class WebhookUnreachable(NotTaken):
    """No connection, a broken one, or a certificate that is not good."""


class WebhookForbidden(NotTaken):
    """Its name leads to an address we do not connect to."""


class WebhookSender:
    """Runs the rows of the `webhooks` queue."""

    def __init__(
        self,
        bus: Bus,
        phones: PhoneVault,
        clock: Callable[[], datetime],
        *,
        agent: str,
        allow_private: bool = False,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._bus, self._phones, self._clock = bus, phones, clock
        self._agent = agent
        self._http = guarded_session(allow_private=allow_private, timeout_s=timeout_s)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def deliver(self, ref: RowRef) -> None:
        """Run one row. Raises `NotTaken` when it has to be tried again."""
        delivery = await WebhookDelivery.get(id=ref.id)
        webhook = await Webhook.get_or_none(id=delivery.webhook_id, deleted_at__isnull=True)
        event = await find_event(delivery.event_uid)
        if webhook is None or event is None:
            await self._bus.execute(RecordWebhookSent(delivery.id, 0, 0), cause=ref)
            return
        now = self._clock().astimezone(UTC)
        secrets = secrets_in_force(webhook, self._phones, now)
        body = await body_of(event, self._phones)
        began = time.monotonic()
        try:
            status = await self._post(webhook.url, sealed_up(event.uid, body, secrets, now))
        except NotTaken as failure:
            took_ms = _since_ms(began)
            gone = isinstance(failure, WebhookGone)
            note = RecordWebhookFailure(delivery.id, failure.code or 0, took_ms, gone)
            await self._bus.execute(note)
            raise
        done = RecordWebhookSent(delivery.id, status, _since_ms(began))
        await self._bus.execute(done, cause=ref)

    async def _post(self, url: str, message: Message) -> int:
        """The status of a receiver that took it. Raises `NotTaken`."""
        headers = {**message.headers, "User-Agent": self._agent}
        try:
            async with self._http.post(
                url, data=message.body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.content.read(READ_BYTES)  # so that the connection can be kept
                _check(answer)
                return answer.status
        except TimeoutError:
            raise WebhookSilent from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if was_forbidden(error):
                raise WebhookForbidden from None
            raise WebhookUnreachable from None


def _check(answer: aiohttp.ClientResponse) -> None:
    if 200 <= answer.status < 300:
        return
    if answer.status == GONE:
        raise WebhookGone(GONE)
    asked = answer.headers.get("Retry-After", "") if answer.status in PUT_OFF else ""
    wait_s = min(float(asked), LONGEST_WAIT_S) if asked.isascii() and asked.isdigit() else 0.0
    raise WebhookRefused(answer.status, wait_s)


def _since_ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
