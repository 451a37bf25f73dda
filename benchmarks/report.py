"""What was measured: a table for people, JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

FILE = Path("bench.json")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, and what it should be where somebody said so."""

    part: str
    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without one."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return self.value <= self.at_most if self.at_most is not None else None

    @property
    def aim(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}" if self.at_most is not None else ""


def show(figures: list[Figure]) -> None:
    """Print the table."""
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what"):
        table.add_column(heading)
    for heading in ("value", "", "aim", ""):
        table.add_column(heading, justify="right")
    part = ""
    for figure in figures:
        mark = {None: "", True: "ok", False: "MISSED"}[figure.met]
        shown = f"{figure.value:,.0f}" if figure.value >= 1000 else f"{figure.value:.3g}"
        heading = figure.part if figure.part != part else ""
        table.add_row(heading, figure.what, shown, figure.unit, figure.aim, mark)
        part = figure.part
    Console(width=120).print(table)


def write(figures: list[Figure], took_s: float) -> None:
    """Write `bench.json`."""
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "load_average": os.getloadavg(),
            "platform": platform.platform(),
            "python": sys.version.split()[0],
        },
        "took_seconds": round(took_s, 1),
        "figures": [asdict(f) | {"met": f.met} for f in figures],
    }
    FILE.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
