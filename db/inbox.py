"""Take in WeChat's messages: durable before the answer, each exactly once, many per commit.

Group commit: whatever arrives while one commit runs goes into the next, so a burst costs a few
commits instead of one each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from tortoise.exceptions import IntegrityError, OperationalError

from db import queue_rows, sql
from db.engine import Database
from db.errors import RowRefused, StorageDown, TransactionConflict
from db.models import InboxMessage
from db.models.queues import RowState

ANSWER_WITHIN_S = 1.5
WRITE_WITHIN_S = 1.2
MAX_BATCH = 200
MAX_WAITING = 5_000

_REFUSALS = (IntegrityError, OperationalError, ValueError, OverflowError, TypeError)
_COLUMNS = (
    "message_key, app, sender, payload, due_at_ms, created_at_ms,"
    " queue, state, lease_until_ms, attempts, unfinished, error"
)
_FIXED = "'inbox', 0, 0, 0, 0, ''"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewInbound:
    """An authentic message. `message_key` is unique per message; `payload` is encrypted.

    `inline`: whoever stored it handles it at once, so workers leave it alone for a moment.
    `wait_ms`: nobody handles it before that.
    """

    app: str
    message_key: str
    sender: str
    payload: bytes
    inline: bool = True
    wait_ms: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the message is. Not `fresh`: it was there before, WeChat sent it again."""

    id: int
    fresh: bool


@dataclass(slots=True)
class _Waiting:
    message: NewInbound
    answer: asyncio.Future[Stored]


class InboxWriter:
    """The door into the inbox. One per process."""

    def __init__(
        self, database: Database, clock_ms: Callable[[], int], *, inline_grace_ms: int = 4000
    ) -> None:
        self._database = database
        self._clock_ms = clock_ms
        self._inline_grace_ms = inline_grace_ms
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def add(self, message: NewInbound) -> Stored:
        """Store a message and return once it is durable.

        Raises `StorageDown` within 1.5 s when it cannot be stored now, `RowRefused` when it can
        never be.
        """
        if len(self._waiting) >= MAX_WAITING:
            raise StorageDown("the inbox has too many messages waiting")
        entry = _Waiting(message, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._writing is None or self._writing.done():
            self._writing = self._database.spawn(self._write_all())
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await entry.answer
        except TimeoutError:
            raise StorageDown("the inbox did not answer in time") from None

    async def claim_inline(self, inbox_id: int, lease_ms: int) -> queue_rows.Started | None:
        """Claim a message just stored, to answer it in the callback's own response."""
        return await queue_rows.claim_inline(inbox_id, self._clock_ms(), lease_ms)

    async def is_worked_on(self, inbox_id: int) -> bool:
        """Whether somebody handles this message now."""
        return await InboxMessage.exists(id=inbox_id, state=RowState.LEASED)

    async def _write_all(self) -> None:
        while self._waiting:
            room = range(min(MAX_BATCH, len(self._waiting)))
            batch = [self._waiting.popleft() for _ in room]
            batch = [entry for entry in batch if not entry.answer.done()]
            if batch:
                await self._write(batch)

    async def _write(self, batch: list[_Waiting]) -> None:
        try:
            stored = await self._insert([entry.message for entry in batch])
        except StorageDown as error:
            _log.warning("inbox.storage_down", messages=len(batch))
            _fail(batch, error)
        except _REFUSALS as error:
            await self._write_singly(batch, error)
        else:
            for entry, answer in zip(batch, stored, strict=True):
                if not entry.answer.done():
                    entry.answer.set_result(answer)

    async def _write_singly(self, batch: list[_Waiting], error: Exception) -> None:
        """One bad row must not fail its neighbours."""
        if len(batch) == 1:
            _log.warning("inbox.row_refused", error=type(error).__name__)
            _fail(batch, RowRefused(type(error).__name__))
            return
        for entry in batch:
            await self._write([entry])

    async def _insert(self, messages: list[NewInbound]) -> list[Stored]:
        """Insert the messages that are new and find the ids of those that are not."""
        try:
            async with asyncio.timeout(WRITE_WITHIN_S):
                fresh = await self._insert_new(messages)
                known = [m.message_key for m in messages if m.message_key not in fresh]
                ids = {**await _ids_of(known), **fresh}
        except TimeoutError:
            raise StorageDown("the inbox could not be written in time") from None
        except OperationalError as error:
            fault = self._database.fault_of(error)
            if isinstance(fault, TransactionConflict):
                raise StorageDown("the database file is locked") from error
            raise fault from error
        return [
            Stored(ids[m.message_key], fresh.pop(m.message_key, None) is not None)
            for m in messages
        ]

    def _held_back_ms(self, message: NewInbound) -> int:
        """A message that waits must not fall due before an earlier one that is tried at once."""
        tried_first = message.inline or message.wait_ms > 0
        return message.wait_ms + tried_first * self._inline_grace_ms

    async def _insert_new(self, messages: list[NewInbound]) -> dict[str, int]:
        now = self._clock_ms()
        rows = [
            (m.message_key, m.app, m.sender, m.payload, now + self._held_back_ms(m))
            for m in messages
        ]
        if self._database.dialect == "postgres":
            columns = map(list, zip(*rows, strict=True))
            inserted = await sql.rows(_INSERT_UNNEST, *columns, now)
        else:
            values = ", ".join(
                f"(${i + 2}, ${i + 3}, ${i + 4}, ${i + 5}, ${i + 6}, $1, {_FIXED})"
                for i in range(0, 5 * len(rows), 5)
            )
            parts = [part for row in rows for part in row]
            inserted = await sql.rows(_insert(f"VALUES {values}"), now, *parts)
        return {row["message_key"]: row["id"] for row in inserted}


def _insert(source: str) -> str:
    return (
        f"INSERT INTO inbox ({_COLUMNS}) {source}"  # fixed words only
        " ON CONFLICT (message_key) DO NOTHING RETURNING id, message_key"
    )


_INSERT_UNNEST = _insert(
    f"SELECT u.k, u.a, u.s, u.p, u.d, $6::bigint, {_FIXED}"  # noqa: S608
    " FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[])"
    " WITH ORDINALITY AS u(k, a, s, p, d, n) ORDER BY u.n"
)


async def _ids_of(keys: list[str]) -> dict[str, int]:
    if not keys:
        return {}
    marks = ", ".join(f"${i + 1}" for i in range(len(keys)))
    found = await sql.rows(
        f"SELECT id, message_key FROM inbox WHERE message_key IN ({marks})",  # noqa: S608
        *keys,
    )
    return {row["message_key"]: row["id"] for row in found}


def _fail(batch: list[_Waiting], error: Exception) -> None:
    for entry in batch:
        if not entry.answer.done():
            entry.answer.set_exception(error)
