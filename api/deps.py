"""What the HTTP side is given by bootstrap, and where the application keeps it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from api.metrics import Metrics
from bot.understanding.signals import LeadSignals
from db.engine import Database
from db.phone_vault import PhoneVault
from handlers.bus import Bus


class Gateway(Protocol):
    """Takes WeChat callbacks; raises `NotAuthentic` and `StorageDown`."""

    async def verify(self, channel: str, query: Mapping[str, str]) -> str: ...

    async def accept(self, channel: str, query: Mapping[str, str], body: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ApiDeps:
    """Everything `create_app` needs. `facts` are public: version, timezone.

    A body has `body_read_s` seconds to arrive.
    """

    bus: Bus
    database: Database
    clock: Callable[[], datetime]
    phones: PhoneVault
    gateway: Gateway
    signals: Callable[[str, datetime], LeadSignals]
    metrics: Metrics
    redis: Any = None
    bootstrap_key_hash: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    body_read_s: float = 5.0


DEPS = web.AppKey("deps", ApiDeps)
