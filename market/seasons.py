"""When interest arises: by month, weekday, holiday and hour."""

from bisect import bisect
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from market.chance import Chance
from market.numbers import Demand

ZONE = ZoneInfo("Asia/Shanghai")


def arrivals(
    count: int, days: int, demand: Demand, chance: Chance, is_holiday: Callable[[date], bool]
) -> list[datetime]:
    """`count` moments within `days` days, in order; the same ones for one seed."""
    calendar = [demand.start + timedelta(days=n) for n in range(days)]
    weights = {day: _weight(day, demand, is_holiday(day)) for day in calendar}
    return sorted(_moments(count, weights, demand, chance))


def _weight(day: date, demand: Demand, holiday: bool) -> float:
    base = demand.months[day.month - 1] * demand.weekdays[day.weekday()]
    return base * (demand.holiday if holiday else 1)


def _moments(
    count: int, weights: dict[date, float], demand: Demand, chance: Chance
) -> Iterator[datetime]:
    hours = dict(enumerate(demand.hours))
    days = list(weights)
    steps = _summed([weights[day] for day in days])
    for number in range(count):
        day = days[_place(steps, chance.share("day", number))]
        hour = chance.weighed(hours, "hour", number)
        seconds = int(chance.share("second", number) * 3600)
        local = datetime.combine(day, time(hour), ZONE) + timedelta(seconds=seconds)
        yield local.astimezone(UTC)


def _summed(weights: list[float]) -> list[float]:
    total, steps = 0.0, []
    for weight in weights:
        total += weight
        steps.append(total)
    return steps


def _place(steps: list[float], share: float) -> int:
    return min(bisect(steps, share * steps[-1]), len(steps) - 1)
