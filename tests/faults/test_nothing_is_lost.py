"""Whatever breaks: what was acknowledged is there once, and every lead was pushed once."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.accidents import (
    ON_ONE_MACHINE,
    ON_POSTGRES,
    Accident,
    redis_frozen,
    redis_stopped,
)
from tests.faults.stream import Stream
from tests.faults.system import Outside, System

CALM_S = 2.0
ANSWERED_WITHIN_S = 1.0

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.mark.parametrize("name", ON_POSTGRES)
async def test_with_many_processes(
    on_postgres: System, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await _survives(on_postgres, name, ON_POSTGRES[name], capsys)


@pytest.mark.parametrize("name", ON_ONE_MACHINE)
async def test_on_one_machine(
    on_one_machine: System, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await _survives(on_one_machine, name, ON_ONE_MACHINE[name], capsys)


@pytest.mark.parametrize("accident", [redis_stopped, redis_frozen])
async def test_callbacks_are_answered_within_a_second_without_redis(
    on_postgres: System, accident: Accident, capsys: pytest.CaptureFixture[str]
) -> None:
    name = accident.__name__.replace("_", " ").capitalize()
    stream = await _survives(on_postgres, name, accident, capsys)
    assert stream.given_up == 0
    assert stream.slowest_callback_s < ANSWERED_WITHIN_S


async def _survives(
    system: System, name: str, accident: Accident, capsys: pytest.CaptureFixture[str]
) -> Stream:
    async with Outside.of(system) as outside:
        async with Stream(system, outside) as stream:
            await asyncio.sleep(CALM_S)
            await accident(system, outside)
            await asyncio.sleep(CALM_S)
        score = await stream.settled()
        cards = [what for what in score.lost if what.startswith("card of lead ")]
        story = [await outside.what_happened(what.split()[-1]) for what in cards[:5]]
    with capsys.disabled():
        print(f"\n{name}: {score}; slowest callback {stream.slowest_callback_s:.2f} s")
    assert not score.lost, (score.lost[:10], story)
    assert not score.duplicated, score.duplicated[:10]
    assert not score.dropped, score.dropped[:10]
    return stream
