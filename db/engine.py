"""The open database: where transactions run so that nothing can freeze or leak them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError, OperationalError

from db.backends import asyncpg as postgres
from db.backends import sqlite
from db.errors import SchemaMissing, StorageDown, TransactionConflict

T = TypeVar("T")
Dialect = Literal["sqlite", "postgres"]

APP = "leadloop"
MIGRATIONS = "db.migrations"
ATTEMPTS = 3
DRAIN_S = 10.0
PING_WITHIN_S = 2.0
TURN_WAIT_S = 10.0
TURNS: dict[Dialect, int] = {"sqlite": 1, "postgres": 16}
"""Transactions at once. What is left of the connection or the pool is for single statements, so
that a burst of leads waits its turn while callbacks are still stored within their 1.5 s."""

_log = structlog.get_logger(__name__)
_read: ContextVar[dict[object, Any] | None] = ContextVar("read_in_this_run_tx", default=None)


def in_transaction() -> bool:
    """Whether the caller runs inside `run_tx`."""
    return _read.get() is not None


def already_read() -> dict[object, Any]:
    """What this transaction has read and need not read again; a throwaway outside of one."""
    read = _read.get()
    return {} if read is None else read


class Database:
    """One database of the process; the models find it without being told."""

    def __init__(self, context: TortoiseContext, client: BaseDBAsyncClient) -> None:
        self._context = context
        self._client = client
        self._running: set[asyncio.Task[Any]] = set()
        self.dialect: Dialect = (
            "postgres" if isinstance(client, postgres.BoundedPostgresClient) else "sqlite"
        )
        self._turns = asyncio.Semaphore(TURNS[self.dialect])

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open `sqlite://path` or `postgres://…`.

        PostgreSQL may be away: calls then raise `StorageDown` until it answers.
        """
        EXECUTOR_CACHE.clear()  # else the statements of a database opened earlier, of either kind
        context = TortoiseContext()
        with context:
            await context.init(config_for(url), _enable_global_fallback=True)
        database = cls(context, context.db())
        if database.dialect == "sqlite":
            await context.db().create_connection(with_db=True)
        return database

    async def close(self) -> None:
        """Finish the transactions that run, then close every connection."""
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_S)
        await self._context.close_connections()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def ping(self) -> None:
        """Return when the database answers; raises `StorageDown`."""
        try:
            async with asyncio.timeout(PING_WITHIN_S):
                await self._client.execute_query_dict("SELECT 1")
        except (OperationalError, TimeoutError) as error:
            raise StorageDown("the database does not answer") from error

    async def schema_ok(self) -> bool:
        """Whether every migration this program knows has been applied. Raises `StorageDown`."""
        await self.ping()
        try:
            rows = await self._client.execute_query_dict("SELECT name FROM tortoise_migrations")
        except (OperationalError, SchemaMissing):
            return False
        return known_migrations() <= {row["name"] for row in rows}

    async def run_tx(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` in one transaction and return what it returns.

        The transaction goes on to its end even when the caller is cancelled. The whole `work`
        is run again, up to three times in all, when a unique key or another transaction got in
        the way, and once when the connection broke before the commit; so it must do nothing but
        talk to the database. Raises `StorageDown` (after ten seconds of waiting for its turn, two
        for a connection) and whatever `work` raises.
        """
        if in_transaction():
            raise RuntimeError("run_tx inside run_tx: pass the work into the running one")
        return await asyncio.shield(self.spawn(self._attempts(work)))

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start database work that outlives its caller; `close` waits for it."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # a caller that went away will not ask for it

    async def _attempts(self, work: Callable[[], Awaitable[T]]) -> T:
        reconnected = False
        for attempt in range(1, ATTEMPTS + 1):
            _read.set({})
            last = attempt == ATTEMPTS
            try:
                return await self._once(work)
            except IntegrityError as error:
                if last or not _is_unique(error):
                    raise
            except TransactionConflict as error:
                if last:
                    raise StorageDown("the transaction lost every time") from error
            except _Dropped as error:
                if last or reconnected:
                    raise StorageDown(str(error)) from error
                reconnected = True
            _log.info("db.transaction_retried", attempt=attempt)
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, work: Callable[[], Awaitable[T]]) -> T:
        done = False
        try:
            async with self._turn(), self._client._in_transaction():
                result = await work()
                done = True
            return result
        except StorageDown as error:
            if error.dropped and not done:
                raise _Dropped(str(error)) from error
            raise
        except IntegrityError:
            raise
        except OperationalError as error:
            raise self.fault_of(error) from error

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TURN_WAIT_S):
                await self._turns.acquire()
        except TimeoutError:
            raise StorageDown("too many transactions were waiting") from None
        try:
            yield
        finally:
            self._turns.release()

    def fault_of(self, error: OperationalError) -> Exception:
        """What a driver's error means for the caller; the error itself when it is a plain one."""
        return sqlite.fault_of(error) if self.dialect == "sqlite" else error


class _Dropped(Exception):
    """The connection broke before the commit: nothing has happened yet."""


def _is_unique(error: IntegrityError) -> bool:
    text = f"{type(error.__cause__).__name__} {error}"
    return "UniqueViolation" in text or "UNIQUE constraint" in text


def known_migrations() -> set[str]:
    """Names of the migrations shipped with this program."""
    folder = Path(__file__).parent / "migrations"
    return {path.stem for path in folder.glob("[0-9]*.py")}


def config_for(url: str) -> dict[str, Any]:
    """Tortoise's configuration for a database URL."""
    expanded = expand_db_url(url)
    params = expanded["credentials"]
    backend = sqlite if "file_path" in params else postgres
    if backend is sqlite:
        with suppress(OSError):
            Path(params["file_path"]).parent.mkdir(parents=True, exist_ok=True)
    connection = {"engine": backend.__name__, "credentials": backend.credentials(params)}
    return {
        "connections": {"default": connection},
        "apps": {
            APP: {
                "models": ["db.models"],
                "default_connection": "default",
                "migrations": MIGRATIONS,
            }
        },
    }
