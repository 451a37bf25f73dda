"""The whole HTTP side over real HTTP, on a real bus and a real database; WeChat is a stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.app import create_app
from api.auth import key_hash
from api.deps import ApiDeps
from api.metrics import Metrics
from bot.wechat.envelope import NotAuthentic
from db.engine import Database
from db.errors import StorageDown
from db.phone_vault import PhoneVault
from domain import commands as order
from handlers.bus import Bus, Surroundings
from tests.clock import FakeClock

KEY = "test-key-with-every-scope"
TIMEZONE = "Asia/Shanghai"
Client = TestClient[web.Request, web.Application]


@dataclass(frozen=True)
class Said:
    """What the understanding made of a message."""

    signals: tuple[str, ...] = ()
    wished_at: datetime | None = None


def understand(message: str, now: datetime) -> Said:
    return Said(("asked_test_drive",)) if "试驾" in message else Said()


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
    phones: PhoneVault
    clock: FakeClock
    gateway: StandInGateway
    woken: list[int]

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


@pytest.fixture
async def api(database: Database, clock: FakeClock) -> AsyncIterator[Api]:
    """The application with a small organisation; the test runs on both databases."""
    async for started in _started(database, clock):
        yield started


@pytest.fixture
async def api_on_sqlite(sqlite_database: Database, clock: FakeClock) -> AsyncIterator[Api]:
    """The same on SQLite alone, for what has nothing to learn from the other database."""
    async for started in _started(sqlite_database, clock):
        yield started


async def _started(database: Database, clock: FakeClock) -> AsyncIterator[Api]:
    phones, woken = PhoneVault("s" * 32), []
    bus = Bus(Surroundings(database, phones, clock, TIMEZONE), lambda: woken.append(1))
    await organise(bus)
    gateway = StandInGateway()
    app = create_app(
        ApiDeps(
            bus=bus,
            database=database,
            clock=clock,
            phones=phones,
            gateway=gateway,
            signals=understand,
            metrics=Metrics(),
            bootstrap_key_hash=key_hash(KEY),
            body_read_s=0.3,
            facts={"version": "0.1.0", "timezone": TIMEZONE},
        )
    )
    async with TestClient(TestServer(app)) as client:
        yield Api(app, client, bus, database, phones, clock, gateway, woken)


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


Taker = Callable[..., Awaitable[dict]]


@pytest.fixture
def take(api: Api) -> Taker:
    """Takes one lead in and returns the answer."""

    async def taken(external_id: str = "e-1", **changes: object) -> dict:
        status, body = await api.post("/api/v1/leads", a_lead(external_id, **changes))
        assert status in (200, 201), body
        return body

    return taken
