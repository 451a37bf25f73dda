"""Settings become a running Leadloop: only here are database, clients and doors constructed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from aiohttp import web
from redis.asyncio import Redis
from tortoise.exceptions import OperationalError

from api.app import create_app
from api.auth import key_hash
from api.deps import ApiDeps, SignIn
from api.metrics import Metrics
from api.monitor import create_monitor
from api.processes import Processes
from api.wechat_health import Quota, WeChatHealth
from bot.customer.fallback import Templates
from bot.customer.replies import CustomerVoice, answered_passively
from bot.customer.second_opinion import SecondOpinion
from bot.customer.touching import TouchVoice
from bot.gateway import Gateway
from bot.hands import Hands
from bot.hearing import Ears, SpeechEndpoint
from bot.media import MediaPorter
from bot.messenger import Messenger
from bot.names import CatalogueNames
from bot.router import Router
from bot.spans import Spans, no_spans
from bot.understanding.llm import Endpoint
from bot.understanding.signals import LeadSignals, lead_signals
from bot.wechat.client import Connection, OfficialAccountClient, WeComClient
from bot.wechat.envelope import Credentials, Envelope
from bot.wechat.errors import WeChatError
from db.engine import Database
from db.errors import StorageDown
from db.inbox import InboxWriter
from db.models import Timer
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef
from domain.commands import CheckClock
from handlers.bus import Bus, Surroundings
from settings import VERSION, Settings
from webhooks.sender import WebhookSender
from worker.duties import Duties
from worker.redis_link import connect
from worker.run import Worker

HTTP_GRACE_S = 5.0
NAMES_EVERY_S = 10.0
TOKENS_EVERY_S = 15.0
REPORT_EVERY_S = 5.0
QUOTAS_EVERY_S = 300.0
QUOTAS_OF = ("message/custom/send", "message/template/send")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock outside of tests."""
    return datetime.now(UTC)


def _secrets_of(settings: Settings) -> tuple[str, ...]:
    """The current secret and, during a rotation, the previous one."""
    both = settings.secret_key, settings.secret_key_previous
    return tuple(secret.get_secret_value() for secret in both if secret.get_secret_value())


def vault_of(settings: Settings) -> PhoneVault:
    """The phone vault with the current and, during a rotation, the previous secret."""
    current, *previous = _secrets_of(settings)
    return PhoneVault(current, tuple(previous))


@dataclass(slots=True)
class Desk:
    """Database and bus alone: for commands that run and end."""

    database: Database
    bus: Bus
    names: CatalogueNames


@asynccontextmanager
async def desk(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Desk]:
    """Open what a one-off command needs, and close it again."""
    database = await Database.open(settings.database_url)
    try:
        given = Surroundings(database, vault_of(settings), clock, settings.timezone)
        yield Desk(database, Bus(given, wake=lambda: None), CatalogueNames())
    finally:
        await database.close()


async def build(settings: Settings, clock: Clock = utc_now, spans: Spans = no_spans) -> "Leadloop":
    """Open the database and the clients; nothing runs yet, nothing has to answer yet."""
    database = await Database.open(settings.database_url)
    redis = connect(settings.redis_url) if settings.redis_url else None
    return Leadloop(settings, clock, database, redis, spans)


