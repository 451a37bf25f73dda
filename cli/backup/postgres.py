"""Dump a PostgreSQL database and restore it with its own tools, counted in the same snapshot."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from cli.trouble import CannotStart

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_NO_OWNER = ("--no-owner", "--no-privileges")
_TOLD = 400  # characters of what a tool said


async def dump(url: str, target: Path) -> tuple[dict[str, int], list[str]]:
    """Write the dump; returns its rows by table and the migrations it has seen."""
    async with _connected(url) as connection:
        transaction = connection.transaction(isolation="repeatable_read", readonly=True)
        async with transaction:
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            rows, seen = await _counted(connection), await _migrations(connection)
            await _run(
                "pg_dump", url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}"
            )
    return rows, seen


async def counted(url: str) -> dict[str, int]:
    """Rows by table."""
    async with _connected(url) as connection:
        return await _counted(connection)


async def replace(url: str, data: Path) -> None:
    """Put the dump in place of what is there; all of it or nothing."""
    how = ("--single-transaction", "--clean", "--if-exists", "--exit-on-error")
    await _run("pg_restore", url, *how, str(data))


async def _counted(connection: asyncpg.Connection) -> dict[str, int]:
    tables = [row["tablename"] for row in await connection.fetch(_TABLES)]
    return {
        name: await connection.fetchval(f'SELECT count(*) FROM "{name}"')  # noqa: S608
        for name in tables
    }


async def _migrations(connection: asyncpg.Connection) -> list[str]:
    if await connection.fetchval("SELECT to_regclass('tortoise_migrations')") is None:
        return []
    found = await connection.fetch("SELECT name FROM tortoise_migrations ORDER BY name")
    return [row["name"] for row in found]


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def _run(tool: str, url: str, *words: str) -> None:
    """Run PostgreSQL's tool. The address goes by the environment: other users see arguments."""
    found = shutil.which(tool)
    if found is None:
        raise CannotStart(f"{tool} is not here: install PostgreSQL's client programs")
    process = await asyncio.create_subprocess_exec(
        found,
        *_NO_OWNER,
        *words,
        f"--dbname={_environment(url)['PGDATABASE']}",
        env=_environment(url),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        told = said.decode(errors="replace").strip()[-_TOLD:]
        raise CannotStart(f"{tool} failed: {told}")


def _environment(url: str) -> dict[str, str]:
    """The address as libpq's variables."""
    address = urlsplit(url)
    given = {
        "PGHOST": address.hostname or "",
        "PGPORT": str(address.port or 5432),
        "PGUSER": unquote(address.username or ""),
        "PGPASSWORD": unquote(address.password or ""),
        "PGDATABASE": unquote(address.path.lstrip("/")),
    }
    return {**os.environ, **{name: value for name, value in given.items() if value}}
