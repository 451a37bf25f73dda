"""Messages of one sender are handled one after the other, however many wait behind the first."""

import random

import pytest

from db import queue_rows
from db.models import InboxMessage
from db.models.queues import RowState
from tests.clock import FakeClock
from tests.jobs import a_message

pytestmark = pytest.mark.usefixtures("database")

ROUNDS = 40


async def claimed(clock: FakeClock, limit: int) -> list[int]:
    refs = await queue_rows.claim_due("inbox", clock.ms(), limit, 30_000)
    return [ref.id for ref in refs]


async def test_a_long_line_of_one_sender_keeps_nobody_else_waiting(clock: FakeClock) -> None:
    line = [await a_message(clock, "flood") for _ in range(7)]
    clock.advance(1)
    others = [await a_message(clock, name) for name in ("early", "late")]
    assert await claimed(clock, 3) == [line[0].id, others[0].id, others[1].id]
    assert await claimed(clock, 3) == []


async def test_the_oldest_come_first_when_there_is_room_for_some(clock: FakeClock) -> None:
    ids = []
    for name in ("z", "m", "a"):
        ids.append((await a_message(clock, name)).id)
        clock.advance(1)
    assert await claimed(clock, 2) == ids[:2]


async def test_whoever_may_be_next_is_found_in_any_arrangement(clock: FakeClock) -> None:
    """Compared with the rule said plainly: the sender's first open one, ready and due."""
    chance = random.Random(11)  # noqa: S311
    for _ in range(ROUNDS):
        rows = await _arrange(clock, chance)
        limit = chance.randint(1, 6)
        may = _may_be_next(rows, clock.ms())
        got = await claimed(clock, limit)
        assert set(got) <= may, (rows, limit)
        assert len(got) == min(limit, len(may)), (rows, limit)
        await InboxMessage.all().delete()


async def _arrange(clock: FakeClock, chance: random.Random) -> list[InboxMessage]:
    rows = []
    for _ in range(chance.randint(1, 25)):
        row = await a_message(clock, chance.choice("abcdefg"))
        row.state = chance.choices([RowState.READY, RowState.LEASED, RowState.DONE], [6, 1, 1])[0]
        row.due_at_ms += chance.choice([0, 0, -1000, -500, 60_000])
        row.lease_until_ms = clock.ms() + 60_000
        await row.save()
        rows.append(row)
    return rows


def _may_be_next(rows: list[InboxMessage], now_ms: int) -> set[int]:
    first: dict[str, InboxMessage] = {}
    for row in rows:
        if row.state in {RowState.READY, RowState.LEASED}:
            first.setdefault(row.sender, row)
    return {
        row.id for row in first.values() if row.state == RowState.READY and row.due_at_ms <= now_ms
    }
