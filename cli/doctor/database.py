"""Does the database answer, is it new enough, is its schema this program's, is its clock right?"""

import time

import aiohttp
import asyncpg
from tortoise.exceptions import BaseORMException

from cli.doctor import clock
from cli.doctor.finding import Finding, error, fine, warning
from db import sql
from db.engine import Database
from db.errors import StorageDown
from settings import Settings

OLDEST_POSTGRES = 13
WHAT = "database"


async def look(settings: Settings, _http: aiohttp.ClientSession) -> list[Finding]:
    """Reach, version, schema and, where it is another machine's, the clock."""
    file = settings.sqlite_file
    if file and not file.exists():
        todo = "nothing to do before the first `run`; else check LEADLOOP_DATABASE_URL"
        return [warning(WHAT, f"{file} does not exist yet", todo)]
    try:
        database = await Database.open(settings.database_url)
    except (OSError, BaseORMException) as failure:
        return [_away(failure)]
    try:
        await database.ping()
        version = await (_sqlite() if settings.uses_sqlite else _postgres())
        return [*version, await _schema(database)]
    except (StorageDown, OSError, asyncpg.PostgresError, BaseORMException) as failure:
        return [_away(failure)]
    finally:
        await database.close()


def _away(failure: Exception) -> Finding:
    """The class of the error says enough; its text may hold names and addresses."""
    if isinstance(failure, asyncpg.InvalidPasswordError):
        return error(WHAT, "refuses the user or password", "correct LEADLOOP_DATABASE_URL")
    if isinstance(failure, asyncpg.InvalidCatalogNameError):
        return error(WHAT, "the server has no such database", "create it: createdb leadloop")
    todo = "is it running, and do LEADLOOP_DATABASE_URL and the firewall lead there?"
    return error(WHAT, f"does not answer ({type(failure).__name__})", todo)


async def _sqlite() -> list[Finding]:
    found = await sql.rows("SELECT sqlite_version() AS version")
    return [fine(WHAT, f"SQLite {found[0]['version']}")]


async def _postgres() -> list[Finding]:
    began = time.time()
    found = await sql.rows(
        "SELECT current_setting('server_version') AS version,"
        " current_setting('server_version_num')::int AS number,"
        " extract(epoch FROM clock_timestamp())::float8 AS now"
    )
    row = found[0]
    skew_s = (began + time.time()) / 2 - row["now"]
    version = fine(WHAT, f"PostgreSQL {row['version']}")
    if row["number"] < OLDEST_POSTGRES * 10_000:
        version = error(WHAT, version.says, f"move to PostgreSQL {OLDEST_POSTGRES} or newer")
    return [version, clock.judge("clock against the database", skew_s)]


async def _schema(database: Database) -> Finding:
    if await database.schema_ok():
        return fine("schema", "up to date")
    return error("schema", "older than this program", "python manage.py migrate")
