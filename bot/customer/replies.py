"""What customers are sent as a message of its own, and what a callback answered them before.

An answer is one outbox row, so a customer is answered once: it is written as given by the callback
(`bot.passive`), or as to be sent. A redelivery of a message answered passively is given the same
words again, because WeChat only redelivers what it did not get an answer to.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.customer.fallback import Fallback, Templates
from bot.customer.wording import message_of
from bot.media import MediaLost, MediaPorter
from bot.quota import QUOTA, WINDOW, why_not
from bot.turns import Turns
from bot.wechat.client import OfficialAccountClient
from bot.wechat.errors import (
    RecipientInvalid,
    RecipientQuotaUsedUp,
    TryLater,
    UnknownOutcome,
    WindowClosed,
)
from db.models import Customer, Identity, OutboxJob
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef
from db.sending import leaves_now, may_have_left
from domain.commands import RecordDelivery
from domain.service_commands import CloseWindows, TellSender
from handlers.bus import Bus

PASSIVE = "passive"
REPLY = "reply:"
RELAY = "relay_out"
API = "message/custom/send"


class CustomerVoice:
    """Delivers notices to customers."""

    def __init__(
        self,
        bus: Bus,
        account: OfficialAccountClient | None,
        clock: Callable[[], datetime],
        phones: PhoneVault,
        porter: MediaPorter,
        templates: Templates,
    ) -> None:
        self._bus = bus
        self._account = account
        self._clock = clock
        self._phones = phones
        self._porter = porter
        self._fallback = Fallback(bus, account, phones, clock, templates)
        self._turns = Turns("oa", API)

    async def deliver(self, job: OutboxJob, ref: RowRef) -> None:
        """Send by customer-service message, as far as WeChat and the customer allow it.

        One message to one customer at a time, so that their quota is counted. Raises
        `WeChatError` when it has to be tried again or looked at.
        """
        async with self._turns.of(job.customer_id):
            customer = await _reader(job)
            openid = await _openid_of(customer)
            if may_have_left(job):
                await self._unknown(job)
            elif _was_refused(job, customer):
                await self._drop(job, ref, "opted_out")
            elif openid is None:
                await self._drop(job, ref, "unreachable")
            else:
                await self._send(job, ref, openid)

    async def _send(self, job: OutboxJob, ref: RowRef, openid: str) -> None:
        if job.name == RELAY:
            await self._turns.after_earlier(job)
        if self._account is None:
            raise TryLater("oa", API, None, retry_after_s=600)
        started = self._clock()
        closed = await why_not(job.customer_id or 0, started)
        if closed:
            await self._fallback.instead(job, ref, openid, closed)
            return
        message = await self._message(job)
        await leaves_now(job, ref)
        try:
            await self._account.send_custom(openid, message)
        except (WindowClosed, RecipientQuotaUsedUp) as refusal:
            reason = WINDOW if isinstance(refusal, WindowClosed) else QUOTA
            await self._bus.execute(CloseWindows(job.customer_id or 0, started))
            await self._fallback.instead(job, ref, openid, reason)
        except UnknownOutcome:
            await self._bus.execute(TellSender(job.id, "unknown"))
            raise
        except RecipientInvalid:
            await self._bus.execute(TellSender(job.id, "unreachable"))
            raise
        else:
            await self._bus.execute(RecordDelivery(job.id, "delivered", "custom"), cause=ref)

    async def _unknown(self, job: OutboxJob) -> None:
        """The process that sent it ended before it could write down what came of it."""
        await self._bus.execute(TellSender(job.id, "unknown"))
        raise UnknownOutcome("oa", API, None, retry_is_safe=False)

    async def _message(self, job: OutboxJob) -> dict[str, object]:
        """The message as the API takes it; a picture is brought over from WeCom first."""
        media_id = str(job.data.get("media_id", ""))
        if media_id:
            kind = str(job.data["form"])
            try:
                brought = await self._porter.to_customer(kind, media_id)
            except MediaLost:
                return await message_of(job, self._phones)
            return {"msgtype": kind, kind: {"media_id": brought}}
        return await message_of(job, self._phones)

    async def _drop(self, job: OutboxJob, ref: RowRef, reason: str) -> None:
        dropped = RecordDelivery(job.id, "obsolete", reason)
        await self._bus.execute_all([dropped, TellSender(job.id, reason)], cause=ref)


def _was_refused(job: OutboxJob, customer: Customer) -> bool:
    """Whether the customer asked for silence; what they start after that is answered."""
    if customer.opted_out_at is None:
        return False
    is_live = job.dedupe_key.startswith(REPLY) or job.name == RELAY or "live" in job.data
    return not is_live or job.created_at_ms < int(customer.opted_out_at.timestamp() * 1000)


async def _reader(job: OutboxJob) -> Customer:
    """Whom the message is for now: they may have been merged while it waited for its turn."""
    customer = await Customer.get(id=job.customer_id)
    while customer.merged_into_id:
        customer = await Customer.get(id=customer.merged_into_id)
    job.customer_id = customer.id
    return customer


async def _openid_of(customer: Customer) -> str | None:
    known = Identity.filter(customer_id=customer.id, kind="openid", subscribed=True)
    found = await known.order_by("-id").first()
    return found.value if found else None


async def answered_passively(inbox_id: int) -> Mapping[str, Any] | None:
    """What the callback of a message answered, if one did."""
    job = await OutboxJob.get_or_none(dedupe_key=reply_key(inbox_id))
    return job.data if job and (job.result or {}).get("way") == PASSIVE else None


def reply_key(inbox_id: int) -> str:
    """The dedupe key of the answer to an inbox message."""
    return f"{REPLY}{inbox_id}"
