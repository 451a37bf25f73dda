"""The WeChat sandbox as a child process: started, waited for, stopped, and never an orphan."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from cli.trouble import CannotStart
from demo.load import FOLDER
from settings import Settings

ROOT = Path(__file__).parent.parent
READY_WITHIN_S = 15.0
STOP_WITHIN_S = 3.0
CREDENTIALS = (
    "oa_app_id",
    "oa_app_secret",
    "oa_token",
    "oa_aes_key",
    "wecom_corp_id",
    "wecom_agent_id",
    "wecom_secret",
    "wecom_token",
    "wecom_aes_key",
)


class SandboxProcess:
    """A running `python -m sandbox` that knows our credentials and our address."""

    def __init__(self, process: Process, port: int) -> None:
        self._process = process
        self._port = port
        self.url = f"http://127.0.0.1:{port}"

    @classmethod
    async def start(cls, settings: Settings, port: int) -> "SandboxProcess":
        """Start it; `ready` waits until it answers."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli.tethered", "sandbox"),
            *("--port", str(port), "--product", local_url(settings)),
            *("--public", settings.public_url, "--contacts", str(FOLDER / "organisation.toml")),
            *("--state", str(settings.data_dir.absolute() / "sandbox-chats.json")),
            cwd=ROOT,
            env=os.environ | _credentials(settings),
            stdin=PIPE,
            stdout=DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to pass on
        )
        return cls(process, port)

    async def ready(self) -> None:
        """Return when the page can be opened; raises CannotStart."""
        async with asyncio.timeout(READY_WITHIN_S):
            while self._process.returncode is None:
                if await self._listens():
                    return
                await asyncio.sleep(0.05)
        raise CannotStart(f"the sandbox ended with status {self._process.returncode}, see above")

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        return True

    async def ended(self) -> int:
        """Wait for its end and return its exit status."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, then make it."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def local_url(settings: Settings) -> str:
    """Where a process on this machine reaches our HTTP server."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _credentials(settings: Settings) -> dict[str, str]:
    given = {name: getattr(settings, name) for name in CREDENTIALS}
    given["api_key"] = settings.bootstrap_api_key
    return {
        f"SANDBOX_{name.upper()}": value if isinstance(value, str) else value.get_secret_value()
        for name, value in given.items()
    }
