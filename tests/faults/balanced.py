"""Two servers and two workers behind nginx with the configuration that is shipped."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import ROOT, Machine, free_port
from tests.faults.system import STARTS_WITHIN_S, System, answers
from tests.servers import die_with_parent

SHIPPED = ROOT / "deploy/nginx/leadloop.conf"
AROUND = """daemon off;
master_process off;
pid {home}/nginx.pid;
error_log {home}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u;
    scgi_temp_path {home}/s;
    {shipped}
}}
"""


def nginx_program() -> str | None:
    """Where nginx is, if it is here."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


class Balanced(System):
    """The many-machine set-up on one machine; `port` is nginx's."""

    def __init__(self, machine: Machine, url: str) -> None:
        super().__init__(machine, url, single=False)
        self.processes = {}
        self.ports = {f"serve {number}": free_port() for number in (1, 2)}
        for name, port in self.ports.items():
            self.processes[name] = machine.command("serve", url, port, drain_s=3)
        for number in (1, 2):
            self.processes[f"worker {number}"] = machine.command("worker", url)
        self._nginx: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._start_nginx()
        await super().start()
        await self.all_there()

    def stop(self) -> None:
        super().stop()
        if self._nginx:
            self._nginx.terminate()
            self._nginx.wait(10)

    async def all_there(self) -> None:
        """Return when every server answers by itself."""
        for name in self.ports:
            await self.there(name)

    async def there(self, name: str) -> None:
        """Return when this process works; a worker says so in its log."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if name not in self.ports:
                if self._starts(name) > self._stops(name):
                    return
            elif await answers(f"http://127.0.0.1:{self.ports[name]}/readyz"):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(self.processes[name].log()[-2000:])

    def _starts(self, name: str) -> int:
        return self.processes[name].log().count("worker.started")

    def _stops(self, name: str) -> int:
        return self.processes[name].log().count("worker.stopped")

    def nginx_log(self) -> str:
        return (self._home / "error.log").read_text(errors="replace")

    @property
    def _home(self) -> Path:
        return self.machine.home / "nginx"

    def _start_nginx(self) -> None:
        self._home.mkdir()
        config = self._home / "nginx.conf"
        config.write_text(AROUND.format(home=self._home, shipped=self._adapted()))
        self._nginx = subprocess.Popen(
            [str(nginx_program()), "-p", str(self._home), "-c", str(config)],
            preexec_fn=die_with_parent,
        )

    def _adapted(self) -> str:
        """The shipped file with this machine's ports in the places meant for it."""
        shipped = SHIPPED.read_text(encoding="utf-8")
        ports: Iterator[int] = iter(self.ports.values())
        own, replaced = re.subn(
            r"server 127\.0\.0\.1:\d+ ", lambda _: f"server 127.0.0.1:{next(ports)} ", shipped
        )
        assert replaced == len(self.ports)
        return own.replace("listen 80;", f"listen 127.0.0.1:{self.port};")
