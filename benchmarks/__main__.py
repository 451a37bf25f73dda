"""`python -m benchmarks [part…]`: measure, print a table, write bench.json.

Without names the usual parts run, in about seven minutes: callbacks replies intake push notes
timers memory. By name only, as they take long: segments campaign year.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import uvloop

from benchmarks import (
    callbacks,
    campaign,
    intake,
    memory,
    notes,
    push,
    replies,
    segments,
    timers,
    year,
)
from benchmarks.machine import Machine, NotReady
from benchmarks.report import Figure, show, write

Part = Callable[[Machine], Awaitable[list[Figure]]]
PARTS: dict[str, Part] = {
    "callbacks": callbacks.measure,
    "replies": replies.measure,
    "intake": intake.measure,
    "push": push.measure,
    "notes": notes.measure,
    "timers": timers.measure,
    "memory": memory.measure,
}
BY_NAME: dict[str, Part] = {
    "segments": segments.measure,
    "campaign": campaign.measure,
    "year": year.measure,
}
LONGEST_S = 240.0
LONGEST_BY_NAME_S = 7200.0


def main(wanted: list[str]) -> int:
    """Run the parts one after another; 2 for a part nobody knows, 1 when one could not end."""
    unknown = set(wanted) - PARTS.keys() - BY_NAME.keys()
    if unknown:
        sys.stderr.write(f"no such part: {', '.join(sorted(unknown))}; {__doc__}\n")
        return 2
    started = time.monotonic()
    figures: list[Figure] = []
    failed = False
    for name in wanted or PARTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            figures += uvloop.run(_measured(name))
        except (RuntimeError, TimeoutError, NotReady) as error:
            sys.stderr.write(f"{name} was not measured: {type(error).__name__} {error}\n")
            failed = True
    show(figures)
    write(figures, time.monotonic() - started)
    return int(failed)


async def _measured(name: str) -> list[Figure]:
    """Each part on servers of its own."""
    with Machine() as machine:
        async with asyncio.timeout(LONGEST_BY_NAME_S if name in BY_NAME else LONGEST_S):
            return await {**PARTS, **BY_NAME}[name](machine)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
