"""Takes a WeChat callback in: authentic, stored once, answered in time, never handled twice.

From `InboxWriter.add` on, a message can neither be lost nor done twice. On the official account
the answer is tried at once, so that it fits into the callback's own reply; a redelivery joins the
answer that is being worked out. What is not ready in time goes out as a customer-service message.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

import structlog

from bot.budget import SenderBudget
from bot.events import InboundEvent
from bot.hands import Hands
from bot.oa import parse as oa_parse
from bot.wechat.envelope import Envelope, NotAuthentic
from bot.wechat.xml import Unreadable
from bot.wecom import parse as wecom_parse
from db.errors import LeaseLost, RowRefused, StorageDown
from db.inbox import InboxWriter, NewInbound
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef

ANSWER_WITHIN_S = 3.0
INLINE_LEASE_MS = 15_000
NOTHING_TO_SAY = b"success"
MOST_INLINE = 64
"""Messages handled inside their callback at a time; beyond that the worker takes them."""

_PARSERS = {"oa": oa_parse.parse, "wecom": wecom_parse.parse}
_log = structlog.get_logger(__name__)


class Replies(Protocol):
    """Gives the passive reply of a handled message, if it has one."""

    async def take(self, inbox_id: int, event: InboundEvent) -> str: ...


class Gateway:
    """The one door for callbacks of both channels."""

    def __init__(
        self,
        envelopes: Mapping[str, Envelope],
        inbox: InboxWriter,
        phones: PhoneVault,
        clock: Callable[[], datetime],
        handle: Callable[[RowRef, InboundEvent], Awaitable[None]],
        replies: Replies,
        wake: Callable[[], None],
        hands: Hands,
    ) -> None:
        self._envelopes = envelopes
        self._inbox = inbox
        self._phones = phones
        self._clock = clock
        self._handle = handle
        self._replies = replies
        self._wake = wake
        self._budget = SenderBudget(clock)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._hands = hands

    async def verify(self, channel: str, query: Mapping[str, str]) -> str:
        """The text that proves the URL is ours. Raises `NotAuthentic`."""
        return self._envelope(channel).verify_url(query, self._clock())

    async def accept(self, channel: str, query: Mapping[str, str], body: bytes) -> bytes:
        """Store one callback and return the body of its answer.

        Raises `NotAuthentic`, or `StorageDown` when it could not be stored: WeChat sends again.
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
        reply = await self._answer(stored.id, event)
        return envelope.seal(reply, self._clock()) or NOTHING_TO_SAY

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

    async def _answer(self, inbox_id: int, event: InboundEvent) -> str:
        """The passive reply; empty when there is none, or none in time."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._join(inbox_id, event)
                return await self._replies.take(inbox_id, event)
        except (TimeoutError, StorageDown):
            self._wake()
            return ""

    async def _join(self, inbox_id: int, event: InboundEvent) -> None:
        """Handle the message here, or wait for whoever in this process already does."""
        task = self._running.get(inbox_id)
        if task is None:
            if len(self._running) >= MOST_INLINE:
                self._wake()
                return
            task = asyncio.create_task(self._handle_inline(inbox_id, event))
            self._running[inbox_id] = task
            task.add_done_callback(lambda done: self._ended(inbox_id, done))
        await asyncio.wait([task])

    def _ended(self, inbox_id: int, task: asyncio.Task[None]) -> None:
        """A message that could not be handled is the worker's as soon as its lease runs out."""
        del self._running[inbox_id]
        error = None if task.cancelled() else task.exception()
        if error:
            _log.error("callback.failed", inbox_id=inbox_id, error=type(error).__name__)

    async def _handle_inline(self, inbox_id: int, event: InboundEvent) -> None:
        async with self._hands:
            await self._claim_and_handle(inbox_id, event)

    async def _claim_and_handle(self, inbox_id: int, event: InboundEvent) -> None:
        started = await self._inbox.claim_inline(inbox_id, INLINE_LEASE_MS)
        if started is None:
            return
        try:
            await self._handle(started.ref, event)
        except (LeaseLost, StorageDown):
            _log.info("callback.left_to_worker", inbox_id=inbox_id)
