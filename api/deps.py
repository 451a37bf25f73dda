"""What the HTTP side is given by bootstrap, and where the application keeps it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Protocol

from aiohttp import web

from api.metrics import Metrics
from api.passwords import Passwords
from api.processes import Processes
from api.wechat_health import WeChatHealth
from bot.spans import Spans, no_spans
from bot.understanding.signals import LeadSignals
from bot.wechat.wecom_app import WeComClient
from db.engine import Database
from db.phone_vault import PhoneVault
from handlers.bus import Bus


class Gateway(Protocol):
    """Takes WeChat callbacks; raises `NotAuthentic` and `StorageDown`."""

    async def verify(self, channel: str, query: Mapping[str, str]) -> str: ...

    async def accept(self, channel: str, query: Mapping[str, str], body: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SignIn:
    """The WeCom app whose members may sign in, and where WeCom asks who they are.

    `oauth_base`: inside WeCom. `login_base`: in any browser, by a code to be scanned.
    """

    wecom: WeComClient
    oauth_base: str
    login_base: str


@dataclass(frozen=True, slots=True)
class ApiDeps:
    """Everything `create_app` needs. `facts` are public: version, timezone.

    `session_secrets`: the current one first, then those that still count. Without `sign_in` or
    without secrets nobody signs in. `wake` has due work looked for at once.

    `private_webhooks`: webhooks may lead into private networks (for trying things out).
    What `trusted_proxies` say about whom they speak for is believed. A body has `body_read_s`
    seconds to arrive. Once `stopping` is set, no connection is kept and `/readyz` says no.
    """

    bus: Bus
    database: Database
    clock: Callable[[], datetime]
    phones: PhoneVault
    gateway: Gateway
    signals: Callable[[str, datetime], LeadSignals]
    metrics: Metrics
    redis: Any = None
    wechat: WeChatHealth = field(default_factory=WeChatHealth)
    processes: Processes = field(default_factory=lambda: Processes(WeChatHealth()))
    wake: Callable[[], None] = lambda: None
    passwords: Passwords = field(default_factory=Passwords)
    sign_in: SignIn | None = None
    public_url: str = "http://127.0.0.1:8080"
    session_secrets: tuple[str, ...] = ()
    bootstrap_key_hash: str | None = None
    private_webhooks: bool = False
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    spans: Spans = no_spans
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    facts: Mapping[str, str] = field(default_factory=dict)
    body_read_s: float = 5.0


DEPS = web.AppKey("deps", ApiDeps)
