"""Copy a SQLite database while it is used, and put a copy in its place."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cli.trouble import CannotStart

MIGRATIONS = "tortoise_migrations"


def copy(source: Path, target: Path) -> None:
    """The database as it is at one moment; writers go on meanwhile."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as made:
        live.backup(made)


def counted(path: Path) -> dict[str, int]:
    """Rows by table. Raises CannotStart for a file that is not whole."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.DatabaseError:
            verdict, broken = "not a database", None
        if verdict != "ok" or broken:
            raise CannotStart(f"{path.name} is damaged: {verdict if verdict != 'ok' else broken}")
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for name in _tables(connection)
        }


def migrations(path: Path) -> list[str]:
    """The migrations the database has seen, by name."""
    with closing(sqlite3.connect(path)) as connection:
        if MIGRATIONS not in _tables(connection):
            return []
        found = connection.execute(f"SELECT name FROM {MIGRATIONS} ORDER BY name")  # noqa: S608
        return [name for (name,) in found]


def place(copied: Path, target: Path) -> None:
    """Make the copy the database. The log of the one before must not be played into it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    copy(copied, moved := target.with_name(f"{target.name}.restored"))
    moved.replace(target)


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " ORDER BY name"
    )
    return [name for (name,) in found]
