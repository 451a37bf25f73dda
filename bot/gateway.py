"""Takes a WeChat callback in: authentic, stored once, answered in time, never handled twice.

From `InboxWriter.add` on, a message can neither be lost nor done twice. On the official account
the answer is tried at once, so that it fits into the callback's own reply (`bot.passive`); a
redelivery joins the answer that is being worked out. What is not ready in time goes out as a
customer-service message.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bot.budget import SenderBudget
from bot.customer.wording import passive_reply
from bot.events import InboundEvent
from bot.hands import Hands
from bot.oa import parse as oa_parse
from bot.passive import PassiveReply
from bot.wechat.envelope import Envelope, NotAuthentic
from bot.wechat.xml import Unreadable
from bot.wecom import parse as wecom_parse
from db.errors import LeaseLost, RowRefused, StorageDown
from db.inbox import InboxWriter, NewInbound
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef

ANSWER_WITHIN_S = 3.0
COMMIT_WITHIN_S = 1.5
"""How much longer a callback stays for an answer that is promised; WeChat leaves after five."""
LOOK_AGAIN_S = 0.1
INLINE_LEASE_MS = 15_000
NOTHING_TO_SAY = b"success"
MOST_INLINE = 64
"""Messages handled inside their callback at a time; beyond that the worker takes them."""

_PARSERS = {"oa": oa_parse.parse, "wecom": wecom_parse.parse}
_log = structlog.get_logger(__name__)


Said = Mapping[str, Any]
Handle = Callable[[RowRef, InboundEvent, PassiveReply], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Running:
    """A message that is being handled here. The task says whether it was this process's turn."""

    task: asyncio.Task[bool]
    reply: PassiveReply


class Gateway:
    """The one door for callbacks of both channels."""

    def __init__(
        self,
        envelopes: Mapping[str, Envelope],
        inbox: InboxWriter,
        phones: PhoneVault,
        clock: Callable[[], datetime],
        handle: Handle,
        answered_before: Callable[[int], Awaitable[Said | None]],
        wake: Callable[[], None],
        hands: Hands,
    ) -> None:
        self._envelopes = envelopes
        self._inbox = inbox
        self._phones = phones
        self._clock = clock
        self._handle = handle
        self._answered_before = answered_before
        self._wake = wake
        self._budget = SenderBudget(clock)
        self._running: dict[int, _Running] = {}
        self._hands = hands

    async def verify(self, channel: str, query: Mapping[str, str]) -> str:
        """The text that proves the URL is ours. Raises `NotAuthentic`."""
        return self._envelope(channel).verify_url(query, self._clock())

    async def accept(self, channel: str, query: Mapping[str, str], body: bytes) -> bytes:
        """Store one callback and return the body of its answer.

        Raises `NotAuthentic`, or `StorageDown` when it could not be stored, or when nobody knows
        whether its answer is: WeChat sends again.
        """
        envelope = self._envelope(channel)
        payload = envelope.open(query, body, self._clock())
        event = self._read(channel, payload)
        wait_s = self._budget.wait_s(event.sender) if event and channel == "oa" else 0.0
        if wait_s is None:
            _log.warning("callback.flood", channel=channel)
            return NOTHING_TO_SAY
        try:
            stored = await self._inbox.add(self._row(channel, payload, event, wait_s))
        except RowRefused:
            _log.warning("callback.refused_by_storage", channel=channel)
            return NOTHING_TO_SAY
        if event is None or channel == "wecom" or wait_s:
            self._wake()
            return b""
        said = await self._answer(stored.id, event)
        if said is None:
            return NOTHING_TO_SAY
        account = str(event.raw.get("ToUserName", ""))
        now = self._clock()
        return envelope.seal(passive_reply(said, event.sender, account, now), now)

    def _envelope(self, channel: str) -> Envelope:
        envelope = self._envelopes.get(channel)
        if envelope is None:
            raise NotAuthentic("channel is not configured")
        return envelope

    def _read(self, channel: str, payload: bytes) -> InboundEvent | None:
        """The event, or None: authentic but unreadable, which the worker makes a dead letter."""
        try:
            return _PARSERS[channel](payload, channel)
        except Unreadable:
            _log.warning("callback.unreadable", channel=channel, length=len(payload))
            return None

    def _row(
        self, channel: str, payload: bytes, event: InboundEvent | None, wait_s: float
    ) -> NewInbound:
        sealed = self._phones.seal(payload)
        if event is None:
            key = f"{channel}:unreadable:{hashlib.sha256(payload).hexdigest()}"
            return NewInbound(channel, key, "", sealed, inline=False)
        inline, wait_ms = channel == "oa" and not wait_s, round(wait_s * 1000)
        key, sender = event.message_key, event.sender
        return NewInbound(channel, key, sender, sealed, inline=inline, wait_ms=wait_ms)

    async def _answer(self, inbox_id: int, event: InboundEvent) -> Said | None:
        """What the callback answers; None when there is nothing to say, or not in time."""
        running = self._join(inbox_id, event)
        if running is None or not await self._stays_for(running):
            self._wake()
            return None
        task, reply = running.task, running.reply
        if reply.owed:
            raise StorageDown("an answer was promised, and may or may not be written down")
        if task.cancelled() or task.exception():
            return None
        return reply.said if task.result() else await self._said_elsewhere(inbox_id)

    async def _said_elsewhere(self, inbox_id: int) -> Said | None:
        """What another callback of the message answered. WeChat did not get it, so while another
        process is still at it, its answer is waited for."""
        clock = asyncio.get_running_loop().time
        until = clock() + ANSWER_WITHIN_S
        while True:
            is_worked_on = await self._inbox.is_worked_on(inbox_id)
            said = await self._answered_before(inbox_id)
            if said is not None or not is_worked_on or clock() > until:
                return said
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _stays_for(self, running: _Running) -> bool:
        """Wait for the answer, or for its commit if it is promised. False: it takes too long."""
        await asyncio.wait([running.task], timeout=ANSWER_WITHIN_S)
        if running.task.done():
            return True
        if running.reply.give_up():
            return False
        await asyncio.wait([running.task], timeout=COMMIT_WITHIN_S)
        return True

    def _join(self, inbox_id: int, event: InboundEvent) -> _Running | None:
        """Handle the message here, or join whoever in this process does. None: no room."""
        running = self._running.get(inbox_id)
        if running is None and len(self._running) < MOST_INLINE:
            reply = PassiveReply()
            task = asyncio.create_task(self._handle_inline(inbox_id, event, reply))
            running = self._running[inbox_id] = _Running(task, reply)
            task.add_done_callback(lambda done: self._ended(inbox_id, done))
        return running

    def _ended(self, inbox_id: int, task: asyncio.Task[bool]) -> None:
        """A message that could not be handled is the worker's as soon as its lease runs out."""
        del self._running[inbox_id]
        error = None if task.cancelled() else task.exception()
        if error:
            _log.error("callback.failed", inbox_id=inbox_id, error=type(error).__name__)

    async def _handle_inline(
        self, inbox_id: int, event: InboundEvent, reply: PassiveReply
    ) -> bool:
        """Handle a message if it is still nobody's."""
        async with self._hands:
            started = await self._inbox.claim_inline(inbox_id, INLINE_LEASE_MS)
            if started is None:
                return False
            try:
                await self._handle(started.ref, event, reply)
            except (LeaseLost, StorageDown):
                _log.info("callback.left_to_worker", inbox_id=inbox_id)
            return True
