"""Two deployments, each started once for all accidents that befall it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from benchmarks.machine import Machine
from tests.faults.system import SMALL, System


@pytest.fixture(scope="session")
def on_postgres() -> Iterator[System]:
    """One server and two workers on PostgreSQL and Redis."""
    with Machine(SMALL) as machine:
        system = System(machine, asyncio.run(machine.postgres_url()), single=False)
        asyncio.run(system.start())
        yield system
        system.stop()


@pytest.fixture(scope="session")
def on_one_machine() -> Iterator[System]:
    """`manage.py run` with SQLite and the bundled Redis."""
    with Machine(SMALL) as machine:
        system = System(machine, machine.sqlite_url(), single=True)
        asyncio.run(system.start())
        yield system
        system.stop()