class Leadloop:
    """One process of the system: HTTP, worker, or both."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Database,
        redis: Redis | None,
        spans: Spans = no_spans,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.database = database
        self.phones = vault_of(settings)
        self.names = CatalogueNames()
        self._redis = redis
        self._spans = spans
        self._http = aiohttp.ClientSession()
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._worker: Worker | None = None

        self.metrics = Metrics()
        self.health = WeChatHealth(lambda: clock().timestamp())
        self.processes = Processes(self.health, redis)
        taken = self.metrics.lead_taken
        given = Surroundings(database, self.phones, clock, settings.timezone, taken)
        self.bus = Bus(given, wake=self.wake)
        self.account = self._account_client() if settings.has_oa else None
        self.wecom = self._wecom_client() if settings.has_wecom else None

        self._hands = Hands()
        self._porter = MediaPorter(self.account, self.wecom)
        self._voice = self._customer_voice()
        self._router = self._make_router()
        self.messenger = self._make_messenger()
        self.webhooks = self._webhook_sender()
        self.gateway = self._make_gateway()
        self.duties = Duties(self.bus, clock, settings.timezone, self.metrics.pools_compared)
        self.app = create_app(self._api_deps())

    async def start_http(self) -> None:
        """Listen. Raises OSError when the address is taken."""
        with suppress(StorageDown, OperationalError):  # a schema to come is not there yet
            await self.names()
        self.processes.does("http")
        await self._listen(self.app, self.settings.port)

    async def start_monitor(self) -> None:
        """Let a process without HTTP be looked at, if it was given a port for that."""
        if self.settings.metrics_port:
            await self._listen(create_monitor(self._api_deps()), self.settings.metrics_port)

    async def _listen(self, app: web.Application, port: int) -> None:
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=HTTP_GRACE_S, handler_cancellation=False
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self.settings.host, port, backlog=1024).start()

    async def start_worker(self, *, sole: bool = False) -> None:
        """Run what is due. `sole`: no other process works on this database."""
        await self._start(run_lanes=True, sole=sole)

    async def start_relay(self) -> None:
        """Only hand on what this process commits, for workers elsewhere to run."""
        await self._start(run_lanes=False)

    async def stop(self) -> None:
        """Take nothing new, finish what runs, close everything."""
        await self._drain()
        if self._runner:
            await self._runner.cleanup()
        if self._worker:
            await self._worker.stop()
            await self.processes.report(ended=True)
        await self._http.close()
        await self.webhooks.close()
        if self._redis:
            await self._redis.aclose()
        await self.database.close()

    async def _start(self, *, run_lanes: bool, sole: bool = False) -> None:
        self._worker = Worker(
            self.database,
            self.settings.redis_url or None,
            {
                "inbox": self._router.handle,
                "outbox": self.messenger.deliver,
                "timer": self._strike,
                "webhook_delivery": self.webhooks.deliver,
            },
            self.clock,
            run_lanes=run_lanes,
            sole=sole,
            spans=self._spans,
        )
        self._worker.schedule.every(NAMES_EVERY_S, "names", self.names)
        self._worker.schedule.every(TOKENS_EVERY_S, "tokens", self._measure_tokens)
        self._worker.schedule.every(REPORT_EVERY_S, "report", self.processes.report)
        if run_lanes:
            self.processes.does("worker")
            self._worker.schedule.every(QUOTAS_EVERY_S, "quotas", self._ask_quotas)
            self.duties.take_up(self._worker.schedule)
        await self._worker.start()

    async def _drain(self) -> None:
        """Tell the balancer, and answer on new connections until it has noticed."""
        self._stopping.set()
        if self._runner:
            await asyncio.sleep(self.settings.drain_s)

    def wake(self) -> None:
        """Look for due work at once: something was committed, or time has moved."""
        if self._worker:
            self._worker.wake()

    async def _measure_tokens(self) -> None:
        for app, client in (("oa", self.account), ("wecom", self.wecom)):
            if client:
                state = client.tokens.state()
                self.metrics.wechat_app(app, state.age_s, paused=bool(state.paused_until))

    async def _ask_quotas(self) -> None:
        if self.account:
            with suppress(WeChatError):  # an account may lack this permission
                used = {api: await self.account.quota_of(api) for api in QUOTAS_OF}
                self.health.has_left("oa", [Quota(api, *each) for api, each in used.items()])

    async def _strike(self, ref: RowRef) -> None:
        timer = await Timer.get(id=ref.id)
        result = await self.bus.execute(CheckClock(ref.id), cause=ref)
        self.metrics.clock(timer.kind, result)

    # the parts, in the order in which they are made ───────────────────────────────────────────

    def _account_client(self) -> OfficialAccountClient:
        s = self.settings
        connection = self._connection("oa", s.oa_api_base)
        secret = s.oa_app_secret.get_secret_value()
        client = OfficialAccountClient(s.oa_app_id, secret, connection)
        self.health.watch("oa", client)
        return client

    def _wecom_client(self) -> WeComClient:
        s = self.settings
        secret = s.wecom_secret.get_secret_value()
        connection = self._connection("wecom", s.wecom_api_base)
        client = WeComClient(s.wecom_corp_id, int(s.wecom_agent_id), secret, connection)
        self.health.watch("wecom", client)
        return client

    def _connection(self, app: str, api_base: str) -> Connection:
        return Connection(
            http=self._http,
            redis=self._redis,
            clock=self.clock,
            app=app,
            api_base=api_base,
            on_call=self._called,
            spans=self._spans,
        )

    def _called(self, app: str, api: str, errcode: str) -> None:
        self.metrics.wechat_call(app, api, errcode)
        self.health.called(app, errcode)

    def _customer_voice(self) -> CustomerVoice:
        templates = Templates(self.settings.oa_template_id, self.settings.oa_subscription_id)
        return CustomerVoice(
            self.bus, self.account, self.clock, self.phones, self._porter, templates
        )

    def _make_router(self) -> Router:
        return Router(
            self.bus,
            self.phones,
            self.clock,
            self.names,
            self.settings.timezone,
            self.settings.public_url,
            self._hands,
            self._ears(),
            self._second_opinion(),
        )

    def _ears(self) -> Ears | None:
        s = self.settings
        if not s.stt_url or self.wecom is None:
            return None
        key = s.stt_api_key.get_secret_value()
        endpoint = SpeechEndpoint(s.stt_url, key, s.stt_model, s.stt_timeout_s)
        return Ears(self._http, self.wecom, endpoint)

    def _second_opinion(self) -> SecondOpinion | None:
        s = self.settings
        if not s.llm_base_url:
            return None
        key = s.llm_api_key.get_secret_value()
        where = Endpoint(s.llm_base_url.rstrip("/"), key, s.llm_model, s.llm_timeout_s)
        return SecondOpinion(self._http, where)

    def _make_messenger(self) -> Messenger:
        return Messenger(
            self.bus,
            self.wecom,
            self._voice,
            TouchVoice(self.bus, self.account, self.clock),
            self._porter,
            self.phones,
            self.clock,
            tz=self.settings.timezone,
            public_url=self.settings.public_url,
            on_pushed=self.metrics.pushed,
        )

    def _webhook_sender(self) -> WebhookSender:
        return WebhookSender(
            self.bus,
            self.phones,
            self.clock,
            agent=f"Leadloop/{VERSION}",
            allow_private=self.settings.webhook_allow_private,
        )

    def _make_gateway(self) -> Gateway:
        return Gateway(
            _envelopes(self.settings),
            InboxWriter(self.database, self._clock_ms),
            self.phones,
            self.clock,
            self._router.handle_now,
            answered_passively,
            self.wake,
            self._hands,
        )

    def _clock_ms(self) -> int:
        return int(self.clock().timestamp() * 1000)

    def _api_deps(self) -> ApiDeps:
        key = self.settings.bootstrap_api_key.get_secret_value()
        return ApiDeps(
            bus=self.bus,
            database=self.database,
            clock=self.clock,
            phones=self.phones,
            gateway=self.gateway,
            signals=self._signals,
            metrics=self.metrics,
            redis=self._redis,
            wechat=self.health,
            processes=self.processes,
            wake=self.wake,
            sign_in=self._sign_in(),
            public_url=self.settings.public_url,
            session_secrets=_secrets_of(self.settings),
            bootstrap_key_hash=key_hash(key) if key else None,
            trusted_proxies=self.settings.proxy_networks,
            private_webhooks=self.settings.webhook_allow_private,
            stopping=self._stopping,
            spans=self._spans,
            facts={"version": VERSION, "timezone": self.settings.timezone},
        )

    def _sign_in(self) -> SignIn | None:
        s = self.settings
        return SignIn(self.wecom, s.wecom_oauth_base, s.wecom_login_base) if self.wecom else None

    def _signals(self, message: str, at: datetime) -> LeadSignals:
        return lead_signals(message, at.astimezone(self.settings.zone), self.names.current)


def _envelopes(settings: Settings) -> dict[str, Envelope]:
    doors = {}
    if settings.has_oa:
        given = Credentials(
            settings.oa_app_id,
            settings.oa_token.get_secret_value(),
            settings.oa_aes_key.get_secret_value(),
        )
        doors["oa"] = Envelope(given, "oa")
    if settings.has_wecom:
        given = Credentials(
            settings.wecom_corp_id,
            settings.wecom_token.get_secret_value(),
            settings.wecom_aes_key.get_secret_value(),
        )
        doors["wecom"] = Envelope(given, "wecom")
    return doors
