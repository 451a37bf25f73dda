"""Who gets a lead: first the dealer, then the adviser, each choice with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType
from zoneinfo import ZoneInfo

from domain.business_hours import LOOK_AHEAD_DAYS, Calendar
from domain.policy import DispatchPolicy
from domain.reasons import Reason

_EARTH_RADIUS_KM = 6371.0
_BOTH_WEIGH = DispatchPolicy(quota_weight=1, quality_weight=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DealerFacts:
    """One dealer as dispatch sees it. `quota` is its share of leads; 0: none agreed, counts 1."""

    code: str
    city: str = ""
    region: str | None = None
    lat: float | None = None
    lng: float | None = None
    open: bool = True
    sells_all: bool = True
    models: frozenset[str] = frozenset()
    quota: float = 0
    quality: float = 1.0
    assigned_today: int = 0

    def sells(self, model: str | None) -> bool:
        return self.sells_all or model is None or model in self.models


@dataclass(frozen=True, slots=True)
class DealerWish:
    """What the customer said of where; all of it optional."""

    dealer_code: str | None = None
    city: str = ""
    model: str | None = None
    lat: float | None = None
    lng: float | None = None
    previous_dealer_code: str | None = None


@dataclass(frozen=True, slots=True)
class DealerChoice:
    """The dealer, or None: the lead waits at the brand. `reason` says why."""

    code: str | None
    reason: Reason


def choose_dealer(
    wish: DealerWish, dealers: Iterable[DealerFacts], weights: DispatchPolicy = _BOTH_WEIGH
) -> DealerChoice:
    """The dealer the customer chose, else the previous one, else nearest, else by fair share."""
    known = {dealer.code: dealer for dealer in dealers}
    chosen = known.get(wish.dealer_code or "")
    if chosen and chosen.open:
        return DealerChoice(chosen.code, Reason.of("chosen_by_customer"))
    able = [dealer for dealer in known.values() if dealer.open and dealer.sells(wish.model)]
    if not able and wish.city and not any(_same_city(d.city, wish.city) for d in known.values()):
        return DealerChoice(None, Reason.of("no_dealer_in_city", city=wish.city))
    if not able:
        return DealerChoice(None, Reason.of("no_dealer_sells_model", model=wish.model))
    # A chosen dealer that is closed still says where the customer wants to go.
    city = wish.city or (chosen.city if chosen else "")
    here = _position(wish) or (_position(chosen) if chosen else None)
    in_city = [dealer for dealer in able if _same_city(dealer.city, city)]
    previous = known.get(wish.previous_dealer_code or "")
    if previous in in_city or (previous in able and not city):
        return DealerChoice(wish.previous_dealer_code, Reason.of("previous_dealer"))
    if here and (found := _nearest(here, in_city or able)):
        return found
    if in_city:
        return _by_share(in_city, weights, "city_share")
    if city:
        return DealerChoice(None, Reason.of("no_dealer_in_city", city=city))
    if len(able) == 1:
        return DealerChoice(able[0].code, Reason.of("only_dealer"))
    return DealerChoice(None, Reason.of("city_unknown"))


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two (latitude, longitude) positions in degrees."""
    lat_a, lng_a, lat_b, lng_b = map(radians, (*a, *b))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lng_b - lng_a) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def _nearest(here: tuple[float, float], dealers: Sequence[DealerFacts]) -> DealerChoice | None:
    distances = [
        (distance_km(here, there), dealer.code)
        for dealer in dealers
        if (there := _position(dealer)) is not None
    ]
    if not distances:
        return None
    km, code = min(distances)
    return DealerChoice(code, Reason.of("nearest", km=round(km, 1)))


def _by_share(dealers: Sequence[DealerFacts], weights: DispatchPolicy, code: str) -> DealerChoice:
    """The dealer furthest below its share today (highest averages); equals in order of code."""

    def claim(dealer: DealerFacts) -> float:
        quota = max(dealer.quota, 0) or 1
        quality = max(dealer.quality, 0.0)
        weight = quota**weights.quota_weight * quality**weights.quality_weight
        return float(weight) / (dealer.assigned_today + 1)

    best = min(dealers, key=lambda dealer: (-claim(dealer), dealer.code))
    return DealerChoice(best.code, Reason.of(code, of=len(dealers)))


def _position(place: DealerFacts | DealerWish) -> tuple[float, float] | None:
    if place.lat is None or place.lng is None:
        return None
    return place.lat, place.lng


def _same_city(a: str, b: str) -> bool:
    """Whether two names mean one city; one may carry a suffix such as that for "city"."""
    shorter, longer = sorted((a.strip().casefold(), b.strip().casefold()), key=len)
    return longer == shorter != "" or (len(shorter) >= 2 and longer.startswith(shorter))


@dataclass(frozen=True, slots=True)
class AdviserFacts:
    """One member of a dealer's staff. `shifts`: the weekly timetable, or None for none.

    `leave` holds first and last local day of each absence. `capacity` None: no limit.
    """

    userid: str
    role: str = "adviser"
    on_duty: bool = True
    shifts: Calendar | None = None
    leave: tuple[tuple[date, date], ...] = ()
    active: bool = True
    capacity: int | None = None
    open_leads: int = 0
    last_assigned_at: datetime | None = None

    @property
    def is_full(self) -> bool:
        return self.capacity is not None and self.open_leads >= self.capacity


