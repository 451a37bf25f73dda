"""How many messages a process handles inside their callbacks at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 8
"""The others wait, and leave the connections to who stores messages."""


class Hands(asyncio.Semaphore):
    """Who waits for somebody else lets go meanwhile."""

    def __init__(self) -> None:
        super().__init__(AT_ONCE)

    @asynccontextmanager
    async def freed(self) -> AsyncIterator[None]:
        """Give the place back while waiting, and take one again afterwards."""
        self.release()
        try:
            yield
        finally:
            await self.acquire()
