"""Delivers a notice: finds the words, asks WeChat, records what became of it.

Sending comes first and recording second. A crash in between sends again, and WeCom's duplicate
check drops the repetition: the same notice always has the same bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.customer.replies import CustomerVoice
from bot.customer.touching import TouchVoice
from bot.media import MediaLost, MediaPorter
from bot.staff.cards import card_face
from bot.staff.look import Look, Message
from bot.staff.notices import RENDERERS
from bot.turns import Turns
from bot.wechat.client import WeComClient
from bot.wechat.errors import CodeAlreadyUsed, HeldBack, OurBug, RecipientInvalid, TryLater
from db.models import Card, OutboxJob
from db.phone_vault import PhoneVault
from db.queries.sent import sent_beside
from db.queue_rows import RowRef
from db.tries import unanswered
from domain.commands import MergeNotices, RecordDelivery
from domain.errors import NothingToMerge
from handlers.bus import Bus
from handlers.deliveries import MERGEABLE
from handlers.policies import policy_for

API = "message/send"
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
NO_SUCH_RECEIVER = 81013
IN_ORDER = frozenset({"relay_in"})
"""Notices that must arrive in the order in which they were written."""
TASK_KNOWN = 42014
DEDUPE_S = 4 * 3600
"""So long WeCom remembers a message at most; a notice is tried again for an hour or two."""
DEDUPE_SPREAD_S = 10_000


class Messenger:
    """Runs the notices of the outbox."""

    def __init__(
        self,
        bus: Bus,
        wecom: WeComClient | None,
        customers: CustomerVoice,
        touches: TouchVoice,
        porter: MediaPorter,
        phones: PhoneVault,
        clock: Callable[[], datetime],
        *,
        tz: str,
        public_url: str,
        on_pushed: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._bus = bus
        self._wecom = wecom
        self._customers = customers
        self._touches = touches
        self._porter = porter
        self._phones = phones
        self._clock = clock
        self._tz = tz
        self._public_url = public_url
        self._on_pushed = on_pushed
        self._turns = Turns("wecom", API)

    async def deliver(self, ref: RowRef) -> None:
        """Run one row of the outbox: a notice to send, or a reaction to carry out."""
        await self.carry_out(await OutboxJob.get(id=ref.id), ref)

    async def carry_out(self, job: OutboxJob, ref: RowRef) -> None:
        """The same for a row that has been read."""
        if job.kind == "reaction":
            await self._bus.react(ref)
        elif job.name == "touch":
            await self._touches.deliver(job, ref)
        elif job.name == "trial":
            await self._touches.try_out(job, ref)
        elif job.staff_id is None:
            await self._customers.deliver(job, ref)
        elif job.name == "refresh_card":
            await self._refresh(job, ref)
        else:
            await self._tell(job, ref, job.staff_id)

    # staff ──────────────────────────────────────────────────────────────────────────────────

    async def _tell(self, job: OutboxJob, ref: RowRef, userid: str) -> None:
        """One member is written to one message at a time, so that their minute is counted."""
        async with self._turns.of(userid):
            if job.name in IN_ORDER:
                await self._turns.after_earlier(job)
            message = await self._message(job)
            if message is None:
                await self._record(job, ref, "obsolete", "none")
                return
            wait_s = await self._wait_s(job)
            if wait_s == 0:
                await self._send(job, ref, userid, message)
            else:
                await self._put_off(job, ref, userid, wait_s)

    async def _message(self, job: OutboxJob) -> Message | None:
        """The notice as a message; a picture is brought over from the official account first."""
        media_id, kind = str(job.data.get("media_id", "")), str(job.data.get("form", ""))
        if media_id:
            with suppress(MediaLost):
                return Message.media(kind, await self._porter.to_staff(kind, media_id))
        return await RENDERERS[job.name](job, self._look())

    async def _send(self, job: OutboxJob, ref: RowRef, userid: str, message: Message) -> None:
        try:
            code = await self._code_of_sent(job, {"touser": userid, **message.body})
        except RecipientInvalid:
            await self._bus.execute(RecordDelivery(job.id, "failed", "wecom"))
            raise
        done = RecordDelivery(
            job.id, "delivered", "wecom", message.task_id, code or None, settled=message.settled
        )
        await self._bus.execute(done, cause=ref)
        if job.name == "lead_card":
            self._on_pushed((self._now_ms() - job.created_at_ms) / 1000)

    async def _code_of_sent(self, job: OutboxJob, body: Mapping[str, Any]) -> str:
        """Send, and return the code that may update the card.

        WeCom takes equal JSON for a repetition. The odd seconds of the interval are the notice's
        own, so the same words twice are two messages, but the same notice twice is one. A card
        whose task WeCom knows already came through on an earlier try.
        """
        interval_s = DEDUPE_S - job.id % DEDUPE_SPREAD_S
        try:
            sent = await self._client().send_message(body, dedupe_interval_s=interval_s)
        except OurBug as refusal:
            if refusal.code != TASK_KNOWN:
                raise
            return ""
        if not sent.reached(str(body["touser"])):
            raise RecipientInvalid("wecom", API, NO_SUCH_RECEIVER)
        return sent.response_code

    async def _wait_s(self, job: OutboxJob) -> float:
        """Seconds until this job's member may be written to, 0 for now.

        WeCom drops what is above 30 a minute or 1,000 an hour without a word; the policy stays
        below that.
        """
        limits, now_ms = (await policy_for(None)).wecom, self._now_ms()
        sent = await sent_beside(job, now_ms - HOUR_MS)
        return max(
            _until_room(sent, limits.member_sends_per_minute, MINUTE_MS, now_ms),
            _until_room(sent, limits.member_sends_per_hour, HOUR_MS, now_ms),
        )

    async def _put_off(self, job: OutboxJob, ref: RowRef, userid: str, wait_s: float) -> None:
        """Into the member's digest with whatever else waits, or later when it is alone.

        What may have come already is not told a second time in other words.
        """
        try:
            if job.name in MERGEABLE and not unanswered(job.tries):
                await self._bus.execute(MergeNotices(userid, job.id, wait_s), cause=ref)
                return
        except NothingToMerge:
            pass
        raise HeldBack("wecom", API, None, retry_after_s=wait_s)

    async def _refresh(self, job: OutboxJob, ref: RowRef) -> None:
        """Bring a card up to date: after it was sent, and by one update at a time."""
        async with self._turns.of(job.staff_id):
            await self._update_card(job, ref)

    async def _update_card(self, job: OutboxJob, ref: RowRef) -> None:
        card = await Card.get_or_none(task_id=str(job.data["task_id"]))
        face = await card_face(card, self._look()) if card else None
        if card is None or face is None:
            await self._record(job, ref, "obsolete", "none")
            return
        if not card.response_code:
            await self._record(job, ref, "obsolete", "no_code")
            return
        code = card.response_code
        try:
            await self._client().update_template_card(code, userids=[card.staff_id], card=face)
        except CodeAlreadyUsed:
            await self._record(job, ref, "obsolete", "code_used")
            return
        await Card.filter(task_id=card.task_id, response_code=code).update(response_code=None)
        await self._record(job, ref, "delivered", "card_update")

    async def _record(self, job: OutboxJob, ref: RowRef, outcome: str, way: str) -> None:
        await self._bus.execute(RecordDelivery(job.id, outcome, way), cause=ref)

    def _client(self) -> WeComClient:
        if self._wecom is None:
            raise TryLater("wecom", API, None, retry_after_s=600)
        return self._wecom

    def _look(self) -> Look:
        return Look(self._phones, self._clock(), self._tz, self._public_url)

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _until_room(sent: Sequence[int], limit: int, period_ms: int, now_ms: int) -> float:
    """Seconds until fewer than `limit` of these (epoch ms, oldest first) are that recent."""
    blocking = sent[-limit] + period_ms - now_ms if len(sent) >= limit else -1
    return max(1.0, blocking / 1000) if blocking >= 0 else 0
