"""Notices that may have come already are counted as come, and not told again in other words."""

from __future__ import annotations

import pytest

from db import queue_rows
from db.engine import Database
from db.models import OutboxJob
from db.models.queues import RowState
from db.phone_vault import PhoneVault
from db.queries.sent import sent_beside
from db.queue_rows import RowRef
from domain.commands import MergeNotices
from handlers.bus import Bus, Surroundings
from tests.clock import FakeClock
from tests.jobs import a_job

MEMBER = "wangfang"


@pytest.fixture
async def bus(sqlite_database: Database, clock: FakeClock) -> Bus:
    vault = PhoneVault("s" * 32)
    return Bus(Surroundings(sqlite_database, vault, clock, "Asia/Shanghai"), lambda: None)


async def to_member(clock: FakeClock) -> OutboxJob:
    """One more notice that may be told in a digest."""
    job = await a_job(clock)
    await OutboxJob.filter(id=job.id).update(staff_id=MEMBER)
    return await OutboxJob.get(id=job.id)


async def running(clock: FakeClock) -> tuple[OutboxJob, RowRef]:
    """The same, while a worker has it."""
    job = await to_member(clock)
    [ref] = await queue_rows.claim_due("urgent", clock.ms(), 1, 30_000)
    begun = await queue_rows.begin(ref, clock.ms(), 30_000)
    assert begun
    assert begun.ref.id == job.id
    return job, begun.ref


async def tried(clock: FakeClock, error: str, *, last: bool = False) -> OutboxJob:
    """A notice whose run ended so."""
    job, ref = await running(clock)
    if last:
        assert await queue_rows.bury(ref, error, clock.ms())
    else:
        assert await queue_rows.put_back(ref, clock.ms() + 60_000, error, clock.ms())
    return job


PERHAPS = ["UnknownOutcome", "StorageDown", "Stopped", "TimeoutError"]
"""WeCom may have it: no answer was read, or none could be written down."""


@pytest.mark.parametrize("error", PERHAPS)
async def test_what_may_have_come_is_not_told_again_in_a_digest(
    bus: Bus, clock: FakeClock, error: str
) -> None:
    perhaps = await tried(clock, error)
    surely_not = await tried(clock, "Busy: -1")
    too_much, _ = await running(clock)
    assert await bus.execute(MergeNotices(MEMBER, too_much.id, 60.0)) == 2
    digest = await OutboxJob.get(name="digest")
    assert digest.data["count"] == 2
    await perhaps.refresh_from_db()
    await surely_not.refresh_from_db()
    assert (perhaps.state, surely_not.state) == (RowState.READY, RowState.DONE)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("error", PERHAPS)
async def test_what_may_have_come_counts_in_the_members_minute(
    bus: Bus, clock: FakeClock, error: str, last: bool
) -> None:
    """Also when it will not be tried any more."""
    await tried(clock, error, last=last)
    await tried(clock, "Busy: -1")
    assert await sent_beside(await to_member(clock), clock.ms() - 60_000) == [clock.ms()]
