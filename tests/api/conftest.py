"""The whole HTTP side over real HTTP, on a real bus and a real database; WeChat is a stand-in."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from api.app import create_app
from api.app_parts import SESSIONS
from api.auth import key_hash
from api.deps import ApiDeps
from api.metrics import Metrics
from api.passwords import Passwords
from api.sessions import COOKIE
from api.staff_sessions import PAGE_HEADER
from bot.understanding.catalogue import Catalogue, ModelNames
from bot.understanding.signals import LeadSignals, lead_signals
from bot.wechat.envelope import NotAuthentic
from db.engine import Database
from db.errors import StorageDown
from db.phone_vault import PhoneVault
from domain import commands as order
from handlers.bus import Bus, Surroundings
from tests.clock import FakeClock
from tests.conftest import Lend
from worker.redis_link import connect

KEY = "test-key-with-every-scope"
TIMEZONE = "Asia/Shanghai"
PROXIES = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"))
SESSION_SECRETS = ("session-secret-" * 3,)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MODELS = Catalogue([ModelNames("tayron", "探岳"), ModelNames("magotan", "迈腾")])
Client = TestClient[web.Request, web.Application]


def understand(message: str, now: datetime) -> LeadSignals:
    return lead_signals(message, now, MODELS)


@dataclass
class StandInGateway:
    """Plays the gateway: takes what says `genuine`, and can be told that storage is away."""

    storage_down: bool = False
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def verify(self, channel: str, query: object) -> str:
        self._check(query)
        return str(query["echostr"])  # type: ignore[index]

    async def accept(self, channel: str, query: object, body: bytes) -> bytes:
        self._check(query)
        if self.storage_down:
            raise StorageDown("away")
        self.taken.append((channel, dict(query), body))  # type: ignore[call-overload]
        return b"success"

    def _check(self, query: object) -> None:
        if query.get("signature") != "genuine":  # type: ignore[attr-defined]
            raise NotAuthentic("signature")


@dataclass
class Api:
    """The running application and what it stands on."""

    app: web.Application
    http: Client
    bus: Bus
    database: Database
    clock: FakeClock
    gateway: StandInGateway

    def auth(self, key: str = KEY) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    async def get(self, path: str, **params: str) -> tuple[int, dict]:
        async with self.http.get(path, params=params, headers=self.auth()) as response:
            return response.status, await response.json()

    async def post(self, path: str, body: object = None) -> tuple[int, dict]:
        async with self.http.post(path, json=body, headers=self.auth()) as response:
            return response.status, await response.json()

    async def put(self, path: str, body: object) -> tuple[int, dict]:
        async with self.http.put(path, json=body, headers=self.auth()) as response:
            return response.status, await response.json()


def a_lead(external_id: str = "e-1", **changes: object) -> dict:
    """A lead as a media source sends it; `customer`, `intent` and `consent` are merged in."""
    lead: dict = {
        "source": "dongchedi",
        "external_id": external_id,
        "occurred_at": "2026-11-24T10:00:00+08:00",
        "customer": {"name": "李雷", "phone": "13800138000", "city": "长春"},
        "intent": {
            "model": "tayron",
            "dealer_code": "CC01",
            "purchase_window_days": 7,
            "message": "想看探岳，本周能试驾吗",
        },
        "consent": {
            "purposes": ["contact", "share_with_dealer", "marketing"],
            "version": "2026-01",
            "channel": "dongchedi_form",
            "obtained_at": "2026-11-24T09:59:50+08:00",
        },
    }
    for name, value in changes.items():
        both = isinstance(value, dict) and isinstance(lead.get(name), dict)
        lead[name] = {**lead[name], **value} if both else value
    return lead


@pytest.fixture(scope="session")
def organised_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small organisation in it, to copy from."""
    path = tmp_path_factory.mktemp("organised") / "template.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(_organised(f"sqlite://{path}"))
    return path


@pytest.fixture
def _sqlite(organised_sqlite: Path, tmp_path: Path) -> str:
    return f"sqlite://{shutil.copy(organised_sqlite, tmp_path / 'organised.db')}"


@pytest.fixture
def organised(_sqlite: str) -> str:
    """A SQLite database with the small organisation in it."""
    return _sqlite


@pytest.fixture
def _postgres(lend: Lend) -> str:
    return lend(_organised)


@pytest.fixture(params=["sqlite", "postgres"])
def organised_url(request: pytest.FixtureRequest) -> str:
    """A database with the small organisation; the test runs twice, once on each kind."""
    url: str = request.getfixturevalue(f"_{request.param}")
    return url


