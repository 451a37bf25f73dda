"""Each process is restarted in turn, as a new version is rolled out: nobody outside notices."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from benchmarks.machine import Machine
from tests.faults.balanced import Balanced, nginx_program
from tests.faults.stream import Stream
from tests.faults.system import SMALL, Outside

ROUNDS = 2
CALM_S = 2.0
STOPS_WITHIN_S = 12.0
LEADS_PER_S = 1.0

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(300),
    pytest.mark.skipif(nginx_program() is None, reason="nginx is not installed here"),
]


@pytest.fixture(scope="module")
def balanced() -> Iterator[Balanced]:
    """PostgreSQL, Redis, two servers, two workers, nginx."""
    with Machine(SMALL) as machine:
        system = Balanced(machine, asyncio.run(machine.postgres_url()))
        try:
            asyncio.run(system.start())
            yield system
        finally:
            system.stop()


async def test_a_rolling_restart_is_noticed_by_nobody(
    balanced: Balanced, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Outside.of(balanced) as outside:
        async with Stream(balanced, outside, leads_per_s=LEADS_PER_S) as stream:
            await asyncio.sleep(CALM_S)
            for _ in range(ROUNDS):
                await _restart_in_turn(balanced)
            await asyncio.sleep(CALM_S)
        score = await stream.settled()
        cards = [what for what in score.lost if what.startswith("card of lead ")]
        story = [await outside.what_happened(what.split()[-1]) for what in cards[:5]]
    with capsys.disabled():
        print(f"\nRolling restart, {ROUNDS} × 4 processes: {score}; {_figures(stream)}")
    assert not score.lost, (score.lost[:10], story)
    assert not score.duplicated, score.duplicated[:10]
    assert stream.refused == [], balanced.nginx_log()[-2000:]
    assert outside.refused == [], balanced.nginx_log()[-2000:]


async def _restart_in_turn(system: Balanced) -> None:
    """SIGTERM, a clean end, a new start, and the next only when it is there."""
    for name, process in system.processes.items():
        began = time.monotonic()
        status = await asyncio.to_thread(process.terminate)
        assert status == 0, f"{name} ended with {status}: {process.log()[-1000:]}"
        assert time.monotonic() - began < STOPS_WITHIN_S, name
        process.start()
        await system.there(name)


def _figures(stream: Stream) -> str:
    waited = sorted(stream.callbacks_s)
    gap = max(after - before for before, after in pairwise(sorted(stream.answered_at)))
    p50, p99 = statistics.median(waited), waited[round(len(waited) * 0.99) - 1]
    return (
        f"{len(waited)} callbacks, {len(stream.refused)} refused, {len(stream.leads)} leads; "
        f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, slowest {waited[-1] * 1000:.0f} ms, "
        f"longest time without an answer {gap * 1000:.0f} ms"
    )
