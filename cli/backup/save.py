"""`backup FILE`: everything Leadloop remembers, as it is at one moment, while work goes on."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import bootstrap
from cli.backup import postgres, sqlite
from cli.backup.archive import DATA, Manifest, digest, pack
from cli.storage import database_needed
from cli.trouble import CannotStart
from settings import Settings


async def save(settings: Settings, target: Path) -> Manifest:
    """Write the backup, checked; returns what is in it. Raises CannotStart."""
    _must_be_new(target)
    with database_needed(settings), tempfile.TemporaryDirectory(dir=target.parent) as folder:
        data = Path(folder) / DATA
        rows, migrations = await _dump(settings, data)
        manifest = Manifest(
            kind="sqlite" if settings.uses_sqlite else "postgres",
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            migrations=migrations,
            rows=rows,
            key_mark=bootstrap.vault_of(settings).key_mark,
            sha256=digest(data),
        )
        pack(manifest, data, target)
    return manifest


def _must_be_new(target: Path) -> None:
    if target.exists():
        raise CannotStart(f"{target} exists already: a backup is never written over another")


async def _dump(settings: Settings, data: Path) -> tuple[dict[str, int], list[str]]:
    if not settings.uses_sqlite:
        return await postgres.dump(settings.database_url, data)
    source = settings.sqlite_file
    if source is None or not source.is_file():
        raise CannotStart("there is no database file to back up")
    sqlite.copy(source, data)
    return sqlite.counted(data), sqlite.migrations(data)
