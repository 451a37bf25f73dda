"""What is over is not kept, what counts still is."""

from datetime import timedelta

from db.engine import Database
from db.models import SignInCount, StaffSession
from db.purging import purge
from db.queries import sessions, sign_in_counts
from db.queries.audit import NOWHERE
from tests.clock import FakeClock


async def test_sessions_and_tries_that_are_over_go(database: Database, clock: FakeClock) -> None:
    now = clock()
    for name, hours in (("over", 0), ("runs", 1)):
        until = now + timedelta(hours=hours)
        await sessions.start(name, "wangfang", "qr", (now, until), NOWHERE, limited=False)
        await sign_in_counts.count(name, 0, int(until.timestamp() * 1000))

    await purge(now)

    assert [row.key_hash for row in await StaffSession.all()] == ["runs"]
    assert [row.key for row in await SignInCount.all()] == ["runs"]
