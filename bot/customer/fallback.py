"""When WeChat takes no message for a customer now: a template message, or a person who calls."""

from collections.abc import Callable
from datetime import datetime

from bot.customer.wording import spoken
from bot.wechat.client import OfficialAccountClient
from bot.wechat.errors import RecipientInvalid, SubscriptionUsedUp
from db.models import OutboxJob
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef
from domain.commands import RecordDelivery
from domain.service_commands import TellSender
from handlers.bus import Bus

SHOWN = 20  # characters: WeChat's limit for a `thing` in a template


class Fallback:
    """What becomes of a message that may not be sent as one."""

    def __init__(
        self,
        bus: Bus,
        account: OfficialAccountClient | None,
        phones: PhoneVault,
        clock: Callable[[], datetime],
        template_id: str,
    ) -> None:
        self._bus = bus
        self._account = account
        self._phones = phones
        self._clock = clock
        self._template_id = template_id

    async def instead(self, job: OutboxJob, ref: RowRef, openid: str, reason: str) -> None:
        """Send the configured template, else give up; whoever meant it is told either way."""
        if await self._templated(job, openid):
            done, told = RecordDelivery(job.id, "delivered", "template"), "template"
        else:
            done, told = RecordDelivery(job.id, "unsent", reason), reason
        await self._bus.execute_all([done, TellSender(job.id, told)], cause=ref)

    async def _templated(self, job: OutboxJob, openid: str) -> bool:
        if self._account is None or not self._template_id:
            return False
        text = (await spoken(job, self._phones))[:SHOWN]
        moment = f"{self._clock():%Y-%m-%d %H:%M}"
        data = {"thing1": {"value": text}, "time2": {"value": moment}}
        key = f"notice-{job.id}"
        try:
            await self._account.send_template(openid, self._template_id, data, client_msg_id=key)
        except (RecipientInvalid, SubscriptionUsedUp):
            return False
        return True
