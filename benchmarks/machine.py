"""A whole deployment on this machine: database, Redis, WeChat sandbox and Leadloop's processes.

Everything is a real process, started as an operator would start it, and ends with `close`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from benchmarks.organisation import KEY, WIDE, Organisation
from benchmarks.wechat import OA, WECOM
from tests.postgres import Postgres
from tests.redis_server import RedisServer
from tests.servers import die_with_parent, home_of_a

ROOT = Path(__file__).parent.parent
READY_WITHIN_S = 30.0
STOP_WITHIN_S = 15.0
AS_DELIVERED = ("max_connections=100",)
"""PostgreSQL with its defaults: every commit waits for the disk."""

_numbers = count(1)


class NotReady(Exception):
    """A process did not start; the message is the end of its log."""


class Process:
    """One process with its log."""

    def __init__(self, name: str, words: list[str], env: dict[str, str], log: Path) -> None:
        self.name = name
        self._words, self._env, self._log = words, env, log
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> Process:
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, *self._words],
                cwd=ROOT,
                env=os.environ | self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        return self

    @property
    def pid(self) -> int:
        assert self._popen is not None, "not started"
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for_log(self, words: str) -> None:
        """Return when the log says so. Raises `NotReady`."""
        self._wait(lambda: words in self.log())

    def wait_for_port(self, port: int) -> None:
        """Return when somebody listens there. Raises `NotReady`."""
        self._wait(lambda: _listens(port))

    def _wait(self, is_ready) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not is_ready():
            if not self.is_running or time.monotonic() > deadline:
                raise NotReady(f"{self.name}: {self.log()[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """kill -9."""
        if self._popen and self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait(STOP_WITHIN_S)

    def terminate(self) -> int:
        """SIGTERM; the exit status, or kill -9 after a while."""
        assert self._popen is not None, "not started"
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
        try:
            return self._popen.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL


class Machine:
    """Servers and settings shared by every process of one deployment."""

    def __init__(self, organisation: Organisation = WIDE) -> None:
        self.home = home_of_a("bench")
        self.organisation = organisation
        self.postgres = Postgres(AS_DELIVERED)
        self.redis = RedisServer()
        self.sandbox_port = free_port()
        self._processes: list[Process] = []

    def __enter__(self) -> Machine:
        self.postgres.start()
        self.redis.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:  # in order: a killed `run` leaves its bundled server
            if process.is_running:
                process.terminate()
        self.redis.stop()
        self.postgres.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def sandbox(self, product_port: int = 9) -> Process:
        """The WeChat platform; it knows the staff of the organisation."""
        contacts = self.home / "organisation.toml"
        contacts.write_text(self.organisation.as_toml(), encoding="utf-8")
        words = [
            *("-m", "sandbox", "--port", str(self.sandbox_port)),
            *("--product", f"http://127.0.0.1:{product_port}", "--contacts", str(contacts)),
        ]
        process = self._process("sandbox", words, self._sandbox_env())
        process.start().wait_for_port(self.sandbox_port)
        return process

    def migrate(self, database_url: str) -> None:
        """`manage.py migrate`."""
        process = self.command("migrate", database_url).start()
        deadline = time.monotonic() + READY_WITHIN_S
        while process.is_running and time.monotonic() < deadline:
            time.sleep(0.02)
        if "error" in process.log().lower():
            raise NotReady(process.log()[-2000:])

    async def draw_profiles(self, database_url: str, within_s: float) -> float:
        """`manage.py draw-profiles`: how long it takes, in seconds."""
        started = time.monotonic()
        process = self.command("draw-profiles", database_url).start()
        while process.is_running and time.monotonic() - started < within_s:
            await asyncio.sleep(0.2)
        if "were not as they should be" not in process.log():
            raise RuntimeError(process.log()[-500:])
        return time.monotonic() - started

    def serve(self, database_url: str, port: int) -> Process:
        """`manage.py serve`, listening."""
        process = self.command("serve", database_url, port)
        process.start().wait_for_port(port)
        return process

    def worker(self, database_url: str) -> Process:
        """`manage.py worker`, working."""
        process = self.command("worker", database_url)
        process.start().wait_for_log("worker.started")
        return process

    def command(
        self,
        command: str,
        database_url: str,
        port: int = 1,
        *,
        drain_s: float = 0,
    ) -> Process:
        """A `manage.py` command, not started yet; `run` brings its own Redis."""
        env = self._product_env(database_url, port) | {"LEADLOOP_DRAIN_S": str(drain_s)}
        if command == "run":
            env["LEADLOOP_REDIS_URL"] = ""
        return self._process(command, ["manage.py", command], env)

    def bare(self, port: int) -> Process:
        """The bare server of the comparison, listening."""
        process = self._process("bare", ["-m", "benchmarks.bare", str(port)], {})
        process.start().wait_for_port(port)
        return process

    def crowded_sandbox(self, followers: int) -> Process:
        """The WeChat platform with so many followers (`o1` …) whose windows are open."""
        words = ["-m", "benchmarks.crowded", str(self.sandbox_port), str(followers)]
        process = self._process("sandbox", words, self._sandbox_env())
        process.start().wait_for_port(self.sandbox_port)
        return process

    def sqlite_url(self) -> str:
        """A SQLite file in a folder of its own, with its schema."""
        folder = self.home / f"sqlite-{next(_numbers)}"
        folder.mkdir()
        url = f"sqlite://{folder}/leadloop.db"
        self.migrate(url)
        return url

    async def postgres_url(self) -> str:
        """A fresh PostgreSQL database, with its schema."""
        url = self.postgres.url(await self.postgres.create())
        self.migrate(url)
        return url

    def _process(self, name: str, words: list[str], env: dict[str, str]) -> Process:
        process = Process(name, words, env, self.home / f"{name}-{next(_numbers)}.log")
        self._processes.append(process)
        return process

    def _product_env(self, database_url: str, port: int) -> dict[str, str]:
        platform = f"http://127.0.0.1:{self.sandbox_port}"
        folder = self.home / f"var-{port}"
        settings = {
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis.url,
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "SECRET_KEY": "benchmark" * 4,
            "BOOTSTRAP_API_KEY": KEY,
            "OA_APP_ID": OA.app_id,
            "OA_APP_SECRET": "oa-secret",
            "OA_TOKEN": OA.token,
            "OA_AES_KEY": OA.aes_key,
            "OA_API_BASE": platform,
            "WECOM_CORP_ID": WECOM.app_id,
            "WECOM_AGENT_ID": "1000002",
            "WECOM_SECRET": "wecom-secret",
            "WECOM_TOKEN": WECOM.token,
            "WECOM_AES_KEY": WECOM.aes_key,
            "WECOM_API_BASE": platform,
            "LOG_FORMAT": "json",
        }
        if not database_url.startswith("sqlite"):
            settings["DATA_DIR"] = str(folder)
        return {f"LEADLOOP_{name}": value for name, value in settings.items()}

    def _sandbox_env(self) -> dict[str, str]:
        return {
            "SANDBOX_OA_APP_ID": OA.app_id,
            "SANDBOX_OA_APP_SECRET": "oa-secret",
            "SANDBOX_OA_TOKEN": OA.token,
            "SANDBOX_OA_AES_KEY": OA.aes_key,
            "SANDBOX_WECOM_CORP_ID": WECOM.app_id,
            "SANDBOX_WECOM_AGENT_ID": "1000002",
            "SANDBOX_WECOM_SECRET": "wecom-secret",
            "SANDBOX_WECOM_TOKEN": WECOM.token,
            "SANDBOX_WECOM_AES_KEY": WECOM.aes_key,
        }


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
