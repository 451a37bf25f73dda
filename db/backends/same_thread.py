"""An SQLite connection without a thread of its own: faster where nobody else waits for the loop.

For programs that do one thing after another, such as a simulation: `?same_thread=1` in the URL.
A statement then blocks the event loop, which no process that serves anybody may do.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")


class SameThreadConnection(aiosqlite.Connection):
    """Answers at once, in the thread of whoever asks."""

    def __init__(self, path: str, **how: Any) -> None:
        def connect() -> sqlite3.Connection:
            return sqlite3.connect(path, **how)  # type: ignore[no-any-return]

        super().__init__(connect, iter_chunk_size=64)
        self._connection = connect()

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return fn(*args, **kwargs)

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
