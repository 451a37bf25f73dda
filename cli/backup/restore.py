"""`restore FILE`: put a backup in place, count it, and bring its schema up to date."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import bootstrap
from cli.backup import postgres, sqlite
from cli.backup.archive import Manifest, unpack
from cli.lock import only_one
from cli.storage import database_needed
from cli.trouble import CannotStart
from db.engine import known_migrations
from db.migrate import migrate
from settings import Settings

BOOKKEEPING = frozenset({"tortoise_migrations"})


async def restore(settings: Settings, source: Path, *, replace: bool) -> Manifest:
    """Raises CannotStart, and then nothing was changed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        manifest, data = unpack(source, folder)
        _fits(settings, manifest, source)
        if settings.uses_sqlite:
            stack.enter_context(only_one(settings.data_dir))
        stack.enter_context(database_needed(settings))
        if not replace and (rows := sum((await _present(settings)).values())):
            raise CannotStart(f"the database holds {rows:,} rows: --replace puts the backup there")
        await _place(settings, data)
        if (found := await _counted(settings)) != manifest.rows:
            raise CannotStart(f"restored, but not alike: {_differences(found, manifest.rows)}")
        await migrate(settings.database_url)
    return manifest


def _fits(settings: Settings, manifest: Manifest, source: Path) -> None:
    kind = "sqlite" if settings.uses_sqlite else "postgres"
    if manifest.kind != kind:
        raise CannotStart(f"{source} is a backup of {manifest.kind}, the database is {kind}")
    if newer := sorted(set(manifest.migrations) - known_migrations()):
        raise CannotStart(f"{source} is of a newer Leadloop (it has {newer[-1]})")
    if manifest.key_mark not in bootstrap.vault_of(settings).key_marks:
        raise CannotStart(
            f"{source} was sealed with another LEADLOOP_SECRET_KEY: no phone in it could be read; "
            "set that key, or give it as LEADLOOP_SECRET_KEY_PREVIOUS"
        )


async def _present(settings: Settings) -> dict[str, int]:
    """Rows that a restore would put an end to."""
    if settings.sqlite_file and not settings.sqlite_file.is_file():
        return {}
    found = await _counted(settings)
    return {name: count for name, count in found.items() if name not in BOOKKEEPING}


async def _counted(settings: Settings) -> dict[str, int]:
    if settings.sqlite_file:
        return sqlite.counted(settings.sqlite_file)
    return await postgres.counted(settings.database_url)


async def _place(settings: Settings, data: Path) -> None:
    if settings.sqlite_file:
        sqlite.place(data, settings.sqlite_file)
    else:
        await postgres.replace(settings.database_url, data)


def _differences(found: dict[str, int], wanted: dict[str, int]) -> str:
    names = sorted(set(found) | set(wanted))
    return ", ".join(
        f"{name} {found.get(name)} instead of {wanted.get(name)}"
        for name in names
        if found.get(name) != wanted.get(name)
    )
