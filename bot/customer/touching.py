"""Sends the touches of campaigns: decided at this very moment, and never one too many.

WeChat has no duplicate check for customer-service and subscription messages. So a touch is written
down as being sent before WeChat is asked; if nobody knows what became of it, it counts as sent.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.customer.saying import within
from bot.wechat.client import OfficialAccountClient
from bot.wechat.errors import (
    RecipientInvalid,
    RecipientOptedOut,
    RecipientQuotaUsedUp,
    SubscriptionUsedUp,
    TemplateUnknown,
    TryLater,
    UnknownOutcome,
    WeChatError,
    WindowClosed,
)
from bot.wechat.xml import TEXT_LIMIT_BYTES
from db.models import OutboxJob
from db.queue_rows import RowRef
from domain.campaign_commands import (
    BeginTouch,
    BeginTrial,
    GiveBackTouch,
    HoldCampaign,
    RecordTouch,
    RecordTrial,
)
from domain.commands import RecordDelivery
from domain.consent import MARKETING
from domain.people_commands import WithdrawConsent
from domain.service_commands import CloseWindows, SpendSubscription
from handlers.bus import Bus
from handlers.remarketing import ReadyTouch
from handlers.trials import NoTrial
from texts.campaigns import trial_mark

MESSAGE, NOTICE = "message", "notice"
NOT_THIS_WAY = (WindowClosed, RecipientQuotaUsedUp, RecipientInvalid, SubscriptionUsedUp)
"""Refusals that another way may get around."""
REFUSALS: Mapping[type[WeChatError], str] = {
    WindowClosed: "window_closed",
    RecipientQuotaUsedUp: "quota_used_up",
    RecipientInvalid: "not_following",
    RecipientOptedOut: "not_following",
    SubscriptionUsedUp: "no_subscription",
}
UNMARKED = re.compile(
    r"(number|letter|symbol|character_string|time|date|amount|phone_number|car_number|name"
    r"|phrase)\d*"
)
"""Fields of a template that WeChat takes nothing but their kind in."""
LONGEST_THING = 20


class TouchVoice:
    """Delivers the touches of campaigns."""

    def __init__(
        self, bus: Bus, account: OfficialAccountClient | None, clock: Callable[[], datetime]
    ) -> None:
        self._bus = bus
        self._account = account
        self._clock = clock

    async def deliver(self, job: OutboxJob, ref: RowRef) -> None:
        """Send by the first way that works, or find that there is nothing to send.

        Raises `WeChatError` when it has to be tried again.
        """
        if not job.data:  # the customer was erased while a worker that died had it in hand
            await self._bus.execute(RecordDelivery(job.id, "obsolete", "none"), cause=ref)
            return
        enrolment_id, step = int(str(job.data["enrolment_id"])), int(str(job.data["step"]))
        tried: tuple[str, ...] = ()
        while True:
            begin = BeginTouch(job.id, enrolment_id, step, tried)
            ready: ReadyTouch | None = await self._bus.execute(begin)
            if ready is None:
                await self._bus.execute(RecordDelivery(job.id, "obsolete", "none"), cause=ref)
                return
            state = "unknown" if ready.lost else await self._sent(ready, job.customer_id or 0)
            if state:
                record = RecordTouch(job.id, ready.touch_id, state, ready.text)
                await self._bus.execute(record, cause=ref)
                return
            tried = (*tried, ready.channel)

    async def try_out(self, job: OutboxJob, ref: RowRef) -> None:
        """Send a trial, marked as one. What WeChat refuses is told to whoever asked for it."""
        ready: ReadyTouch | NoTrial = await self._bus.execute(BeginTrial(job.id))
        if isinstance(ready, NoTrial):
            record = RecordTrial(job.id, "unsent", reason=ready.reason)
        else:
            marked = as_trial(ready)
            outcome, reason = await self._tried(marked, job)
            record = RecordTrial(job.id, outcome, ready.channel, marked.text, reason)
        await self._bus.execute(record, cause=ref)

    async def _tried(self, ready: ReadyTouch, job: OutboxJob) -> tuple[str, str]:
        started = self._clock()
        try:
            await self._send(ready, f"trial-{job.id}")
        except NOT_THIS_WAY as refusal:
            await self._closed(refusal, ready, job.customer_id or 0, started)
            return "unsent", REFUSALS[type(refusal)]
        except TryLater:
            raise
        except WeChatError as error:
            return ("unsent" if error.code else "unknown"), f"wechat_{error.code or 0}"
        return "sent", ""

    async def _sent(self, ready: ReadyTouch, customer_id: int) -> str | None:
        """What became of it: sent or unknown; None: this way is closed, it was not sent.

        A template message whose answer got lost is the same touch when it is tried again, which
        WeChat will notice.
        """
        started = self._clock()
        try:
            await self._send(ready, f"touch-{ready.touch_id}")
        except NOT_THIS_WAY as refusal:
            await self._bus.execute(GiveBackTouch(ready.touch_id))
            await self._closed(refusal, ready, customer_id, started)
            return None
        except TemplateUnknown:
            await self._bus.execute(HoldCampaign(ready.touch_id))
            raise
        except WeChatError as error:
            if not error.retry_is_safe:
                return "unknown"
            if not isinstance(error, UnknownOutcome):
                await self._bus.execute(GiveBackTouch(ready.touch_id))
            raise
        return "sent"

    async def _closed(
        self, refusal: WeChatError, ready: ReadyTouch, customer_id: int, started: datetime
    ) -> None:
        """WeChat knows better what is open than we did."""
        if isinstance(refusal, WindowClosed | RecipientQuotaUsedUp):
            await self._bus.execute(CloseWindows(customer_id, started))
        elif isinstance(refusal, RecipientOptedOut):
            await self._bus.execute(WithdrawConsent(customer_id, "wechat", (MARKETING,)))
        elif ready.channel == NOTICE:
            await self._bus.execute(SpendSubscription(customer_id, all_gone=True))

    async def _send(self, ready: ReadyTouch, key: str) -> None:
        if self._account is None:
            raise TryLater("oa", "message/custom/send", None, retry_after_s=600)
        if ready.channel == MESSAGE:
            text = {"content": within(ready.text, TEXT_LIMIT_BYTES)}
            await self._account.send_custom(ready.openid, {"msgtype": "text", "text": text})
            return
        data = {name: {"value": words} for name, words in ready.fields.items()}
        if ready.channel == NOTICE:
            await self._account.send_subscription(ready.openid, ready.template_id, data)
            return
        await self._account.send_template(ready.openid, ready.template_id, data, client_msg_id=key)


def as_trial(ready: ReadyTouch) -> ReadyTouch:
    """The same with the mark of a trial in front; in a template, in the first field with room."""
    mark = trial_mark()
    if not ready.fields:
        return replace(ready, text=f"{mark}{ready.text}")
    fields = dict(ready.fields)
    roomy = next((name for name in fields if not UNMARKED.fullmatch(name)), None)
    if roomy:
        marked = f"{mark}{fields[roomy]}"
        fields[roomy] = marked[:LONGEST_THING] if roomy.startswith("thing") else marked
    return replace(ready, fields=fields, text=" · ".join(fields.values()))
