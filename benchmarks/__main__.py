"""`python -m benchmarks [part…]`: measure, print a table, write bench.json.

Without names all parts run, in about five minutes: callbacks intake push timers memory.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import uvloop

from benchmarks import callbacks, intake, memory, push, timers
from benchmarks.machine import Machine, NotReady
from benchmarks.report import Figure, show, write

Part = Callable[[Machine], Awaitable[list[Figure]]]
PARTS: dict[str, Part] = {
    "callbacks": callbacks.measure,
    "intake": intake.measure,
    "push": push.measure,
    "timers": timers.measure,
    "memory": memory.measure,
}
LONGEST_S = 240.0


def main(wanted: list[str]) -> int:
    """Run the parts one after another; 2 for a part nobody knows, 1 when one could not end."""
    unknown = set(wanted) - PARTS.keys()
    if unknown:
        sys.stderr.write(f"no such part: {', '.join(sorted(unknown))}; {__doc__}\n")
        return 2
    started = time.monotonic()
    figures: list[Figure] = []
    failed = False
    for name in wanted or PARTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            figures += uvloop.run(_measured(PARTS[name]))
        except (RuntimeError, TimeoutError, NotReady) as error:
            sys.stderr.write(f"{name} was not measured: {type(error).__name__} {error}\n")
            failed = True
    show(figures)
    write(figures, time.monotonic() - started)
    return int(failed)


async def _measured(part: Part) -> list[Figure]:
    """Each part on servers of its own."""
    with Machine() as machine:
        async with asyncio.timeout(LONGEST_S):
            return await part(machine)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
