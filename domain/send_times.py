"""When a campaign may speak: its own hours and days, outside of quiet hours and blackout days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.contact_limits import next_allowed
from domain.policy import Policy

EVERY_DAY = frozenset(range(1, 8))
MOST_STEPS = 1000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SendTimes:
    """Local clock times, the start within and the end outside; weekdays 1 (Monday) to 7."""

    from_: time = time(0, 0)
    until: time | None = None
    weekdays: frozenset[int] = EVERY_DAY
    not_on: frozenset[date] = frozenset()

    def next_open(self, local: datetime) -> datetime:
        """`local` itself, or a later moment nearer to the next one that is allowed."""
        if local.isoweekday() not in self.weekdays or local.date() in self.not_on:
            return self._morning(local.date() + _DAY, local)
        if local.time() < self.from_:
            return self._morning(local.date(), local)
        if self.until is not None and local.time() >= self.until:
            return self._morning(local.date() + _DAY, local)
        return local

    def _morning(self, day: date, local: datetime) -> datetime:
        return datetime.combine(day, self.from_, local.tzinfo)


def next_opening(at: datetime, times: SendTimes, policy: Policy, tz: str) -> datetime | None:
    """`at` itself, or the next moment when a touch may leave; aware UTC.

    None: there is none within years, so that somebody has to change the hours.
    """
    zone = ZoneInfo(tz)
    everywhere = SendTimes(not_on=policy.contact.blackout_days)
    moment = at.astimezone(UTC)
    for _ in range(MOST_STEPS):
        later = next_allowed(moment, policy, tz).astimezone(zone)
        later = times.next_open(everywhere.next_open(later)).astimezone(UTC)
        if later == moment:
            return moment
        moment = later
    return None
