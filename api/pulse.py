"""The state of everything, looked at once for all who watch.

Nobody watching costs nothing: a look is taken when somebody asks and the last one is too old.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from api.deps import ApiDeps
from api.errors import Refused
from api.health import database_state, redis_state
from api.processes import FRESH_S, Report, merged
from api.wechat_health import AppHealth
from db.errors import StorageDown
from db.queries import dead_letters, pulse
from db.queries.dead_letters import Trouble
from db.queries.pulse import DealerName, Late, QueuePulse

LOOK_EVERY_S = 2.0
MOST_OF_THE_TIME = 0.2
"""A look that takes long is taken more rarely: never more than this share of the time."""
LOOK_WITHIN_S = 8.0
SLOW_EVERY_S = 60.0
MINUTE_S = 60.0
REMEMBERED = 150
MOST_VIEWERS = 50
NEWEST = timedelta(minutes=5)

Counts = dict[str, dict[str, dict[int, int]]]
"""By measure, dealer ("" for none) and hour."""


@dataclass(frozen=True, slots=True)
class Point:
    """All queues together at one look."""

    at: datetime
    ready: int
    failed: int
    came: int
    left: int


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Callbacks of one app: of the last minute, and when the last came."""

    per_minute: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """One look; `number` grows with every look. `hour` is that of the day."""

    number: int
    at: datetime
    database: str = "down"
    redis: str = "none"
    reports: list[Report] = field(default_factory=list)
    hour: int = 0
    newest: Counts = field(default_factory=dict)
    today: Counts = field(default_factory=dict)
    last_week: Counts = field(default_factory=dict)
    last_week_so_far: Counts = field(default_factory=dict)
    queues: list[QueuePulse] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    names: dict[str, DealerName] = field(default_factory=dict)
    apps: list[AppHealth] = field(default_factory=list)
    callbacks: dict[str, Callbacks] = field(default_factory=dict)
    members_written_to: tuple[int, int] = (0, 0)
    troubles: list[Trouble] = field(default_factory=list)
    history: tuple[Point, ...] = ()

    @property
    def lag_ms(self) -> float:
        """How late the event loop of the slowest process is."""
        fresh = (r for r in self.reports if r.at > self.at.timestamp() - FRESH_S)
        return max((report.lag_ms for report in fresh if not report.ended), default=0.0)


class Watch:
    """Gives the newest look to everybody; takes a new one when it is due."""

    def __init__(self, deps: ApiDeps, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._deps = deps
        self._zone = ZoneInfo(deps.facts.get("timezone", "Asia/Shanghai"))
        self._monotonic = monotonic
        self._turn = asyncio.Lock()
        self._pulse: Pulse | None = None
        self._next_at = float("-inf")
        self._slow_at = float("-inf")
        self._floors: deque[tuple[float, dict[str, int]]] = deque()
        self._history: deque[Point] = deque(maxlen=REMEMBERED)
        self._viewers: Counter[str] = Counter()
        self._ended = asyncio.Event()

    @contextmanager
    def viewing(self, who: str) -> Iterator[asyncio.Event]:
        """A place to watch from; the event says that the process stops. A 503 when full."""
        if self._viewers.total() >= MOST_VIEWERS:
            raise Refused(503, "too_many_viewers", "ask for the wall once instead")
        self._viewers[who] += 1
        try:
            yield self._ended
        finally:
            self._viewers[who] -= 1

    def end(self) -> None:
        """The process stops: every stream ends."""
        self._ended.set()

    async def look(self) -> Pulse:
        """The newest look: at most two seconds old, as long as a look is quick."""
        async with self._turn:
            if self._pulse is None or self._monotonic() >= self._next_at:
                began = self._monotonic()
                self._pulse = await self._take(self._pulse)
                took = self._monotonic() - began
                self._next_at = began + max(LOOK_EVERY_S, took / MOST_OF_THE_TIME)
            return self._pulse

    async def _take(self, before: Pulse | None) -> Pulse:
        now = self._deps.clock()
        number = before.number + 1 if before else 1
        (database, _), redis = await asyncio.gather(
            database_state(self._deps), redis_state(self._deps.redis)
        )
        known = replace(before or Pulse(number, now), number=number, at=now)
        reports = await self._deps.processes.reports()
        apps = merged(reports, now.timestamp())
        known = replace(known, database=database, redis=redis, reports=reports, apps=apps)
        if database == "down":
            return known
        # Shielded: a database call that is cut off half-way may never give its connection back.
        reading = self._deps.database.spawn(self._read(known))
        with suppress(StorageDown, TimeoutError):
            async with asyncio.timeout(LOOK_WITHIN_S):
                return await asyncio.shield(reading)
        return replace(known, database="down")

    async def _read(self, known: Pulse) -> Pulse:
        now, now_ms = known.at, int(known.at.timestamp() * 1000)
        floors = await self._floors_now()
        queues = await pulse.queue_pulse(now_ms, floors)
        self._remember(now, queues)
        midnight = self._midnight(now)
        if self._monotonic() >= self._slow_at:
            known = await self._read_slowly(known, midnight)
            self._slow_at = self._monotonic() + SLOW_EVERY_S
        heard = await pulse.callbacks(now_ms, floors["inbox"])
        return replace(
            known,
            queues=queues,
            hour=int((now - midnight).total_seconds() // 3600),
            newest=await _counts(now - NEWEST, now),
            today=await _counts(midnight, now),
            late=await pulse.late_leads(now),
            troubles=await dead_letters.troubles(),
            callbacks=_callbacks(known.callbacks, heard),
            history=tuple(self._history),
        )

    async def _read_slowly(self, known: Pulse, midnight: datetime) -> Pulse:
        """What may be a minute old."""
        before = midnight - timedelta(days=7)
        return replace(
            known,
            last_week=await _counts(before, before + timedelta(days=1)),
            last_week_so_far=await _counts(before, known.at - timedelta(days=7)),
            names=await pulse.dealer_names(),
            members_written_to=await pulse.members_written_to(int(midnight.timestamp() * 1000)),
        )

    def _midnight(self, now: datetime) -> datetime:
        local = now.astimezone(self._zone)
        return datetime.combine(local.date(), clock_time(), self._zone)

    async def _floors_now(self) -> dict[str, int]:
        """Ids of a look at least a minute ago: what is younger than a minute lies above them."""
        newest, at = await pulse.highest_ids(), self._monotonic()
        self._floors.append((at, newest))
        while len(self._floors) > 1 and self._floors[1][0] <= at - MINUTE_S:
            self._floors.popleft()
        seen_at, floors = self._floors[0]
        if seen_at <= at - MINUTE_S:
            return floors
        return {table: max(0, top - pulse.FIRST_LOOK) for table, top in newest.items()}

    def _remember(self, now: datetime, queues: list[QueuePulse]) -> None:
        self._history.append(
            Point(
                at=now,
                ready=sum(q.ready for q in queues),
                failed=sum(q.failed for q in queues),
                came=sum(q.in_per_minute for q in queues),
                left=sum(q.out_per_minute for q in queues),
            )
        )


async def _counts(since: datetime, until: datetime) -> Counts:
    return {name: await pulse.by_hour(name, since, until) for name in pulse.MEASURES}


def _callbacks(
    known: dict[str, Callbacks], heard: dict[str, tuple[int, int]]
) -> dict[str, Callbacks]:
    quiet = {app: replace(seen, per_minute=0) for app, seen in known.items()}
    return quiet | {
        app: Callbacks(count, datetime.fromtimestamp(last_ms / 1000, UTC))
        for app, (count, last_ms) in heard.items()
    }
