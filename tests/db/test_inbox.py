"""A message is stored before it is answered, exactly once, and never at a neighbour's expense."""

import asyncio
from pathlib import Path

import pytest

from db import queue_rows
from db.engine import Database
from db.errors import RowRefused, StorageDown
from db.inbox import InboxWriter, NewInbound
from db.models import InboxMessage
from tests.clock import FakeClock
from tests.postgres import Postgres

LEASE_MS = 10_000


@pytest.fixture
def writer(database: Database, clock: FakeClock) -> InboxWriter:
    return InboxWriter(database, clock.ms, inline_grace_ms=4000)


def a_message(key: str = "1", sender: str = "someone") -> NewInbound:
    return NewInbound("oa", key, sender, b"encrypted")


async def test_a_message_is_stored_with_what_it_came_with(
    writer: InboxWriter, clock: FakeClock
) -> None:
    stored = await writer.add(a_message())
    assert stored.fresh
    row = await InboxMessage.get(id=stored.id)
    assert (row.app, row.message_key, row.sender, row.payload, row.queue) == (
        "oa",
        "1",
        "someone",
        b"encrypted",
        "inbox",
    )
    assert row.due_at_ms == clock.ms() + 4000


async def test_a_redelivery_finds_the_first_one(writer: InboxWriter) -> None:
    first = await writer.add(a_message())
    again = await writer.add(a_message())
    assert (again.id, again.fresh) == (first.id, False)


async def test_a_burst_with_redeliveries_stores_each_message_once(writer: InboxWriter) -> None:
    answers = await asyncio.gather(*(writer.add(a_message(str(n % 50))) for n in range(600)))
    assert await InboxMessage.all().count() == 50
    assert sum(answer.fresh for answer in answers) == 50
    assert len({answer.id for answer in answers}) == 50


async def test_messages_get_ids_in_the_order_they_came(writer: InboxWriter) -> None:
    answers = await asyncio.gather(*(writer.add(a_message(str(n))) for n in range(120)))
    ids = [answer.id for answer in answers]
    assert ids == sorted(ids)


@pytest.mark.parametrize("bad_sender", ["\ud800", "x" * 500, "nul\x00"])
async def test_a_bad_message_does_not_fail_its_neighbours(
    postgres_database: Database, clock: FakeClock, bad_sender: str
) -> None:
    writer = InboxWriter(postgres_database, clock.ms)
    messages = [a_message(str(n)) for n in range(20)]
    messages[7] = a_message("bad", sender=bad_sender)
    answers = await asyncio.gather(*map(writer.add, messages), return_exceptions=True)
    assert isinstance(answers.pop(7), RowRefused)
    assert all(answer.fresh for answer in answers)


async def test_a_message_sqlite_cannot_encode_does_not_fail_its_neighbours(
    sqlite_database: Database, clock: FakeClock
) -> None:
    writer = InboxWriter(sqlite_database, clock.ms)
    answers = await asyncio.gather(
        *map(writer.add, [a_message("1"), a_message("2", sender="\ud800"), a_message("3")]),
        return_exceptions=True,
    )
    assert [isinstance(answer, RowRefused) for answer in answers] == [False, True, False]


async def test_a_cancelled_caller_does_not_disturb_the_others(writer: InboxWriter) -> None:
    callers = [asyncio.create_task(writer.add(a_message(str(n)))) for n in range(100)]
    await asyncio.sleep(0)
    for caller in callers[::2]:
        caller.cancel()
    answers = await asyncio.gather(*callers[1::2])
    assert all(answer.fresh for answer in answers)


async def test_a_fresh_message_can_be_answered_at_once(
    writer: InboxWriter, clock: FakeClock
) -> None:
    stored = await writer.add(a_message())
    started = await writer.claim_inline(stored.id, LEASE_MS)
    assert started is not None
    assert await writer.claim_inline(stored.id, LEASE_MS) is None
    await queue_rows.finish(started.ref, clock.ms())


async def test_a_message_waits_for_an_earlier_one_of_its_sender(
    writer: InboxWriter, clock: FakeClock
) -> None:
    first, second = [await writer.add(a_message(key)) for key in ("1", "2")]
    assert await writer.claim_inline(second.id, LEASE_MS) is None
    started = await writer.claim_inline(first.id, LEASE_MS)
    assert started is not None
    assert await writer.claim_inline(second.id, LEASE_MS) is None
    await queue_rows.finish(started.ref, clock.ms())
    assert await writer.claim_inline(second.id, LEASE_MS) is not None


async def test_a_frozen_database_is_said_to_be_down_within_a_second_and_a_half(
    postgres_database: Database, postgres: Postgres, clock: FakeClock
) -> None:
    writer = InboxWriter(postgres_database, clock.ms)
    await postgres_database.ping()
    postgres.freeze()
    try:
        async with asyncio.timeout(2):
            answers = await asyncio.gather(
                *(writer.add(a_message(str(n))) for n in range(5)), return_exceptions=True
            )
    finally:
        postgres.thaw()
    assert [type(answer) for answer in answers] == [StorageDown] * 5


async def test_a_message_is_taken_again_as_soon_as_the_database_is_back(
    postgres_database: Database, postgres: Postgres, clock: FakeClock
) -> None:
    writer = InboxWriter(postgres_database, clock.ms)
    postgres.halt()
    try:
        with pytest.raises(StorageDown):
            await writer.add(a_message())
    finally:
        postgres.launch()
    assert (await writer.add(a_message())).fresh


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_before_the_first_migration_a_message_is_not_taken(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock
) -> None:
    """WeChat must send it again: to refuse the one message for good would lose it."""
    url = f"sqlite://{tmp_path / 'new.db'}"
    if kind == "postgres":
        cluster: Postgres = request.getfixturevalue("postgres")
        url = cluster.url(await cluster.create())
    async with await Database.open(url) as empty:
        with pytest.raises(StorageDown):
            await InboxWriter(empty, clock.ms).add(a_message())
