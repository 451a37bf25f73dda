"""Answers to customers: in the callback's own reply if in time, else as a message of its own.

Both ways lead through one outbox row, so a customer is answered once: whoever claims the row
gives the answer. A redelivery of a message answered passively is given the same words again,
because WeChat only redelivers what it did not get an answer to.
"""

from collections.abc import Callable
from datetime import datetime

from bot.events import InboundEvent
from bot.wechat.client import OfficialAccountClient
from bot.wechat.errors import TryLater
from bot.wechat.xml import text_reply
from db import queue_rows
from db.models import Identity, OutboxJob
from db.models.queues import RowState
from db.queue_rows import RowRef
from domain.commands import RecordDelivery
from handlers.bus import Bus

PASSIVE = "passive"
LEASE_MS = 10_000


class CustomerVoice:
    """Delivers notices to customers."""

    def __init__(
        self, bus: Bus, account: OfficialAccountClient | None, clock: Callable[[], datetime]
    ) -> None:
        self._bus = bus
        self._account = account
        self._clock = clock

    async def take(self, inbox_id: int, event: InboundEvent) -> str:
        """The passive reply to a handled message, claimed so that it is not sent twice."""
        job = await OutboxJob.get_or_none(dedupe_key=reply_key(inbox_id))
        if job is None:
            return ""
        if job.state != RowState.DONE:
            ref = await queue_rows.claim_reply(job.id, self._now_ms(), LEASE_MS)
            if ref is None:
                return ""
            await self._bus.execute(RecordDelivery(job.id, "delivered", PASSIVE), cause=ref)
        elif (job.result or {}).get("way") != PASSIVE:
            return ""
        account = str(event.raw.get("ToUserName", ""))
        return text_reply(event.sender, account, str(job.data["text"]), self._clock())

    async def deliver(self, job: OutboxJob, ref: RowRef) -> None:
        """Send by customer-service message. Raises `WeChatError` when WeChat does not take it."""
        known = Identity.filter(customer_id=job.customer_id, kind="openid", subscribed=True)
        openid = await known.order_by("-id").first()
        if openid is None:
            await self._bus.execute(RecordDelivery(job.id, "obsolete", "unreachable"), cause=ref)
            return
        if self._account is None:
            raise TryLater("oa", "message/custom/send", None, retry_after_s=600)
        content = {"msgtype": "text", "text": {"content": str(job.data["text"])}}
        await self._account.send_custom(openid.value, content)
        await self._bus.execute(RecordDelivery(job.id, "delivered", "custom"), cause=ref)

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)


def reply_key(inbox_id: int) -> str:
    """The dedupe key of the answer to an inbox message."""
    return f"reply:{inbox_id}"
