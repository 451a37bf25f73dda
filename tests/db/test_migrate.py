"""The schema a database gets is the one the models describe, once, whoever asks."""

import asyncio
import sys
from pathlib import Path

from db.engine import Database, known_migrations
from db.migrate import changes_in_models, migrate
from tests.postgres import Postgres


async def test_the_migrations_say_what_the_models_say() -> None:
    drift = await changes_in_models()
    assert drift == [], "run: python -m db.migrate --make NAME"


async def test_a_second_run_finds_nothing_to_do(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/new/folder/leadloop.db"
    assert set(await migrate(url)) == known_migrations()
    assert await migrate(url) == []


async def test_an_empty_database_is_known_to_lack_its_schema(tmp_path: Path) -> None:
    async with await Database.open(f"sqlite://{tmp_path}/empty.db") as database:
        assert not await database.schema_ok()


async def test_a_migrated_database_has_its_schema(database: Database) -> None:
    assert await database.schema_ok()


async def test_machines_migrating_at_once_do_it_once(postgres: Postgres, tmp_path: Path) -> None:
    for url in (postgres.url(await postgres.create()), f"sqlite://{tmp_path}/shared.db"):
        machines = [
            await asyncio.create_subprocess_exec(sys.executable, "-m", "db.migrate", url)
            for _ in range(2)
        ]
        assert [await machine.wait() for machine in machines] == [0, 0]
        async with await Database.open(url) as database:
            assert await database.schema_ok()
