"""Leadloop as it runs in production, for breaking: two workers, one server, everything real."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from benchmarks.machine import Machine, Process, free_port
from benchmarks.organisation import KEY, Organisation

SMALL = Organisation(dealers=4, advisers=10)
STARTS_WITHIN_S = 60.0


class System:
    """The processes of one deployment by name, and its outside: the API and the platform."""

    def __init__(self, machine: Machine, url: str, *, single: bool) -> None:
        self.machine, self.url = machine, url
        self.port = free_port()
        self.processes: dict[str, Process] = {}
        if single:
            run = machine.command("run", url, self.port)
            self.processes["run"] = run
        else:
            self.processes["serve"] = machine.command("serve", url, self.port)
            self.processes["worker 1"] = machine.command("worker", url)
            self.processes["worker 2"] = machine.command("worker", url)

    @property
    def product(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def platform(self) -> str:
        return f"http://127.0.0.1:{self.machine.sandbox_port}/sandbox"

    async def start(self) -> None:
        """Start everything and fill in the organisation."""
        self.machine.sandbox(self.port)
        for process in self.processes.values():
            process.start()
        await self.ready()
        await self.machine.organisation.load(self.port)

    async def ready(self) -> None:
        """Return when the server says that it can take work."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if await answers(f"{self.product}/readyz"):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(self.log())

    async def kill_and_restart(self, name: str, *, after_s: float = 1.0) -> None:
        """kill -9, and what a process manager does then."""
        self.processes[name].kill()
        await asyncio.sleep(after_s)
        self.processes[name].start()

    def log(self) -> str:
        """The end of what the server wrote."""
        return next(iter(self.processes.values())).log()[-3000:]

    def stop(self) -> None:
        """In order: a killed `run` leaves its bundled Redis to its successor."""
        for process in self.processes.values():
            process.terminate()


async def answers(url: str) -> bool:
    """Whether somebody answers there with 200."""
    async with aiohttp.ClientSession() as http:
        try:
            async with http.get(url) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


class Outside:
    """What everybody outside of Leadloop can call."""

    def __init__(self, system: System, http: aiohttp.ClientSession) -> None:
        self._system, self._http = system, http
        self.refused: list[str] = []
        """Leads that were not taken at once, with what was answered."""

    @classmethod
    @asynccontextmanager
    async def of(cls, system: System) -> AsyncIterator[Outside]:
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=10),
            connector=aiohttp.TCPConnector(limit=200),
        ) as http:
            yield cls(system, http)

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the JSON API that has to succeed."""
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"{self._system.product}/api/v1/{path}"
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            assert answer.status < 300, f"{path}: {await answer.text()}\n{self._system.log()}"
            return await answer.json() if answer.status != 204 else None

    async def post_lead(self, body: dict[str, Any]) -> str:
        """Post until it is taken, as a source does that is told to come back."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            try:
                if lead_id := await self._try_lead(body):
                    return lead_id
            except (aiohttp.ClientError, TimeoutError) as error:
                self.refused.append(type(error).__name__)
            await asyncio.sleep(1)
        raise AssertionError(f"a lead was never taken\n{self._system.log()}")

    async def _try_lead(self, body: dict[str, Any]) -> str | None:
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"{self._system.product}/api/v1/leads"
        async with self._http.post(url, json=body, headers=headers) as answer:
            if answer.status not in {200, 201}:
                self.refused.append(str(answer.status))
                return None
            return (await answer.json())["lead_id"]

    async def what_happened(self, lead_id: str) -> str:
        """The timeline of a lead that misses something, in one line."""
        lead = await self.api("GET", f"leads/{lead_id}")
        kinds = [line["kind"] for line in await self.timeline(lead_id)]
        return f"lead {lead_id} is {lead['state']}: {' '.join(kinds)}"

    async def timeline(self, lead_id: str) -> list[dict[str, Any]]:
        """Every line of a lead's timeline."""
        lines: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = await self.api("GET", f"leads/{lead_id}/timeline?limit=200{cursor}")
            lines += page["items"]
            if not page["next_cursor"]:
                return lines
            cursor = f"&cursor={page['next_cursor']}"

    async def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the sandbox's control API."""
        url = f"{self._system.platform}/{path}"
        async with self._http.request(method, url, json=body) as answer:
            assert answer.status < 300, f"{path}: {await answer.text()}"
            return await answer.json()
