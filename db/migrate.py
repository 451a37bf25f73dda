"""Bring a database to the schema this program knows.

python -m db.migrate URL            apply what is missing
python -m db.migrate --make NAME    write a migration for what changed in the models
python -m db.migrate --restart      forget all migrations and write the first one again
                                    (only before the first release)
"""

import argparse
import asyncio
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.migrations.writer import MigrationWriter, format_migration_name

from db import sql
from db.engine import APP, config_for

LOCK_KEY = 4_203_507
SQLITE_WAIT_MS = 30_000

_log = structlog.get_logger(__name__)


async def migrate(url: str) -> list[str]:
    """Apply the missing migrations, all or none, and return their names.

    Safe to run twice and from several machines at once: PostgreSQL's advisory lock or SQLite's
    write lock lets one in at a time, and the others then find nothing to do.
    """
    config = _patient(config_for(url))
    async with TortoiseContext() as context:
        await context.init(config)
        client = context.db()
        await _prepare(client)
        async with client._in_transaction() as transaction:
            if client.capabilities.dialect == "postgres":
                await sql.rows("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
            return await _apply(transaction, config["apps"])


def _patient(config: dict[str, Any]) -> dict[str, Any]:
    """The same configuration without bounds on one statement or one lock.

    An index over ten million rows takes minutes, and whoever migrates second waits that long.
    """
    credentials = config["connections"]["default"]["credentials"]
    if "server_settings" in credentials:
        credentials["command_timeout"] = None
        credentials["server_settings"]["lock_timeout"] = "0"
    return config


async def _prepare(client: BaseDBAsyncClient) -> None:
    if client.capabilities.dialect == "sqlite":
        await client.execute_query_dict(f"PRAGMA busy_timeout = {SQLITE_WAIT_MS}")


async def _apply(client: BaseDBAsyncClient, apps: dict[str, dict[str, object]]) -> list[str]:
    executor = _Executor(client, apps)
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=True))
    missing = [step.migration.name for step in await executor.plan()]
    await executor.migrate([MigrationTarget(app_label=APP, name="__latest__")])
    for name in missing:
        _log.info("db.migrated", migration=name)
    return missing


class _Executor(MigrationExecutor):
    """Tortoise builds every model anew before each operation; here only for one that looks."""

    async def _project_state(
        self, applied: set[MigrationKey], *, upto: MigrationKey | None = None
    ) -> State:
        state = await super()._project_state(applied, upto=upto)
        return _Now(state.models, state.apps)


class _Now(State):
    def clone(self) -> State:
        models = {key: model.clone() for key, model in self.models.items()}
        return _Before(models, self.apps)  # type: ignore[return-value]


class _Before:
    def __init__(self, models: dict[tuple[str, str], ModelState], later: StateApps) -> None:
        self.models = models
        self._later = later

    @cached_property
    def apps(self) -> StateApps:
        return self._later.clone(model_states=self.models)


async def changes_in_models() -> list[MigrationWriter]:
    """Migrations that the models ask for and nobody has written yet."""
    config = config_for("sqlite://:memory:")
    async with TortoiseContext() as context:
        await context.init(config, init_connections=False)
        if context.apps is None:
            raise RuntimeError("the models did not load")
        for model in context.apps[APP].values():
            model._meta.table_description = ""  # Tortoise's SQLite editor splits comments at ";"
        return await MigrationAutodetector(context.apps, config["apps"]).changes()


async def make(name: str) -> list[Path]:
    """Write the migrations the models ask for, named `NNNN_name`."""
    written = []
    for writer in await changes_in_models():
        number = int(writer.name.split("_", 1)[0])
        writer.name = format_migration_name(number, name)
        written.append(Path(writer.write()))
    return written


def forget() -> None:
    """Delete every migration."""
    for path in Path(__file__).parent.glob("migrations/[0-9]*.py"):
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m db.migrate")
    parser.add_argument("url", nargs="?", help="database to bring up to date")
    parser.add_argument("--make", metavar="NAME", help="write a migration")
    parser.add_argument("--restart", action="store_true", help="write the first migration again")
    wanted = parser.parse_args()
    if wanted.restart:
        forget()
        asyncio.run(make("initial"))
    elif wanted.make:
        asyncio.run(make(wanted.make))
    elif wanted.url:
        asyncio.run(migrate(wanted.url))
    else:
        parser.error("give a URL, --make NAME or --restart")


if __name__ == "__main__":
    main()
