"""Transactions neither leak, freeze, nor half happen, whatever interrupts them."""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError

from db import engine, sql
from db.engine import Database
from db.errors import StorageDown
from db.models import Customer, Region
from tests import models_once
from tests.postgres import Postgres


async def _add_region(code: str) -> None:
    await Region.create(code=code, name=code)


async def test_what_a_transaction_wrote_is_there_and_what_it_returns_comes_back(
    database: Database,
) -> None:
    async def work() -> str:
        await _add_region("north")
        return "done"

    assert await database.run_tx(work) == "done"
    assert await Region.exists(code="north")


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    async def work() -> None:
        await _add_region("north")
        raise LookupError

    with pytest.raises(LookupError):
        await database.run_tx(work)
    assert not await Region.exists(code="north")


async def test_a_transaction_goes_on_when_its_caller_is_cancelled(database: Database) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go.wait()
        await _add_region("north")

    caller = asyncio.create_task(database.run_tx(work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go.set()
    await database.run_tx(lambda: sql.rows("SELECT 1"))  # SQLite: after the first one
    await asyncio.sleep(0.05)
    assert await Region.exists(code="north")


@pytest.mark.parametrize("steps", range(0, 12, 3))
async def test_a_storm_of_cancelled_callers_leaks_no_lock_and_no_connection(
    database: Database, steps: int
) -> None:
    async def cancelled_at(step: int, number: int) -> None:
        async def work() -> None:
            await _add_region(f"r{step}-{number}")

        caller = asyncio.create_task(database.run_tx(work))
        for _ in range(step):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)

    await asyncio.gather(*(cancelled_at(steps + n % 3, n) for n in range(100)))
    async with asyncio.timeout(5):
        await asyncio.gather(*(database.run_tx(lambda: Region.all().count()) for _ in range(30)))


async def test_a_cancelled_orm_transaction_outside_run_tx_does_not_freeze_the_rest(
    database: Database,
) -> None:
    for step in range(12):
        task = asyncio.create_task(Region.get_or_create(code=f"r{step}", defaults={"name": "r"}))
        for _ in range(step):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        await database.run_tx(lambda: _add_region("after"))


async def test_a_unique_key_in_the_way_runs_the_whole_again(database: Database) -> None:
    attempts = []

    async def work() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            await _add_region("north")
            await _add_region("north")
        await _add_region("north")

    await database.run_tx(work)
    assert len(attempts) == 2
    assert await Region.filter(code="north").count() == 1


async def test_a_unique_key_in_the_way_for_ever_is_reported_after_three_runs(
    database: Database,
) -> None:
    await _add_region("north")
    attempts = []

    async def work() -> None:
        attempts.append(1)
        await _add_region("north")

    with pytest.raises(IntegrityError):
        await database.run_tx(work)
    assert len(attempts) == 3


async def test_a_transaction_in_a_transaction_is_refused(database: Database) -> None:
    async def work() -> None:
        await database.run_tx(lambda: _add_region("north"))

    with pytest.raises(RuntimeError, match="inside"):
        await database.run_tx(work)


async def test_closing_waits_for_running_transactions(database_url: str) -> None:
    database = await Database.open(database_url)
    begun, go = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go.wait()
        await _add_region("north")

    caller = asyncio.create_task(database.run_tx(work))
    await begun.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    go.set()
    await caller
    await closing
    async with await Database.open(database_url):
        assert await Region.exists(code="north")


async def test_a_deadlock_is_won_by_both_in_the_end(postgres_database: Database) -> None:
    await _add_region("a")
    await _add_region("b")
    meeting = asyncio.Barrier(2)
    first_run = {"a": True, "b": True}

    async def update(first: str, second: str) -> None:
        await Region.filter(code=first).update(name="changed")
        if first_run[first]:
            first_run[first] = False
            await meeting.wait()
        await Region.filter(code=second).update(name="changed")

    async with asyncio.timeout(10):
        await asyncio.gather(
            postgres_database.run_tx(lambda: update("a", "b")),
            postgres_database.run_tx(lambda: update("b", "a")),
        )


async def test_a_connection_dropped_before_the_commit_is_replaced_once(
    postgres_database: Database, postgres_url: str
) -> None:
    runs = []

    async def work() -> None:
        runs.append(1)
        await _add_region("north")
        if len(runs) == 1:
            [row] = await sql.rows("SELECT pg_backend_pid() AS pid")
            other = await asyncpg.connect(postgres_url)
            await other.execute("SELECT pg_terminate_backend($1)", row["pid"])
            await other.close()
            await sql.rows("SELECT 1")

    await postgres_database.run_tx(work)
    assert len(runs) == 2
    assert await Region.filter(code="north").count() == 1


async def test_a_killed_database_is_reported_at_once_and_used_when_it_is_back(
    postgres_database: Database, postgres: Postgres
) -> None:
    await postgres_database.ping()
    postgres.halt()
    try:
        async with asyncio.timeout(2.5):
            with pytest.raises(StorageDown):
                await postgres_database.run_tx(lambda: sql.rows("SELECT 1"))
    finally:
        postgres.launch()
    assert await postgres_database.run_tx(lambda: sql.rows("SELECT 1 AS one")) == [{"one": 1}]


async def test_a_frozen_database_is_reported_soon_and_used_when_it_is_back(
    postgres_database: Database, postgres: Postgres
) -> None:
    await postgres_database.ping()
    postgres.freeze()
    try:
        async with asyncio.timeout(5):
            with pytest.raises(StorageDown):
                await postgres_database.run_tx(lambda: sql.rows("SELECT 1"))
    finally:
        postgres.thaw()
    await postgres_database.ping()


async def test_a_database_that_freezes_in_mid_transaction_is_given_up(
    postgres_url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.backends.asyncpg.COMMAND_TIMEOUT_S", 0.5)
    async with await Database.open(postgres_url) as database:

        async def work() -> None:
            await _add_region("north")
            postgres.freeze()
            await _add_region("south")

        try:
            async with asyncio.timeout(8):
                with pytest.raises(StorageDown):
                    await database.run_tx(work)
                with pytest.raises(StorageDown):
                    await database.ping()
        finally:
            postgres.thaw()
        await database.ping()
        assert await Region.all().count() == 0


async def test_a_program_starts_while_its_database_is_away() -> None:
    async with await Database.open("postgres://leadloop@127.0.0.1:1/nowhere") as database:
        with pytest.raises(StorageDown):
            await database.ping()


async def test_a_burst_waits_its_turn_and_a_single_statement_passes_it(
    database: Database,
) -> None:
    go = asyncio.Event()

    async def work() -> None:
        await sql.rows("SELECT 1")
        if database.dialect == "postgres":
            await go.wait()

    burst = [asyncio.create_task(database.run_tx(work)) for _ in range(40)]
    await asyncio.sleep(0)
    async with asyncio.timeout(1.5):
        await sql.rows("SELECT 1")
    go.set()

    await asyncio.gather(*burst)


async def test_a_turn_that_never_comes_is_reported(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "TURN_WAIT_S", 0.05)
    go = asyncio.Event()
    holders = [
        asyncio.create_task(database.run_tx(go.wait))
        for _ in range(engine.TURNS[database.dialect])
    ]
    await asyncio.sleep(0.3)
    with pytest.raises(StorageDown):
        await database.run_tx(lambda: sql.rows("SELECT 1"))
    go.set()
    await asyncio.gather(*holders)


async def test_two_writers_on_one_sqlite_file_wait_for_each_other(sqlite_url: str) -> None:
    script = (
        "import asyncio, sys\n"
        "from db.engine import Database\n"
        "from db.models import Customer, Region\n"
        "async def main():\n"
        "    database = await Database.open(sys.argv[1])\n"
        "    async def work():\n"
        "        known = await Region.all().count()\n"
        "        await Region.create(code=f'{sys.argv[2]}-{known}', name='r')\n"
        "    for _ in range(30):\n"
        "        await database.run_tx(work)\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    await asyncio.gather(*(_run_python(script, sqlite_url, name) for name in ("a", "b")))
    async with await Database.open(sqlite_url):
        assert await Region.all().count() == 60


async def _run_python(script: str, *arguments: str) -> None:
    import sys

    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, *arguments)
    assert await process.wait() == 0


async def test_times_of_any_zone_compare_as_instants(database: Database) -> None:
    """SQLite keeps times as text: 08:00 in Shanghai is before 01:00 UTC and must be found so."""
    shanghai = datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    await Customer.create(created_at=shanghai, updated_at=shanghai)
    one_utc = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert await Customer.filter(created_at__lt=one_utc).count() == 1
    assert await Customer.filter(created_at__gte=one_utc.astimezone(shanghai.tzinfo)).count() == 0


async def test_what_was_worked_out_for_one_database_never_reaches_another(
    sqlite_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    models_once.forget(monkeypatch)
    for url in (sqlite_url, postgres_url, sqlite_url):
        async with await Database.open(url):
            await Region.create(code=f"R{url[:6]}{await Region.all().count()}", name="东北")
            assert await Region.filter(name__contains="东").exists()
