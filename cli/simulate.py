"""`simulate`: months of a made-up market against the real handlers, and what the loop changes."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cli.trouble import CannotStart
from db.migrate import migrate
from market.numbers import read_numbers
from market.play import Plan, Played, play

IN_A_HURRY = "synchronous=OFF&journal_mode=MEMORY&same_thread=1"
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it
WHOLE: frozenset[str] = frozenset()
VARIANTS = (
    WHOLE,
    frozenset({"sla"}),
    frozenset({"remarketing"}),
    frozenset({"sla", "remarketing"}),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line. `url`: an empty PostgreSQL database, or none."""

    seeds: Sequence[int]
    leads: int
    days: int
    variants: Sequence[frozenset[str]]
    url: str = ""


async def simulate(wanted: Wanted, console: Console) -> list[Played]:
    """Play every variant of every seed, one after the other. Raises CannotStart."""
    if wanted.url and len(wanted.seeds) * len(wanted.variants) > 1:
        raise CannotStart("one database is good for one market: give one seed and no --compare")
    folder = Path(tempfile.mkdtemp(prefix="market-", dir=_fastest()))
    try:
        template = folder / "template.db"
        await migrate(wanted.url or f"sqlite://{template}")
        plans = [
            Plan(seed, wanted.leads, wanted.days, without)
            for seed in wanted.seeds
            for without in wanted.variants
        ]
        return [await _play(plan, wanted.url, template, console) for plan in plans]
    finally:
        shutil.rmtree(folder)


def _fastest() -> Path | None:
    """A folder in memory where the system has one."""
    return MEMORY if MEMORY.is_dir() else None


async def _play(plan: Plan, url: str, template: Path, console: Console) -> Played:
    """One market, on a database that nobody else has written to."""

    def progress(day: datetime, come: int, violations: int) -> None:
        if day.day == 1:
            name = f"seed {plan.seed}, {name_of(plan.without)}"
            console.print(f"{name}: {day.date()}, {come} came, {violations} violations")

    if url:
        return await play(plan, read_numbers(), url, progress)
    path = template.with_name("market.db")
    await asyncio.to_thread(shutil.copy, template, path)
    try:
        return await play(plan, read_numbers(), f"sqlite://{path}?{IN_A_HURRY}", progress)
    finally:
        path.unlink()


def name_of(without: frozenset[str]) -> str:
    """What a variant is called in tables."""
    names = {"sla": "SLA", "remarketing": "re-marketing"}
    missing = [names[name] for name in names if name in without]
    return f"without {' and '.join(missing)}" if missing else "the whole loop"


def as_json(played: Sequence[Played]) -> str:
    """Everything, for programs."""
    return json.dumps([one.as_json() for one in played], indent=2, default=str)


def as_table(played: Sequence[Played]) -> Table:
    """One line a market."""
    heads = ("seed", "market", "leads", "wasted", "first response: median", "p90", "never")
    more = ("orders", "conversion", "won back", "touches", "violations", "× real time", "leads/s")
    table = Table(*heads, *more)
    for one in played:
        f = one.figures
        table.add_row(
            str(one.plan.seed),
            name_of(one.plan.without),
            str(f.leads),
            f"{f.wasted:.1%}",
            _minutes(f.first_response_median),
            _minutes(f.first_response_p90),
            f"{f.never_called:.1%}",
            str(f.orders),
            f"{f.conversion:.2%}",
            str(f.won_back),
            str(f.touches),
            str(one.violations),
            f"{one.rate:,}",
            f"{f.leads / one.took_s:.1f}",
        )
    return table


def _minutes(value: float | None) -> str:
    return "never" if value is None else f"{value:.0f} min"
