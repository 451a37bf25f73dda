"""(e) What an idle `manage.py run` takes: the proportional share of every process of its tree."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from benchmarks.machine import Machine, free_port
from benchmarks.report import Figure

IDLE_S = 8.0
AIM_MB = 200.0


async def measure(machine: Machine) -> list[Figure]:
    """HTTP, worker, SQLite and the bundled Redis, without a request."""
    port = free_port()
    process = machine.command("run", machine.sqlite_url(), port)
    process.start().wait_for_port(port)
    await asyncio.sleep(IDLE_S)
    tree = [process.pid, *_children(process.pid)]
    shares = [_share_mb(pid) for pid in tree]
    process.terminate()
    return [
        Figure("memory", f"idle run, {len(tree)} processes", sum(shares), "MB", at_most=AIM_MB)
    ]


def _children(pid: int) -> list[int]:
    """Every descendant (Linux)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(entry) == pid:
            found += [int(entry.name), *_children(int(entry.name))]
    return found


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it ended meanwhile
        return 0


def _share_mb(pid: int) -> float:
    """Shared pages are counted by halves, thirds… so that the sum is what the tree takes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no figure for process {pid} of {os.uname().sysname}")
