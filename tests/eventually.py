"""Wait for something to become true that happens in another task or process."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

LOOK_EVERY_S = 0.01


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]], within_s: float = 10.0
) -> None:
    """Return as soon as `condition` holds; fail when it does not in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        answer = condition()
        if await answer if inspect.isawaitable(answer) else answer:
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise AssertionError(f"not true after {within_s} s")
