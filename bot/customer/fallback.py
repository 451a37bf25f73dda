"""When WeChat takes no message for a customer now: a notification, or a person who calls.

A subscription message (订阅通知) if they allowed one, else a template message if the account has
one, else nothing is sent. Whoever meant the message is told either way.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.customer.wording import spoken
from bot.wechat.client import OfficialAccountClient
from bot.wechat.errors import RecipientInvalid, SubscriptionUsedUp, UnknownOutcome
from db.models import OutboxJob
from db.phone_vault import PhoneVault
from db.queries.talks import may_have_subscription
from db.queue_rows import RowRef
from db.sending import leaves_now
from db.tries import unanswered_since_retry
from domain.commands import Command, RecordDelivery
from domain.service_commands import SpendSubscription, TellSender
from handlers.bus import Bus
from handlers.remarketing import TEMPLATE_MEMORY

SHOWN = 20  # characters: WeChat's limit for a `thing` in a template


@dataclass(frozen=True, slots=True)
class Templates:
    """Ids of the account's templates; empty for what it has not."""

    notice: str = ""
    subscription: str = ""


class Fallback:
    """What becomes of a message that may not be sent as one."""

    def __init__(
        self,
        bus: Bus,
        account: OfficialAccountClient | None,
        phones: PhoneVault,
        clock: Callable[[], datetime],
        templates: Templates,
    ) -> None:
        self._bus = bus
        self._account = account
        self._phones = phones
        self._clock = clock
        self._templates = templates

    async def instead(self, job: OutboxJob, ref: RowRef, openid: str, reason: str) -> None:
        """Send what WeChat still allows, else give up; whoever meant it is told either way."""
        if await self._subscribed(job, ref, openid):
            spent = SpendSubscription(job.customer_id or 0)
            await self._sent(job, ref, "subscription", spent)
        elif await self._templated(job, openid):
            await self._sent(job, ref, "template")
        else:
            done = RecordDelivery(job.id, "unsent", reason)
            await self._bus.execute_all([done, TellSender(job.id, reason)], cause=ref)

    async def _sent(self, job: OutboxJob, ref: RowRef, way: str, *more: Command) -> None:
        done = RecordDelivery(job.id, "delivered", way)
        await self._bus.execute_all([done, TellSender(job.id, "template"), *more], cause=ref)

    async def _subscribed(self, job: OutboxJob, ref: RowRef, openid: str) -> bool:
        template, customer_id = self._templates.subscription, job.customer_id or 0
        if self._account is None or not template or not await may_have_subscription(customer_id):
            return False
        data = await self._data(job)
        await leaves_now(job, ref)
        try:
            await self._account.send_subscription(openid, template, data)
        except (RecipientInvalid, SubscriptionUsedUp):
            await self._bus.execute(SpendSubscription(customer_id, all_gone=True))
            return False
        except UnknownOutcome:
            await self._bus.execute(TellSender(job.id, "unknown"))
            raise
        return True

    async def _templated(self, job: OutboxJob, openid: str) -> bool:
        template = self._templates.notice
        if self._account is None or not template:
            return False
        if self._is_forgotten(job):
            await self._bus.execute(TellSender(job.id, "unknown"))
            raise UnknownOutcome("oa", "message/template/send", None, retry_is_safe=False)
        key = f"notice-{job.id}"
        try:
            data = await self._data(job)
            await self._account.send_template(openid, template, data, client_msg_id=key)
        except (RecipientInvalid, SubscriptionUsedUp):
            return False
        return True

    def _is_forgotten(self, job: OutboxJob) -> bool:
        """Whether it may have come so long ago that WeChat would not know its repetition."""
        tried_at = unanswered_since_retry(job.tries).values()
        memory_s = TEMPLATE_MEMORY.total_seconds()
        return self._clock().timestamp() - min(tried_at, default=math.inf) / 1000 > memory_s

    async def _data(self, job: OutboxJob) -> dict[str, dict[str, str]]:
        text = (await spoken(job, self._phones))[:SHOWN]
        return {"thing1": {"value": text}, "time2": {"value": f"{self._clock():%Y-%m-%d %H:%M}"}}
