"""Find due rows and hand them to a worker: through Redis, or right here when Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from db import queue_rows
from db.errors import StorageDown
from db.queue_rows import Due, RowRef
from worker.lanes import LANE_OF, TURNS, Lane
from worker.streams import Streams

POLL_S = 0.5
BETWEEN_LOOKS_S = 0.01
"""A look costs a database and a Redis round trip: while commits come thick and fast, one look
serves all that came meanwhile."""
TRANSIT_LEASE_MS = 30_000
DIRECT_AFTER_MS = 2_000
ENDED_DIRECT = 10
ENDED_THROUGH_REDIS = 50
"""Runs that end before a relay that found no room looks again: rows are claimed in batches."""

_log = structlog.get_logger(__name__)


class Relay:
    """One per process. `streams` None: there is no Redis. `lanes` empty: only emit, never run."""

    def __init__(
        self,
        clock_ms: Callable[[], int],
        *,
        streams: Streams | None,
        lanes: Mapping[str, Lane],
        poll_s: float = POLL_S,
    ) -> None:
        self._clock_ms = clock_ms
        self._streams = streams
        self._lanes = lanes
        self._poll_s = poll_s
        self._woken = asyncio.Event()
        self._looking = asyncio.Lock()
        self._stopping = False
        self._ended = 0
        self._batch = ENDED_DIRECT
        self._full = False
        self._looked_at = 0.0
        self._blocked: set[str] = set()

    def wake(self) -> None:
        """Look at once: somebody in this process committed work."""
        self._woken.set()

    def ended(self, table: str) -> None:
        """A run ended here: look at once if something could not be handed over before that."""
        self._ended += 1
        if table in self._blocked or (self._full and self._ended >= self._batch):
            self._woken.set()

    async def run(self) -> None:
        """Look for due rows until `stop`."""
        while not self._stopping:
            self._woken.clear()
            self._looked_at = asyncio.get_running_loop().time()
            try:
                async with self._looking:
                    pause = await self.tick()
            except StorageDown as error:
                _log.warning("relay.storage_down", reason=str(error))
                await asyncio.sleep(self._poll_s)
                continue
            if pause:
                await self._sleep(pause)
                await asyncio.sleep(self._too_early_s())

    async def stop(self) -> None:
        """Make `run` return, and wait for the look it is at."""
        self._stopping = True
        self.wake()
        async with self._looking:
            return

    def _too_early_s(self) -> float:
        """Seconds until the next look may begin."""
        since = asyncio.get_running_loop().time() - self._looked_at
        return max(0.0, BETWEEN_LOOKS_S - since)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    async def tick(self) -> float:
        """Move what is due. Returns the seconds until the next look, 0 when there may be more.

        Raises `StorageDown`.
        """
        now = self._clock_ms()
        due = await queue_rows.next_due()
        waiting = {queue: due[queue] for queue in LANE_OF if _is_due(due.get(queue), now)}
        self._ended, self._full, self._blocked = 0, False, set()
        if await self._serve(waiting, now):
            return 0
        coming = [entry.next_ms for entry in due.values() if entry.next_ms > now]
        until = (min(coming) - now) / 1000 if coming else self._poll_s
        return min(self._poll_s, max(0.005, until))

    async def _serve(self, waiting: Mapping[str, Due], now: int) -> bool:
        """Give each waiting queue its share of its lane's room. True: there is more, and room."""
        if not waiting and not (self._streams and self._streams.carrying):
            return False
        direct, rooms = await self._rooms()
        self._batch = ENDED_DIRECT if direct else ENDED_THROUGH_REDIS
        left = dict(rooms)
        used_up = set()
        for queue, due in waiting.items():
            lane = LANE_OF[queue]
            rivals = sum(LANE_OF[other] == lane for other in waiting) or 1
            share = min(left.get(lane, 0), -(-rooms.get(lane, 0) // rivals))
            if share:
                lost = due.lost_ms is not None and due.lost_ms <= now
                refs = await queue_rows.claim_due(queue, now, share, TRANSIT_LEASE_MS, lost=lost)
                await self._hand_over(lane, refs, direct=direct)
                if queue in TURNS and len(refs) < share:
                    self._blocked.add(TURNS[queue])
                left[lane] -= len(refs)
                if len(refs) == share:
                    used_up.add(lane)
            self._full |= left.get(lane, 0) == 0
        return any(left[lane] for lane in used_up)

    async def _rooms(self) -> tuple[bool, Mapping[str, int]]:
        """Whether rows run right here, and how many each lane may take now."""
        if self._streams is not None:
            rooms = await self._streams.rooms()
            if self._streams.away_for_ms < DIRECT_AFTER_MS:
                return False, rooms
        return True, {name: lane.free for name, lane in self._lanes.items()}

    async def _hand_over(self, lane: str, refs: list[RowRef], *, direct: bool) -> None:
        if direct:
            for ref in refs:
                self._lanes[lane].start(ref)
        elif self._streams is not None and refs:
            await self._streams.emit(lane, refs)


def _is_due(due: Due | None, now_ms: int) -> bool:
    return due is not None and due.next_ms <= now_ms
