"""PostgreSQL as Tortoise uses it, but no wait is unbounded and every outage is `StorageDown`.

Connections are made when first needed, so a program can start while the database is away.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

from db.errors import SchemaMissing, StorageDown, TransactionConflict

POOL_WAIT_S = 2.0
COMMAND_TIMEOUT_S = 10.0

_CONFLICTS = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_DROPPED = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.PostgresIOError,
)


_DRIVER_ERRORS = (
    OSError,
    ValueError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def fault_of(error: Exception) -> Exception | None:
    """What an asyncpg error means for the caller; None when it is not about availability."""
    if isinstance(error, ValueError):
        return OperationalError("a value cannot be sent to PostgreSQL")
    if isinstance(error, _CONFLICTS):
        return TransactionConflict(type(error).__name__)
    if isinstance(error, _DROPPED) and not isinstance(error, ConnectionRefusedError):
        return StorageDown(type(error).__name__, dropped=True)
    if isinstance(error, asyncpg.AdminShutdownError | asyncpg.CrashShutdownError):
        return StorageDown(type(error).__name__, dropped=True)
    if isinstance(error, _AWAY):
        return StorageDown(type(error).__name__)
    return None


class BoundedTransactionContext(TransactionContextPooled):
    """A pooled transaction whose BEGIN cannot leak its connection or wait for ever."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool
        try:
            self.client._connection = await pool.acquire(timeout=POOL_WAIT_S)
        except _DRIVER_ERRORS as error:
            raise fault_of(error) or error from error
        try:
            async with asyncio.timeout(POOL_WAIT_S):
                await self.client.begin()
        except BaseException as error:
            await self._give_up()
            if isinstance(error, TimeoutError):
                raise StorageDown("PostgreSQL did not begin in time") from None
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, exc_type: Any, exc: Any, traceback: Any) -> None:
        """Commit or roll back; a connection that does not even do that is thrown away."""
        get_connections().reset(self.token)
        try:
            if exc_type is None:
                await self.client.commit()
            else:
                await self.client.rollback()
        except _DRIVER_ERRORS as error:
            await self._give_up()
            if exc_type is None:
                raise fault_of(error) or error from error
        except BaseException:
            await self._give_up()
            raise
        else:
            await self.client._parent._pool.release(self.client._connection)

    async def _give_up(self) -> None:
        connection = self.client._connection
        with suppress(asyncpg.InterfaceError):  # it may be gone already
            connection.terminate()
        await self.client._parent._pool.release(connection)


class BoundedConnection(PoolConnectionWrapper[asyncpg.Connection]):
    """A connection borrowed from the pool for one statement."""

    async def __aenter__(self) -> asyncpg.Connection:
        await self.ensure_connection()
        self.connection = await self.client._pool.acquire(timeout=POOL_WAIT_S)
        return cast(asyncpg.Connection, self.connection)


class _Faults:
    """The translation both the client and its transactions use."""

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)  # type: ignore[misc]
        except _DRIVER_ERRORS as error:
            raise fault_of(error) or error from error
        except OperationalError as error:
            raise (SchemaMissing() if _no_schema(error) else error) from error.__cause__


def _no_schema(error: OperationalError) -> bool:
    return isinstance(error.__cause__, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError)


class BoundedTransaction(_Faults, TransactionWrapper):
    """The connection as seen from inside a transaction."""


class BoundedPostgresClient(_Faults, AsyncpgDBClient):
    """A pool that gives up after two seconds instead of queueing for ever."""

    async def create_pool(self, **kwargs: Any) -> asyncpg.Pool:
        return await asyncpg.create_pool(None, **kwargs, reset=_keep_session)

    def acquire_connection(self) -> PoolConnectionWrapper[asyncpg.Connection]:
        return BoundedConnection(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return BoundedTransactionContext(BoundedTransaction(self), self._pool_init_lock)


async def _keep_session(_connection: Any) -> None:
    """Skip asyncpg's reset round trip: nothing here changes a session (no SET, no LISTEN)."""


def credentials(params: dict[str, Any]) -> dict[str, Any]:
    """Connection parameters with bounded pool, connect, statement and lock times.

    `random_page_cost`: for disks without a head to move. `jit`: compiling costs more than the
    short questions asked here could win by it.
    """
    bounds = {
        "minsize": 0,
        "maxsize": 20,
        "timeout": POOL_WAIT_S,
        "command_timeout": COMMAND_TIMEOUT_S,
        "server_settings": {
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "30s",
            "application_name": "leadloop",
            "random_page_cost": "1.1",
            "jit": "off",
        },
    }
    return {**bounds, **params}


client_class = BoundedPostgresClient
