"""What every test may ask for: a migrated database of each kind, a real Redis, a clock."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import settings

from db import remembered
from db.engine import Database
from db.migrate import migrate
from tests import models_once
from tests.clock import FakeClock
from tests.memory import write_to_memory
from tests.postgres import Fill, Postgres, Shared
from tests.redis_server import RedisServer

Lend = Callable[..., str]

settings.register_profile("shared machine", deadline=None)  # an example may wait for a core
settings.load_profile("shared machine")
remembered.COMPARED = 10
models_once.remember()
write_to_memory()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The cluster of this test run (of this xdist worker)."""
    server = Postgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _shared_postgres(postgres: Postgres) -> Iterator[Callable[[Fill | None], Shared]]:
    made: dict[Fill | None, Shared] = {}

    def shared(fill: Fill | None) -> Shared:
        if fill not in made:
            made[fill] = Shared(postgres, fill)
        return made[fill]

    yield shared
    for database in made.values():
        database.close()


@pytest.fixture
def lend(_shared_postgres: Callable[[Fill | None], Shared]) -> Iterator[Lend]:
    """Lends a migrated PostgreSQL database with what `fill` put into it, once for many tests."""
    lent: list[Shared] = []

    def lend(fill: Fill | None = None) -> str:
        lent.append(_shared_postgres(fill))
        return lent[-1].url

    yield lend
    for database in lent:
        database.restore()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(migrate(f"sqlite://{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test."""
    return f"sqlite://{shutil.copy(sqlite_template, tmp_path / 'leadloop.db')}"


@pytest.fixture
def postgres_url(lend: Lend) -> str:
    """A migrated PostgreSQL database with nothing in it."""
    return lend()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs twice, once on each kind of database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, migrated database; the test runs on both kinds."""
    async with await Database.open(database_url) as opened:
        yield opened


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """An open SQLite database, for tests that have nothing to learn from the other kind."""
    async with await Database.open(sqlite_url) as opened:
        yield opened


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[Database]:
    """An open PostgreSQL database."""
    async with await Database.open(postgres_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def _shared_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(_shared_redis: RedisServer) -> str:
    """An empty Redis."""
    with redis.Redis.from_url(_shared_redis.url) as client:
        client.flushall()
    return _shared_redis.url


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis of this test alone, to be killed or frozen."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()
