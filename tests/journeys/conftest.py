"""Leadloop as `manage.py run --sandbox` starts it, with one clock for it and for WeChat."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bootstrap import Leadloop, build, desk
from db import figures, profiles
from db.engine import Database
from demo.load import FOLDER, load_demo
from sandbox.app import create_app
from sandbox.config import SandboxConfig, read_organisation
from settings import Settings
from tests.clock import FakeClock
from tests.conftest import Lend
from tests.journeys.loop import KEY, Loop
from tests.journeys.receiver import Receiver, Receivers

SECRET = "s" * 32
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SHARED: dict[str, Any] = {
    "oa_app_id": "wx5a4d8b0ff1e1c001",
    "oa_app_secret": "oa-secret",
    "oa_token": "oatoken",
    "oa_aes_key": AES_KEY,
    "wecom_corp_id": "ww5a4d8b0ff1e1c002",
    "wecom_agent_id": "1000002",
    "wecom_secret": "wecom-secret",
    "wecom_token": "wecomtoken",
    "wecom_aes_key": AES_KEY,
}

Start = Callable[..., Awaitable[Loop]]


@pytest.fixture(scope="session")
def organised_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demo organisation in it, to copy from."""
    path = tmp_path_factory.mktemp("organised") / "template.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(_organise(f"sqlite://{path}"))
    return path


@pytest.fixture
async def start(
    redis_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Start]:
    """Starts the whole system on a database, once per test. Ask for the database before it, so
    that it is still there when the system stops.

    What runs by the real clock (summaries, campaigns) runs when the story asks for it.
    """
    for duty in ("DIGESTS", "POOLS", "TOUCHES", "CAMPAIGNS"):
        monkeypatch.setattr(f"worker.duties.{duty}_EVERY_S", 86_400.0)
    running: list[tuple[Leadloop, TestServer]] = []
    async with aiohttp.ClientSession() as http:

        async def started(database_url: str, **more: Any) -> Loop:
            port = _free_port()
            sandbox = TestServer(create_app(a_sandbox_config(port, clock)))
            await sandbox.start_server()
            platform = str(sandbox.make_url("")).rstrip("/")
            settings = _settings(database_url, redis_url, port, platform, **more)
            leadloop = await build(settings, clock)
            running.append((leadloop, sandbox))
            await leadloop.start_http()
            await leadloop.start_worker(sole=True)
            return Loop(leadloop, http, platform, clock)

        yield started
        for leadloop, sandbox in running:
            await leadloop.stop()
            await sandbox.close()
        for url in {leadloop.settings.database_url for leadloop, _ in running}:
            await _profiles_are_true(url)


@pytest.fixture
async def loop(organised_sqlite: str, start: Start) -> Loop:
    """The whole system on SQLite with the demo organisation."""
    return await start(organised_sqlite)


@pytest.fixture
def organised_postgres(lend: Lend) -> str:
    """A PostgreSQL database with the demo organisation in it."""
    return lend(_organise)


@pytest.fixture
def organised_sqlite(organised_template: Path, tmp_path: Path) -> str:
    """A SQLite database with the demo organisation in it."""
    return f"sqlite://{shutil.copy(organised_template, tmp_path / 'leadloop.db')}"


@pytest.fixture(params=["sqlite", "postgres"])
def organised_url(request: pytest.FixtureRequest) -> str:
    """A database with the demo organisation; the test runs twice, once on each kind."""
    url: str = request.getfixturevalue(f"organised_{request.param}")
    return url


@pytest.fixture
async def any_loop(organised_url: str, start: Start) -> Loop:
    """The whole system, once on each kind of database."""
    return await start(organised_url)


@pytest.fixture
async def receivers() -> AsyncIterator[Receivers]:
    """Starts programs that take webhooks: `await receivers(loop, {"types": […]})`."""
    started: list[Receiver] = []

    async def start(loop: Loop, wanted: dict[str, Any] | None = None) -> Receiver:
        receiver = Receiver(loop)
        await receiver.server.start_server()
        started.append(receiver)
        if wanted is not None:
            await receiver.subscribe(**wanted)
        return receiver

    yield start
    for receiver in started:
        await receiver.server.close()


async def _profiles_are_true(url: str) -> None:
    """No handler of the story changed a customer and left the profile or the figures behind."""
    async with await Database.open(url) as database:
        assert await database.run_tx(lambda: profiles.draw_range(0, 1_000_000)) == 0
        assert await database.run_tx(lambda: figures.draw_range(0, 1_000_000)) == 0


async def _organise(url: str) -> None:
    settings = Settings(database_url=url, secret_key=SECRET, redis_url="unix:///nowhere")
    async with desk(settings, FakeClock()) as opened:
        await load_demo(opened.bus.execute)


def _settings(
    database_url: str, redis_url: str, port: int, platform: str, **more: Any
) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        port=port,
        secret_key=SECRET,
        bootstrap_api_key=KEY,
        webhook_allow_private=True,
        oa_api_base=platform,
        wecom_api_base=platform,
        **SHARED,
        **more,
    )


def a_sandbox_config(product_port: int, clock: FakeClock) -> SandboxConfig:
    """A platform that knows the secrets of the product under test."""
    return SandboxConfig(
        product_url=f"http://127.0.0.1:{product_port}",
        organisation=read_organisation(FOLDER / "organisation.toml", FOLDER / "models.toml"),
        clock=lambda: clock.now.timestamp(),
        retry_delay_s=0.02,
        **SHARED,
    )


def _free_port() -> int:
    """Below the ports that the machine gives to outgoing connections at any moment."""
    while True:
        port = random.randrange(20_000, 30_000)  # noqa: S311  # not a secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