@pytest.fixture
async def api(organised_url: str, clock: FakeClock) -> AsyncIterator[Api]:
    """The application with the small organisation; the test runs on both databases."""
    async with running(organised_url, clock) as started:
        yield started


@pytest.fixture
async def api_on_sqlite(_sqlite: str, clock: FakeClock) -> AsyncIterator[Api]:
    """The same on SQLite alone, for what has nothing to learn from the other database."""
    async with running(_sqlite, clock) as started:
        yield started


@pytest.fixture
async def api_on_postgres(_postgres: str, clock: FakeClock) -> AsyncIterator[Api]:
    """The same on PostgreSQL alone, which refuses more than SQLite does."""
    async with running(_postgres, clock) as started:
        yield started


@asynccontextmanager
async def running(url: str, clock: FakeClock, redis: object = None) -> AsyncIterator[Api]:
    """The application on the database at `url`, whatever state that is in."""
    database = await Database.open(url)
    phones, gateway = PhoneVault("s" * 32), StandInGateway()
    metrics = Metrics()
    given = Surroundings(database, phones, clock, TIMEZONE, metrics.lead_taken)
    bus = Bus(given, lambda: None)
    app = create_app(
        ApiDeps(
            bus=bus,
            database=database,
            clock=clock,
            phones=phones,
            gateway=gateway,
            signals=understand,
            metrics=metrics,
            bootstrap_key_hash=key_hash(KEY),
            redis=redis,
            session_secrets=SESSION_SECRETS,
            passwords=Passwords(QUICK),
            trusted_proxies=PROXIES,
            body_read_s=0.3,
            facts={"version": "0.1.0", "timezone": TIMEZONE},
        )
    )
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield Api(app, client, bus, database, clock, gateway)
    await database.close()


async def _organised(url: str) -> None:
    database = await Database.open(url)
    given = Surroundings(database, PhoneVault("s" * 32), FakeClock(), TIMEZONE)
    await organise(Bus(given, lambda: None))
    await database.close()


async def organise(bus: Bus) -> None:
    """Two regions, three dealers, three advisers, two models."""
    for command in (
        order.PutRegion("NE", "东北大区"),
        order.PutRegion("SW", "西南大区"),
        order.PutModel("tayron", "探岳", ("tayron", "探岳x"), 199900, 259900),
        order.PutModel("magotan", "迈腾"),
        order.PutDealer("CC01", "长春净月店", "NE", "长春"),
        order.PutDealer("CC02", "长春绿园店", "NE", "长春"),
        order.PutDealer("CD01", "成都高新店", "SW", "成都"),
        order.PutStaff("wangfang", "王芳", "adviser", dealer_code="CC01"),
        order.PutStaff("manager", "赵店总", "store_manager", dealer_code="CC01"),
        order.PutStaff("lina", "李娜", "adviser", dealer_code="CC02"),
        order.PutStaff("zhouwei", "周伟", "adviser", dealer_code="CD01"),
    ):
        await bus.execute(command)


@dataclass
class AsStaff:
    """The API as somebody's page calls it: a session instead of a key."""

    api: Api
    cookie: str

    async def call(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        sent = {"Cookie": f"{COOKIE}={self.cookie}", PAGE_HEADER: "1", **headers}
        path = path if path.startswith("/") else f"/api/v1/{path}"
        async with self.api.http.request(method, path, json=body, headers=sent) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def get(self, path: str) -> tuple[int, Any]:
        return await self.call("GET", path)

    async def post(self, path: str, body: object = None) -> tuple[int, Any]:
        return await self.call("POST", path, body)


@pytest.fixture
async def desk(organised_url: str, clock: FakeClock, redis_url: str) -> AsyncIterator[Api]:
    """The application with sessions; the test runs on both databases."""
    async with connect(redis_url) as redis, running(organised_url, clock, redis) as started:
        yield started


@pytest.fixture
async def desk_on_sqlite(_sqlite: str, clock: FakeClock, redis_url: str) -> AsyncIterator[Api]:
    """The same on SQLite alone."""
    async with connect(redis_url) as redis, running(_sqlite, clock, redis) as started:
        yield started


async def signed_in(api: Api, userid: str) -> AsStaff:
    """A page of this member of staff."""
    return AsStaff(api, await api.app[SESSIONS].start(userid))


Taker = Callable[..., Awaitable[dict]]


@pytest.fixture
def take(api: Api) -> Taker:
    """Takes one lead in and returns the answer."""

    async def taken(external_id: str = "e-1", **changes: object) -> dict:
        status, body = await api.post("/api/v1/leads", a_lead(external_id, **changes))
        assert status in (200, 201), body
        return body

    return taken
