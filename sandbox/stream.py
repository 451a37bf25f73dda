"""Tell every open page, and every waiting test, what has changed: server-sent events."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiohttp import web

BACKLOG = 200
KEEP_ALIVE_S = 15.0

Change = dict[str, Any]


class Stream:
    """A bounded queue for each listener; one that falls behind is told to load everything anew.

    `joined` is set while anybody listens, `closing` once the sandbox stops.
    """

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Change]] = set()
        self.joined = asyncio.Event()
        self.closing = asyncio.Event()

    def publish(self, **change: Any) -> None:
        """Announce one change; never blocks."""
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait({"type": "resync"})
            else:
                queue.put_nowait(change)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Change]]:
        queue: asyncio.Queue[Change] = asyncio.Queue(BACKLOG)
        self._queues.add(queue)
        self.joined.set()
        try:
            yield queue
        finally:
            self._queues.discard(queue)
            if not self._queues:
                self.joined.clear()

    def close(self) -> None:
        """End all streams and injected delays, so that a stop is not held up."""
        self.closing.set()
        self.joined.set()
        self.publish(type="closing")

    async def pause(self, seconds: float) -> None:
        """Sleep, but wake at once when the sandbox stops."""
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /sandbox/stream."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        # Who sees the stream open has missed nothing since; a reader that goes away is no error.
        with self.listen() as queue, suppress(ConnectionResetError):
            await response.prepare(request)
            await response.write(b"retry: 2000\n\n")
            while not self.closing.is_set():
                await response.write(await _next_frame(queue))
        return response


async def _next_frame(queue: asyncio.Queue[Change]) -> bytes:
    try:
        change = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
    except TimeoutError:
        return b": alive\n\n"
    return f"data: {json.dumps(change, ensure_ascii=False)}\n\n".encode()
