"""Runs orders: one transaction for the handler, the reactions that must be true at once, the
notices, and the queue row that asked for it. Whatever happens, all of it happened or nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, runtime_checkable

from tortoise.exceptions import IntegrityError

from db import queue_rows, reference
from db.engine import Database
from db.errors import StorageDown
from db.models import OutboxJob
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef
from db.sql import take_turn
from domain import events as facts
from domain.commands import Command
from domain.errors import DomainError
from domain.events import Event
from handlers.deliveries import tell
from handlers.publishing import publish
from handlers.registry import COMMANDS, LATER, NOW
from handlers.tx import Notice, Tx, to_ms

T = TypeVar("T")
Reply = Callable[[Any], Iterable[Notice]]
Around = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Carries out what it is given, and does something before or after it, in the same transaction."""
HANDS = 8
"""Orders that are carried out at the same time; fewer than the database has connections."""
WAIT_S = 10.0
BATCH = 50
"""Intakes that share one transaction of a batch; a bad one makes its neighbours run singly."""


@runtime_checkable
class Settling(Protocol):
    """A result that is only known when every reaction has run."""

    async def settle(self, tx: Tx) -> Any: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every transaction is given. `on_lead(source, outcome)` hears of each intake."""

    database: Database
    phones: PhoneVault
    clock: Callable[[], datetime]
    tz: str
    on_lead: Callable[[str, str], None] = lambda source, outcome: None


class Bus:
    """The only door to the handlers."""

    def __init__(self, surroundings: Surroundings, wake: Callable[[], None]) -> None:
        self._given = surroundings
        self._wake = wake
        self._hands = asyncio.Semaphore(HANDS)

    async def execute(
        self,
        command: Command,
        *,
        cause: RowRef | None = None,
        reply: Reply | None = None,
        around: Around | None = None,
    ) -> Any:
        """Run one order. `reply` turns its result into notices of the same transaction, `around`
        sees the database right before and after it.

        With `cause`, the queue row that asked for it is finished in that transaction too; when
        the row is no longer ours, `LeaseLost` rolls all of it back. Raises `DomainError` when
        the order is refused, `StorageDown` when the database is away.
        """

        async def work(tx: Tx) -> Any:
            result = await _run(command, tx)
            tell(tx, reply(result) if reply else ())
            return result

        return await self._in_tx(work, cause, around)

    async def execute_all(
        self, commands: Sequence[Command], *, cause: RowRef, reply: Reply | None = None
    ) -> list[Any]:
        """Run several orders as one; the first refusal refuses them all."""

        async def work(tx: Tx) -> list[Any]:
            results = [await _run(command, tx) for command in commands]
            tell(tx, reply(results) if reply else ())
            return results

        return await self._in_tx(work, cause)

    async def say(self, notices: Iterable[Notice], *, cause: RowRef) -> None:
        """Answer without an order: write the notices and finish the row."""

        async def work(tx: Tx) -> None:
            tell(tx, notices)

        await self._in_tx(work, cause)

    async def execute_many(self, commands: Sequence[Command]) -> list[Any]:
        """Run many independent orders; a result or its `DomainError` for each, in order."""
        answers: list[Any] = []
        for start in range(0, len(commands), BATCH):
            answers += await self._execute_chunk(commands[start : start + BATCH])
        return answers

    async def react(self, ref: RowRef) -> None:
        """Run one reaction job of the outbox."""

        async def work(tx: Tx) -> None:
            job = await tx.get(OutboxJob, ref.id)
            event_type = getattr(facts, str(job.data["event"]))
            event = event_type(**job.data["fields"])  # type: ignore[arg-type]
            reaction = next(r for r in LATER[event_type] if r.__name__ == job.name)
            await reaction(event, tx)
            await _settle_events(tx)

        await self._in_tx(work, ref)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait here for a free hand, patiently and without a connection.

        Transactions of one dealer or customer wait for each other's locks. If every one of them
        held a connection meanwhile, a burst at one dealer would keep everybody else out.
        """
        try:
            async with asyncio.timeout(WAIT_S):
                await self._hands.acquire()
        except TimeoutError:
            raise StorageDown("too many orders are waiting") from None
        try:
            yield
        finally:
            self._hands.release()

    async def _execute_chunk(self, commands: Sequence[Command]) -> list[Any]:
        async def work(tx: Tx) -> list[Any]:
            if len(commands) > 1:
                await take_turn("batch")
            return [await _run(command, tx) for command in commands]

        try:
            return await self._in_tx(work)
        except DomainError as refusal:
            if len(commands) == 1:
                return [refusal]
        except (StorageDown, IntegrityError):
            if len(commands) == 1:
                raise
        return [answer for one in commands for answer in await self._execute_chunk([one])]

    async def _in_tx(
        self,
        work: Callable[[Tx], Awaitable[T]],
        cause: RowRef | None = None,
        around: Around | None = None,
    ) -> T:
        """One transaction, again from the start where the database asks for it."""
        wrote = False
        done: Tx | None = None

        async def attempt() -> T:
            nonlocal done
            given = self._given
            done = tx = Tx(given.clock(), given.phones, given.tz)

            async def carry_out() -> T:
                nonlocal wrote
                result = await work(tx)
                wrote = await tx.flush()
                return result

            result: T = await (around(carry_out) if around else carry_out())
            if cause:
                await queue_rows.finish(cause, to_ms(tx.now))
            return result

        async with self._turn():
            result = await self._given.database.run_tx(attempt)
        if done:
            self._tell(done)
        if wrote:
            self._wake()
        return result

    def _tell(self, tx: Tx) -> None:
        """What others have to know now that it is durable."""
        for source, outcome in tx.leads_taken:
            self._given.on_lead(source, outcome)
        if tx.changes_reference:
            reference.forget()


async def _run(command: Command, tx: Tx) -> Any:
    result = await COMMANDS[type(command)](command, tx)
    await _settle_events(tx)
    return await result.settle(tx) if isinstance(result, Settling) else result


async def _settle_events(tx: Tx) -> None:
    """Run what must be true at once, breadth first; tell other programs; write down the rest."""
    while events := tx.take_events():
        for event in events:
            for reaction in NOW.get(type(event), ()):
                await reaction(event, tx)
            await publish(event, tx)
            _write_later(event, tx)


def _write_later(event: Event, tx: Tx) -> None:
    for reaction in LATER.get(type(event), ()):
        fields = asdict(event)
        data = {"event": type(event).__name__, "fields": fields}
        parts = [reaction.__name__, *map(str, fields.values()), tx.mark]
        tx.later(reaction.__name__, ":".join(parts), data)
