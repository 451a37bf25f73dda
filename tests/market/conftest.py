"""A small market that has been played once, for everybody who only looks at what came of it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from market.numbers import Numbers, read_numbers
from market.play import Plan, Played, play

FAST = "synchronous=OFF&journal_mode=MEMORY&same_thread=1"
SMALL = Plan(seed=7, leads=24, days=2, tail_days=10)


@pytest.fixture(scope="session")
def numbers() -> Numbers:
    return read_numbers()


@pytest.fixture(scope="session")
def small_market(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, numbers: Numbers
) -> tuple[Played, Path]:
    """What came of it, and the database it left."""
    path = tmp_path_factory.mktemp("market") / "market.db"
    shutil.copy(sqlite_template, path)
    return asyncio.run(play(SMALL, numbers, f"sqlite://{path}?{FAST}")), path
