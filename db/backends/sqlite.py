"""SQLite as Tortoise uses it, but with BEGIN IMMEDIATE and a lock that no cancellation can leak.

Tortoise's own transaction begins deferred (a read-then-write is then refused with "database is
locked" as soon as two processes write) and keeps its lock for ever when BEGIN fails or is
cancelled.
"""

import asyncio
import sqlite3
from datetime import UTC, datetime
from typing import Any

import aiosqlite
from tortoise.backends.base.client import (
    ConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError
from tortoise.fields import data as tortoise_fields

from db.backends.same_thread import SameThreadConnection
from db.errors import SchemaMissing, StorageDown, TransactionConflict

# SQLite compares times as text: all of them must be written in one time zone. Importing Tortoise's
# backend registered an adapter that keeps whatever zone a value came with.
sqlite3.register_adapter(datetime, lambda at: at.astimezone(UTC).isoformat(" "))
# and read by the interpreter's own parser, twenty times as fast as the one Tortoise falls back to
tortoise_fields.parse_datetime = datetime.fromisoformat  # type: ignore[attr-defined]

LOCK_WAIT_S = 2.0
STATEMENTS = 1024
"""Compiled statements a connection keeps; the 128 of sqlite3 itself are fewer than we have."""
_UNDOING: set[asyncio.Task[None]] = set()


class ImmediateTransaction(SqliteTransactionWrapper):
    """The connection as seen from inside a transaction."""

    async def begin(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")

    async def execute_script(self, query: str) -> None:
        """Run statements one by one: sqlite3's own executescript commits first."""
        statement = ""
        for line in query.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                await self.execute_query(statement)
                statement = ""
        if statement.strip():
            await self.execute_query(statement)


class ImmediateTransactionContext(SqliteTransactionContext):
    """Enter and leave a transaction; entering fails clean, whatever interrupts it."""

    async def __aenter__(self) -> TransactionalDBClient:
        await _acquire(self._trxlock)
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except sqlite3.OperationalError as error:
            self._trxlock.release()
            raise fault_of(OperationalError(error)) from error
        except BaseException:
            undo = asyncio.ensure_future(self._undo())
            _UNDOING.add(undo)
            undo.add_done_callback(_UNDOING.discard)
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]  # untyped in Tortoise

    async def _undo(self) -> None:
        """Roll back a BEGIN that was cancelled on its way, then let the next one in."""
        try:
            if self.connection._connection:
                await self.connection.rollback()
        finally:
            self._trxlock.release()


class BoundedTurn(ConnectionWrapper[Any]):
    """One statement's turn on the connection."""

    async def __aenter__(self) -> Any:
        await _acquire(self._lock)
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class ImmediateSqliteClient(SqliteClient):
    """One connection, one lock, immediate transactions."""

    def __init__(self, file_path: str, **params: Any) -> None:
        self._same_thread = bool(params.pop("same_thread", False))
        super().__init__(file_path, **params)

    async def create_connection(self, with_db: bool) -> None:
        """Open the file; statements run in a thread of the connection unless told otherwise."""
        if self._connection:
            return
        how: dict[str, Any] = {"isolation_level": None, "cached_statements": STATEMENTS}
        if self._same_thread:
            self._connection = SameThreadConnection(self.filename, **how)
        else:
            self._connection = await aiosqlite.connect(self.filename, **how)
        self._connection._conn.row_factory = sqlite3.Row
        for pragma, value in self.pragmas.items():
            await self._connection.execute(f"PRAGMA {pragma}={value}")
        await self._post_connect()

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        return BoundedTurn(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return ImmediateTransactionContext(ImmediateTransaction(self), self._lock)


async def _acquire(lock: asyncio.Lock) -> None:
    """Wait for the connection, but not for ever: the holder may be waiting for us.

    Where nobody has it or waits, there is nothing to time, which costs more than the statement.
    """
    if not lock.locked() and not lock._waiters:
        await lock.acquire()
        return
    try:
        async with asyncio.timeout(LOCK_WAIT_S):
            await lock.acquire()
    except TimeoutError:
        raise StorageDown("the database was busy for too long") from None


def fault_of(error: OperationalError) -> Exception:
    """What an SQLite error means for the caller: conflict, storage down, or itself."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return TransactionConflict("the database file is locked")
    if any(sign in text for sign in ("no such table", "no such column")):
        return SchemaMissing()
    if any(sign in text for sign in ("disk", "unable to open", "readonly")):
        return StorageDown("the database file cannot be used")
    return error


def credentials(params: dict[str, Any]) -> dict[str, Any]:
    """Connection parameters with durable and bounded settings."""
    pragmas = {
        "journal_mode": "WAL",
        "synchronous": "FULL",
        "foreign_keys": "ON",
        "busy_timeout": 2000,
        "journal_size_limit": 67_108_864,
    }
    return {**pragmas, **params}


client_class = ImmediateSqliteClient
