"""`simulate`: months of a made-up market against the real handlers, and what the loop changes."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from cli.collector import leave_what_is_loaded
from cli.logs import only_errors
from cli.trouble import CannotStart
from db.migrate import migrate
from market.figures import figures_of, together
from market.numbers import read_numbers
from market.play import TAIL_DAYS, Plan, Played, play
from market.towns import Effect, Market, effects, markets_of, split

IN_A_HURRY = (
    "synchronous=OFF&journal_mode=MEMORY&same_thread=1"
    "&locking_mode=EXCLUSIVE&temp_store=MEMORY&cache_size=-200000"
)
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it
WHOLE: frozenset[str] = frozenset()
VARIANTS = (
    WHOLE,
    frozenset({"sla"}),
    frozenset({"remarketing"}),
    frozenset({"sla", "remarketing"}),
)
TOWN = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line. `url`: an empty PostgreSQL database, or none."""

    seeds: Sequence[int]
    leads: int
    days: int
    variants: Sequence[frozenset[str]]
    url: str = ""
    tail_days: int = TAIL_DAYS
    town: int = TOWN
    jobs: int = 1

    def towns(self) -> list[Plan]:
        """Every town of every variant of every seed."""
        return [
            town
            for seed in self.seeds
            for without in self.variants
            for town in split(
                Plan(seed, self.leads, self.days, without, self.tail_days), self.town
            )
        ]


def get_ready() -> None:
    """Once in each process, before its first town: what a town leaves behind can be collected."""
    only_errors()
    leave_what_is_loaded()


def simulate(wanted: Wanted, console: Console) -> list[Played]:
    """Play all towns, `jobs` at a time. Raises CannotStart."""
    towns = wanted.towns()
    if wanted.url:
        if len(towns) > 1:
            raise CannotStart("one database is good for one town: one seed, no --compare")
        asyncio.run(migrate(wanted.url))
        return [_play(towns[0], wanted.url)]
    with _folder() as folder:
        template = folder / "template.db"
        asyncio.run(migrate(f"sqlite://{template}"))
        if wanted.jobs == 1:
            return [_told(_play_on_copy(town, template), console) for town in towns]
        return _in_processes(towns, template, wanted.jobs, console)


def _in_processes(
    towns: Sequence[Plan], template: Path, jobs: int, console: Console
) -> list[Played]:
    fresh = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=fresh, initializer=get_ready) as pool:
        running = {pool.submit(_play_on_copy, town, template): town for town in towns}
        done = {running[one]: _told(one.result(), console) for one in as_completed(running)}
    return [done[town] for town in towns]


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder in memory where the system has one."""
    folder = Path(tempfile.mkdtemp(prefix="market-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _play_on_copy(town: Plan, template: Path) -> Played:
    """One town, on a database that nobody else has written to."""
    path = template.with_name(f"town-{os.getpid()}.db")
    shutil.copy(template, path)
    try:
        return _play(town, f"sqlite://{path}?{IN_A_HURRY}")
    finally:
        path.unlink()


def _play(town: Plan, url: str) -> Played:
    return uvloop.run(play(town, read_numbers(), url))


def _told(played: Played, console: Console) -> Played:
    plan = played.plan
    console.print(
        f"town {plan.seed}, {name_of(plan.without)}: {plan.leads} leads in {played.took_s:.0f} s, "
        f"{played.violations} violations",
        soft_wrap=True,
    )
    return played


def name_of(without: frozenset[str]) -> str:
    """What a variant is called in tables."""
    names = {"sla": "SLA", "remarketing": "re-marketing"}
    missing = [names[name] for name in names if name in without]
    return f"without {' and '.join(missing)}" if missing else "the whole loop"


def as_json(played: Sequence[Played]) -> str:
    """Everything, for programs: each town with its counts, each market with its figures."""
    told = {
        "markets": [_market_as_json(market) for market in markets_of(played)],
        "effects": [
            asdict(effect) | {"without": sorted(effect.without)} for effect in effects(played)
        ],
        "towns": [one.as_json() for one in played],
    }
    return json.dumps(told, default=str)


def _market_as_json(market: Market) -> dict[str, object]:
    return {
        "seed": market.seed,
        "without": sorted(market.without),
        "figures": asdict(figures_of(together(town.counts for town in market.towns))),
        "violations": market.violations,
        "refused": market.refused,
        "looks": market.looks,
    }


def tables(played: Sequence[Played]) -> list[Table]:
    """What is printed: the markets, and where they can be compared, their differences."""
    found = effects(played)
    return [as_table(played), *([effects_table(found)] if found else [])]


def as_table(played: Sequence[Played]) -> Table:
    """One line a market."""
    heads = ("seed", "market", "leads", "wasted", "first response: median", "p90", "never")
    more = ("orders", "conversion", "won back", "touches", "answered", "calls", "taken up")
    table = Table(*heads, *more, "violations", "leads/s")
    for market in markets_of(played):
        f = figures_of(together(town.counts for town in market.towns))
        table.add_row(
            str(market.seed),
            name_of(market.without),
            str(f.leads),
            f"{f.wasted:.1%}",
            _minutes(f.first_response_median),
            _minutes(f.first_response_p90),
            f"{f.never_called:.1%}",
            str(f.orders),
            f"{f.conversion:.2%}",
            str(f.won_back),
            str(f.touches),
            str(f.replies),
            str(f.calls),
            str(f.taken_up),
            str(market.violations),
            f"{f.leads / sum(town.took_s for town in market.towns):.1f}",
        )
    return table


def effects_table(found: Sequence[Effect]) -> Table:
    """What the whole loop has more than the same towns without a part of it."""
    table = Table("against", "of", "towns", "difference", "95 % interval")
    for one in found:
        interval = f"{one.low:+.2%} to {one.high:+.2%}"
        table.add_row(
            name_of(one.without), one.measure, str(one.towns), f"{one.difference:+.2%}", interval
        )
    return table


def _minutes(value: float | None) -> str:
    return "never" if value is None else f"{value:.0f} min"
