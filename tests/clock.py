"""A clock that only moves when told to."""

from datetime import UTC, datetime, timedelta

A_TUESDAY_MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


class FakeClock:
    """Call it for the time (aware, UTC). Starts on a working day at 10:00 in Shanghai."""

    def __init__(self, now: datetime = A_TUESDAY_MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def ms(self) -> int:
        """Epoch milliseconds."""
        return round(self.now.timestamp() * 1000)

    def advance(
        self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> None:
        self.now += timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)
