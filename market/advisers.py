"""How advisers work: when they see something, whether they heed it, when they are at work."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from market.chance import Chance
from market.numbers import Habit, Numbers, StaffNumbers
from market.seasons import ZONE

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Worker:
    """One member of a store's staff."""

    userid: str
    role: str
    dealer: str
    habit: Habit
    rests_on: int | None
    """Their weekly day off, Monday is 0."""

    def shifts(self, hours: tuple[int, int]) -> dict[str, list[list[str]]]:
        """Their timetable as the product takes it."""
        span = [[f"{hours[0]:02}:00", f"{hours[1]:02}:00"]]
        days = [day for number, day in enumerate(WEEKDAYS) if number != self.rests_on]
        return {**dict.fromkeys(days, span), "holidays": "open"}  # type: ignore[dict-item]


def hire(userid: str, role: str, dealer: str, chance: Chance, numbers: Numbers) -> Worker:
    """The person of this name: always with the same habits."""
    habits = {habit: habit.share for habit in numbers.habits}
    habit = chance.weighed(habits, "habit", userid)
    rests = int(5 * chance.share("rests", userid)) if role == "adviser" else None
    return Worker(userid, role, dealer, habit, rests)


def at_work(worker: Worker, at: datetime, minutes: float, staff: StaffNumbers) -> datetime:
    """The moment when they have worked so many minutes more, counted from `at`."""
    left, now = timedelta(minutes=minutes), at
    while True:
        opens, closes = _shift(worker, now, staff)
        begins = max(opens, now)
        if left <= closes - begins:
            return begins + left
        left -= closes - begins
        now = closes


def _shift(worker: Worker, at: datetime, staff: StaffNumbers) -> tuple[datetime, datetime]:
    """The shift that runs at `at`, else the next one."""
    day = at.astimezone(ZONE).date()
    while True:
        closes = datetime.combine(day, time(staff.hours[1]), ZONE)
        if day.weekday() != worker.rests_on and closes > at:
            opens = datetime.combine(day, time(staff.hours[0]), ZONE)
            return opens.astimezone(UTC), closes.astimezone(UTC)
        day += timedelta(days=1)
