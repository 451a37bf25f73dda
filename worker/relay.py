"""Find due rows and hand them to a worker: through Redis, or right here when Redis is away."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

import structlog

from db import queue_rows
from db.errors import StorageDown
from db.queue_rows import RowRef
from worker.lanes import LANE_OF, Lane
from worker.nursery import Nursery
from worker.redis_link import REDIS_AWAY
from worker.streams import Streams

POLL_S = 0.5
TRANSIT_LEASE_MS = 30_000
STREAM_ROOM = 200
DIRECT_AFTER_MS = 2_000
PROBE_EVERY_S = 1.0
REMEMBERED = 10_000

_log = structlog.get_logger(__name__)


class Relay:
    """One per process. `streams` None: there is no Redis. `lanes` empty: only emit, never run."""

    def __init__(
        self,
        clock_ms: Callable[[], int],
        nursery: Nursery,
        *,
        streams: Streams | None,
        lanes: Mapping[str, Lane],
        poll_s: float = POLL_S,
    ) -> None:
        self._clock_ms = clock_ms
        self._nursery = nursery
        self._streams = streams
        self._lanes = lanes
        self._poll_s = poll_s
        self._woken = asyncio.Event()
        self._looking = asyncio.Lock()
        self._stopping = False
        self._away_since_ms: int | None = None
        self._in_transit: deque[RowRef] = deque(maxlen=REMEMBERED)
        self.starved = False

    def wake(self) -> None:
        """Look at once: somebody in this process committed work, or finished some."""
        self._woken.set()

    async def run(self) -> None:
        """Look for due rows until `stop`."""
        while not self._stopping:
            self._woken.clear()
            try:
                async with self._looking:
                    pause = await self.tick()
            except StorageDown as error:
                _log.warning("relay.storage_down", reason=str(error))
                await asyncio.sleep(self._poll_s)
                continue
            if pause:
                await self._sleep(pause)

    async def stop(self) -> None:
        """Make `run` return, and wait for the look it is at."""
        self._stopping = True
        self.wake()
        async with self._looking:
            return

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    async def tick(self) -> float:
        """Move what is due. Returns the seconds until the next look, 0 when there is more."""
        now = self._clock_ms()
        due = await queue_rows.next_due()
        waiting = [queue for queue in LANE_OF if due.get(queue, now + 1) <= now]
        moved = 0
        self.starved = False
        if waiting or self._in_transit:
            direct, rooms = await self._rooms()
            moved = await self._serve(waiting, rooms, now, direct=direct)
        if moved:
            return 0
        coming = min((at for at in due.values() if at > now), default=now + 60_000)
        return min(self._poll_s, max(0.005, (coming - now) / 1000))

    async def _serve(
        self, waiting: list[str], rooms: Mapping[str, int], now: int, *, direct: bool
    ) -> int:
        """Give each waiting queue its share of its lane's room."""
        moved = 0
        for lane in dict.fromkeys(LANE_OF[queue] for queue in waiting):
            queues = [queue for queue in waiting if LANE_OF[queue] == lane]
            room = rooms.get(lane, 0)
            for left in range(len(queues), 0, -1):
                share = -(-room // left)
                if share:
                    refs = await queue_rows.claim_due(queues[-left], now, share, TRANSIT_LEASE_MS)
                    await self._hand_over(lane, refs, direct=direct)
                    moved += len(refs)
                    room -= len(refs)
            self.starved |= room <= 0
        return moved

    async def _rooms(self) -> tuple[bool, Mapping[str, int]]:
        """Whether rows run right here, and how many each lane may take now."""
        if self._streams is not None and self._away_since_ms is None:
            try:
                depths = await self._streams.depths()
            except REDIS_AWAY as error:
                self._redis_went(self._streams, error)
            else:
                if depths.forgot:
                    await self._take_back()
                self._forget_old()
                return False, {name: STREAM_ROOM - n for name, n in depths.by_lane.items()}
        if self._streams is None or self._away_long_enough():
            return True, {name: lane.free for name, lane in self._lanes.items()}
        return False, {}

    async def _hand_over(self, lane: str, refs: list[RowRef], *, direct: bool) -> None:
        if direct:
            for ref in refs:
                self._lanes[lane].start(ref)
        elif self._streams is not None and refs:
            await self._emit(self._streams, lane, refs)

    async def _emit(self, streams: Streams, lane: str, refs: list[RowRef]) -> None:
        if self._away_since_ms is not None:  # it went while this look was on
            await self._release(refs)
            return
        try:
            await streams.emit(lane, [ref.encode() for ref in refs])
        except REDIS_AWAY as error:
            self._redis_went(streams, error)
            await self._release(refs)
            return
        self._in_transit.extend(refs)
        _log.debug("relay.emitted", lane=lane, rows=len(refs))

    # Redis comes and goes ───────────────────────────────────────────────────────────────────

    def _redis_went(self, streams: Streams, error: Exception) -> None:
        self._away_since_ms = self._clock_ms()
        _log.warning("relay.redis_away", error=type(error).__name__)
        self._nursery.start("relay.probe", self._probe(streams))

    def _away_long_enough(self) -> bool:
        away = self._away_since_ms
        return away is not None and self._clock_ms() - away >= DIRECT_AFTER_MS

    async def _probe(self, streams: Streams) -> None:
        """Ask Redis once a second whether it is back."""
        while True:
            await asyncio.sleep(PROBE_EVERY_S)
            try:
                depths = await streams.depths()
            except REDIS_AWAY:
                continue
            if depths.forgot:
                await self._take_back()
            self._away_since_ms = None
            _log.info("relay.redis_back", forgot=depths.forgot)
            self.wake()
            return

    async def _take_back(self) -> None:
        """Redis was emptied: what we had given it and nobody has begun is ready again."""
        lost, self._in_transit = list(self._in_transit), deque(maxlen=REMEMBERED)
        _log.warning("relay.redis_forgot", rows=len(lost))
        await self._release(lost)

    async def _release(self, refs: list[RowRef]) -> None:
        try:
            for ref in refs:
                await queue_rows.hand_back(ref, self._clock_ms())
        except StorageDown:
            _log.warning("relay.not_released", rows=len(refs))  # their leases run out

    def _forget_old(self) -> None:
        """A reference whose lease ran out is found again in the table anyway."""
        now = self._clock_ms()
        while self._in_transit and self._in_transit[0].lease <= now:
            self._in_transit.popleft()
