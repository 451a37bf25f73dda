"""The day's summaries: what to do in the morning, how it went in the evening.

Writing them twice is harmless: each summary of a person and day has one key.
"""

from datetime import date, datetime, timedelta
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
APART = timedelta(milliseconds=10)
"""And at most so fast: WeCom takes 10,000 messages a minute from one company."""


async def write_digests(command: WriteDigests, tx: Tx) -> int:
    """Write one kind of summary for everybody who has not been written to today."""
    people = Staff.filter(active=True, role__in=READERS[command.kind])
    if command.kind == "morning":
        people = people.filter(on_duty=True)
    day = tx.now.astimezone(ZoneInfo(tx.tz)).date()
    staff = [one for one in await people.order_by("userid") if not _is_away(one, day)]
    apart = max(SPREAD / len(staff), APART) if staff else APART
    for number, person in enumerate(staff):
        tx.notify(
            Notice(
                f"{command.kind}_digest",
                f"{command.kind}_digest:{person.userid}:{day.isoformat()}",
                staff=person.userid,
                hold=apart * number,
            )
        )
    return len(staff)


def _is_away(staff: Staff, day: date) -> bool:
    """On leave; ends are included."""
    return any(first <= day.isoformat() <= last for first, last in staff.leave)


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