@dataclass(frozen=True, slots=True)
class AdviserChoice:
    """The adviser, or None: the lead waits in the dealer's queue. `reason` says why.

    Its params hold `skipped`: userid → code, for everybody who might have had the lead.
    """

    userid: str | None
    reason: Reason


def is_on_duty(adviser: AdviserFacts, at: datetime, tz: str) -> bool:
    """Flagged on duty, still employed, not on leave and, with a timetable, inside a shift."""
    return _absence(adviser, at, tz) is None


def choose_adviser(
    advisers: Iterable[AdviserFacts],
    at: datetime,
    tz: str,
    previous: str | None = None,
    excluded: frozenset[str] = frozenset(),
    avoided: Mapping[str, str] = MappingProxyType({}),
) -> AdviserChoice:
    """The previous adviser when free, else the least loaded on duty, in turn among equals.

    A DCC takes leads only at a dealer without a single adviser; managers never do. Who is
    `avoided` (userid → why) gets the lead only where nobody else will have room or come to work.
    """
    takers = _takers(advisers)
    kept_from = dict.fromkeys(excluded, "had_it_before")
    if any(_will_take(adviser, at, tz) for adviser in takers if adviser.userid not in avoided):
        kept_from |= avoided
    skipped = {
        adviser.userid: why
        for adviser in takers
        if (why := _why_not(adviser, at, tz, kept_from)) is not None
    }
    free = [adviser for adviser in takers if adviser.userid not in skipped]
    if not free:
        return AdviserChoice(None, Reason.of("nobody_on_duty", skipped=skipped))
    if any(adviser.userid == previous for adviser in free):
        return AdviserChoice(previous, Reason.of("previous_adviser", skipped=skipped))
    best = min(free, key=_turn)
    equals = sum(adviser.open_leads == best.open_leads for adviser in free)
    code = "least_loaded" if equals == 1 else "round_robin"
    reason = Reason.of(code, open_leads=best.open_leads, of=len(free), skipped=skipped)
    return AdviserChoice(best.userid, reason)


def is_present(adviser: AdviserFacts, at: datetime, tz: str) -> bool:
    """Whether somebody is at work then: flag, leave and timetable say so."""
    return _absence(adviser, at, tz) is None


def next_shift_start(advisers: Iterable[AdviserFacts], at: datetime, tz: str) -> datetime | None:
    """When, after `at`, somebody next comes on duty by timetable or back from leave.

    None when only a change of a duty flag can bring anybody.
    """
    zone = ZoneInfo(tz)
    starts = (_next_start(adviser, at, zone) for adviser in _takers(advisers) if adviser.on_duty)
    return min((start for start in starts if start), default=None)


def why_not_now(adviser: AdviserFacts, at: datetime, tz: str) -> str | None:
    """Why this one gets no lead now (left, off_duty, on_leave, outside_shift, full), or None."""
    return _why_not(adviser, at, tz, {})


def timetable(shifts: object, tz: str) -> Calendar | None:
    """Weekly shifts written as opening hours are; nothing written means no timetable.

    Raises `InvalidHours`. Shifts know no holidays: who works on one is set by leave and flag.
    """
    return Calendar.from_hours(shifts, tz, keeps_holidays=False) if shifts else None


def _takers(advisers: Iterable[AdviserFacts]) -> list[AdviserFacts]:
    active = [adviser for adviser in advisers if adviser.active]
    sales = [adviser for adviser in active if adviser.role == "adviser"]
    return sales or [adviser for adviser in active if adviser.role == "dcc"]


def _why_not(
    adviser: AdviserFacts, at: datetime, tz: str, kept_from: Mapping[str, str]
) -> str | None:
    if adviser.userid in kept_from:
        return kept_from[adviser.userid]
    return _absence(adviser, at, tz) or ("full" if adviser.is_full else None)


def _absence(adviser: AdviserFacts, at: datetime, tz: str) -> str | None:
    if not adviser.active:
        return "left"
    if not adviser.on_duty:
        return "off_duty"
    if _is_on_leave(adviser, at.astimezone(ZoneInfo(tz)).date()):
        return "on_leave"
    if adviser.shifts and not adviser.shifts.is_open(at):
        return "outside_shift"
    return None


def _will_take(adviser: AdviserFacts, at: datetime, tz: str) -> bool:
    """Whether this one takes leads now, or as soon as their shift begins."""
    return _why_not(adviser, at, tz, {}) in (None, "outside_shift") and not adviser.is_full


def _is_on_leave(adviser: AdviserFacts, day: date) -> bool:
    return any(first <= day <= last for first, last in adviser.leave)


def _next_start(adviser: AdviserFacts, at: datetime, zone: ZoneInfo) -> datetime | None:
    shifts = adviser.shifts if adviser.shifts and not adviser.shifts.is_always else None
    if shifts is None and not adviser.leave:
        return None
    today = at.astimezone(zone).date()
    for offset in range(LOOK_AHEAD_DAYS):
        day = today + timedelta(days=offset)
        if _is_on_leave(adviser, day):
            continue
        if shifts:
            starts = [opens for opens, _ in shifts.spans_on(day)]
        else:
            came_back = _is_on_leave(adviser, day - timedelta(days=1))
            starts = [datetime.combine(day, time(), zone).astimezone(UTC)] if came_back else []
        if later := [start for start in starts if start > at]:
            return min(later)
    return None


def _turn(adviser: AdviserFacts) -> tuple[int, datetime, str]:
    return adviser.open_leads, adviser.last_assigned_at or _LONG_AGO, adviser.userid
