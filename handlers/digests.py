"""The day's summaries: what to do in the morning, how it went in the evening.

Writing them twice is harmless: each summary of a person and day has one key.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db.models import Staff
from domain.commands import WriteDigests
from handlers.policies import policy_for
from handlers.tx import Notice, Tx

WINDOW = timedelta(hours=2)
"""How long after its time a summary is still worth sending."""

READERS = {
    "morning": ("adviser", "dcc"),
    "evening": ("adviser", "dcc"),
    "manager": ("store_manager",),
}
"""Summary → roles that get it."""

SPREAD = timedelta(seconds=90)
"""Summaries of all staff go out over this time, not in one second."""


async def write_digests(command: WriteDigests, tx: Tx) -> int:
    """Write one kind of summary for everybody who has not been written to today."""
    day = tx.now.astimezone(ZoneInfo(tx.tz)).date().isoformat()
    people = Staff.filter(active=True, role__in=READERS[command.kind])
    if command.kind == "morning":
        people = people.filter(on_duty=True)
    staff = await people.order_by("userid")
    for number, person in enumerate(staff):
        tx.notify(
            Notice(
                f"{command.kind}_digest",
                f"{command.kind}_digest:{person.userid}:{day}",
                staff=person.userid,
                hold=SPREAD * number / len(staff),
            )
        )
    return len(staff)


async def digests_due(now: datetime, tz: str) -> list[str]:
    """The kinds whose time has come and is not long past."""
    times = (await policy_for(None)).digests
    local = now.astimezone(ZoneInfo(tz))
    due = []
    for kind, at in (("morning", times.morning), ("evening", times.evening)):
        start = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        if start <= local < start + WINDOW:
            due.append(kind)
    return [*due, *(["manager"] if "evening" in due else [])]
