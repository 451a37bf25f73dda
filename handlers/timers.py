"""Timers of a lead: set, move and cancel them inside the transaction of the facts.

One running timer of a kind per assignment: the unique `open_key` sees to it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from db.models import Assignment, Timer
from db.models.queues import RowState
from handlers.tx import Tx, to_ms

QUEUE = "timers"
FIRST_RESPONSE = ("remind", "escalate", "manager")
"""Clocks that stop with the first contact."""


async def start(tx: Tx, assignment: Assignment, due: Mapping[str, datetime]) -> None:
    """Start fresh timers of an assignment that has none yet."""
    await Timer.bulk_create([_timer(tx, assignment, kind, at) for kind, at in due.items()])


async def move(tx: Tx, assignment: Assignment, kind: str, due_at: datetime) -> None:
    """Set the one running timer of this kind to another time, or start it."""
    running = Timer.filter(open_key=_open_key(kind, assignment.id), state=RowState.READY)
    if not await running.update(due_at_ms=to_ms(due_at)):
        await Timer.filter(open_key=_open_key(kind, assignment.id)).update(open_key=None)
        await _timer(tx, assignment, kind, due_at).save()


async def cancel(tx: Tx, assignment: Assignment, kinds: Iterable[str] | None = None) -> None:
    """Stop timers of an assignment: the named kinds, or all of them."""
    running = Timer.filter(assignment_id=assignment.id, open_key__isnull=False)
    if kinds is not None:
        running = running.filter(kind__in=list(kinds))
    await running.update(state=RowState.DONE, done_at_ms=to_ms(tx.now), open_key=None)


async def fire(timer: Timer) -> None:
    """Free the timer's place, for the next of its kind while this one is handled."""
    await Timer.filter(id=timer.id).update(open_key=None)


def _open_key(kind: str, assignment_id: int) -> str:
    return f"{kind}:{assignment_id}"


def _timer(tx: Tx, assignment: Assignment, kind: str, due_at: datetime) -> Timer:
    return Timer(
        queue=QUEUE,
        kind=kind,
        due_at_ms=to_ms(due_at),
        created_at_ms=to_ms(tx.now),
        lead_id=assignment.lead_id,
        assignment_id=assignment.id,
        open_key=_open_key(kind, assignment.id),
    )
