"""The open streams of this process, and what has changed since each last looked."""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.errors import Refused
from db.queries.changes import Change, changed_since

LOOK_EVERY_S = 2.0
WINDOW = timedelta(seconds=60)
"""How far back a look goes: a slow transaction's change carries the time of its start."""
MOST_PER_MEMBER = 3
MOST = 2000


@dataclass
class Streams:
    """Counts changes by dealer; one look at the database serves everybody for two seconds."""

    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    _open: dict[str, deque[asyncio.Event]] = field(default_factory=lambda: defaultdict(deque))
    _counts: Counter[str] = field(default_factory=Counter)
    _known: dict[str, set[Change]] | None = None
    _looked_at: float = float("-inf")
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @contextmanager
    def opened(self, userid: str) -> Iterator[asyncio.Event]:
        """A place for one stream; the event says that it must end. A member's oldest gives way.

        Raises a 503 `Refused` when the process has no room.
        """
        if sum(map(len, self._open.values())) >= MOST:
            raise Refused(503, "too_many_streams", "ask for the data instead")
        mine, ended = self._open[userid], asyncio.Event()
        mine.append(ended)
        while len(mine) > MOST_PER_MEMBER:
            mine.popleft().set()
        try:
            yield ended
        finally:
            if ended in mine:
                mine.remove(ended)
            if not mine:
                self._open.pop(userid, None)

    def end_all(self) -> None:
        """The process stops: every stream ends, and its page asks the next process."""
        for mine in self._open.values():
            for ended in mine:
                ended.set()

    async def changes(self, dealer_codes: Collection[str] | None) -> int:
        """How many times leads of these dealers (None: of any) were seen to change."""
        async with self._turn:
            if self.monotonic() - self._looked_at >= LOOK_EVERY_S:
                await self._look()
        if dealer_codes is None:
            return self._counts.total()
        return sum(self._counts[code] for code in dealer_codes)

    async def _look(self) -> None:
        found = await changed_since(self.clock() - WINDOW)
        for dealer_code, changes in found.items():
            if self._known is not None and changes - self._known.get(dealer_code, set()):
                self._counts[dealer_code] += 1
        self._known, self._looked_at = found, self.monotonic()
