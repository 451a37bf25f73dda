"""Sends HTTP requests as fast as answers come, or at a fixed rate whatever the answers do.

At a fixed rate a latency runs from the moment a request was due, not from when a connection came
free for it: a server that stalls is charged for everybody who waited.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

CONNECTIONS = 48
PATIENCE_S = 10.0
NOTHING_SAID = b"success"
NAP_S = 0.001
"""Waiting wakes up this often and sends what has fallen due: to spin would take the processor
that the database needs."""


@dataclass(slots=True)
class Outcome:
    """What became of the requests: seconds for each answer, answers by status, and the time."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    replied: int = 0  # with more of a body than WeChat's "success"
    took_s: float = 0.0

    @property
    def per_second(self) -> float:
        return self.statuses[200] / self.took_s if self.took_s else 0.0

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if not 200 <= status < 300)

    def ms(self, share: float) -> float:
        """The latency in ms that `share` of the answers stay below."""
        ranked = sorted(self.seconds)
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


def post(
    target: str, body: bytes, content_type: str = "text/xml", headers: dict[str, str] | None = None
) -> bytes:
    """One HTTP request as bytes."""
    lines = [
        f"POST {target} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way at a time."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._due = 0.0
        self._received = b""
        self._busy = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, due: float) -> None:
        self._due, self._busy = due, True
        assert self.transport is not None
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._received, self._busy = b"", False
        self._load.answered(self, int(head[9:12]), len(body), self._due)

    def connection_lost(self, _: Exception | None) -> None:
        if self._busy:
            self._load.answered(None, 0, 0, self._due)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line[15:])
    return 0


class _Load:
    """Shares requests out over connections and keeps the score."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._idle: list[_Connection] = []
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._under_way = 0
        self._sending_until = 0.0
        self.outcome = Outcome()

    async def connect(self, port: int, count: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, connection = await loop.create_connection(
                lambda: _Connection(self), "127.0.0.1", port
            )
            self._idle.append(connection)

    async def at_full_speed(self, seconds: float) -> None:
        """Every connection sends its next request when its last one is answered."""
        started = time.perf_counter()
        self._sending_until = started + seconds
        for connection in list(self._idle):
            self._idle.remove(connection)
            self._give(connection, time.perf_counter())
        await asyncio.sleep(seconds)
        self.outcome.took_s = time.perf_counter() - started
        done = Counter(self.outcome.statuses)
        await self._rest()
        self.outcome.statuses = done

    async def at_rate(self, per_second: float, seconds: float) -> None:
        """One request every 1/rate seconds, come what may."""
        started = time.perf_counter()
        for number in range(int(per_second * seconds)):
            due = started + number / per_second
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(max(wait, NAP_S))
            self._under_way += 1
            if self._idle:
                self._idle.pop().send(next(self._requests), due)
            else:
                self._waiting.append((next(self._requests), due))
        self.outcome.took_s = time.perf_counter() - started
        await self._rest()

    def answered(
        self, connection: _Connection | None, status: int, length: int, due: float
    ) -> None:
        now = time.perf_counter()
        self._under_way -= 1
        self.outcome.statuses[status] += 1
        self.outcome.replied += status == 200 and length > len(NOTHING_SAID)
        self.outcome.seconds.append(now - due)
        if connection is None:
            return
        if self._waiting:
            connection.send(*self._waiting.popleft())
        elif now < self._sending_until:
            self._give(connection, now)
        else:
            self._idle.append(connection)

    def _give(self, connection: _Connection, now: float) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._under_way += 1
            connection.send(request, now)

    async def _rest(self) -> None:
        deadline = time.perf_counter() + PATIENCE_S
        while self._under_way and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        if self._under_way:
            self.outcome.statuses[0] += self._under_way
            self.outcome.seconds += [PATIENCE_S] * self._under_way
        for connection in self._idle:
            if connection.transport:
                connection.transport.abort()


async def full_speed(
    port: int, requests: Iterator[bytes], seconds: float, connections: int = CONNECTIONS
) -> Outcome:
    """As many requests as get answered in `seconds`."""
    load = _Load(requests)
    await load.connect(port, connections)
    await load.at_full_speed(seconds)
    return load.outcome


async def steady(
    port: int, requests: Iterator[bytes], per_second: float, seconds: float
) -> Outcome:
    """Requests at a fixed rate."""
    load = _Load(requests)
    await load.connect(port, CONNECTIONS)
    await load.at_rate(per_second, seconds)
    return load.outcome
