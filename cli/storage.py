"""What a command says when the database it needs cannot be used."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import asyncpg
from tortoise.exceptions import OperationalError

from cli.trouble import CannotStart
from db.errors import StorageDown
from settings import Settings

UNUSABLE = (
    StorageDown,
    OSError,
    sqlite3.OperationalError,
    OperationalError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


@contextmanager
def database_needed(settings: Settings) -> Iterator[None]:
    """Turn what a missing, locked or foreign database raises into CannotStart.

    Only the kind of error is told: its text may hold addresses and SQL.
    """
    try:
        if settings.uses_sqlite:
            _touch(settings)
        yield
    except UNUSABLE as fault:
        raise CannotStart(
            f"the database cannot be used ({type(fault).__name__}): "
            "`python manage.py check` says more; is `migrate` done?"
        ) from fault


def _touch(settings: Settings) -> None:
    """Fail here, plainly, where the driver's thread would fail after its event loop is gone."""
    if settings.sqlite_file:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(settings.sqlite_file)) as connection:
            connection.execute("PRAGMA user_version")
