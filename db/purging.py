"""What is not kept: rows that are done, events nobody will replay, sessions that are over."""

from datetime import datetime, timedelta

from db.queries import sessions, sign_in_counts
from db.queries.queues import purge_done
from db.queries.webhooks import purge_events
from domain.webhooks import KEEP_EVENTS

KEEP_DONE = timedelta(days=7)
ROWS = 5000
ROUNDS = 200


async def purge(now: datetime) -> None:
    """Delete it, a few thousand rows at a time."""
    await sessions.purge(now)
    await sign_in_counts.purge(_ms(now))
    before = _ms(now - KEEP_DONE)
    for _ in range(ROUNDS):
        if await purge_done(before, ROWS) < ROWS:
            break
    for _ in range(ROUNDS):
        if await purge_events(now - KEEP_EVENTS, ROWS) < ROWS:
            return


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
