"""The product as it is, on a clock that is told the time: its bus, its messenger, its queues.

Rows run one after the other, by the worker's own claims, leases and retries; so the same seed
plays the same story.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

from bot.customer.fallback import Templates
from bot.customer.replies import CustomerVoice
from bot.customer.touching import TouchVoice
from bot.media import MediaPorter
from bot.messenger import Messenger
from bot.wechat.client import OfficialAccountClient, WeComClient
from db import queue_rows
from db.engine import Database
from db.models import Enrolment, OutboxJob
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef, Started
from domain.commands import CheckClock, Command, ComparePools
from domain.errors import DomainError
from handlers.bus import Bus, Surroundings
from market.platform import Platform
from market.seasons import ZONE
from worker import retry
from worker.duties import Duties
from worker.lanes import LANE_OF

TZ = ZONE.key
CLAIM = 50
LEASE_MS = 3_600_000
POOLS_AT_ONCE = 2000
CALLS_AT = 8
FIRST_SHIFT, LAST_SHIFT = 8, 19
"""Nobody's shift is outside of these hours, so no queue can move."""


class Clock:
    """The time of the market."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def ms(self) -> int:
        return round(self.now.timestamp() * 1000)


class Product:
    """Everything of Leadloop but HTTP, Redis and WeChat itself."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.clock = clock
        self.platform = Platform(clock)
        self.refused: Counter[str] = Counter()
        self.orders = 0
        self._woken = True
        self._next_ms: int | None = None
        phones = PhoneVault("a market has no secrets to keep, but keys need length")
        self._bus = Bus(Surroundings(database, phones, clock, TZ), wake=self._wake)
        self._messenger = self._make_messenger(phones)
        self._duties = Duties(self._bus, clock, TZ, lambda checked, wrong: None)

    def _make_messenger(self, phones: PhoneVault) -> Messenger:
        wecom = cast(WeComClient, self.platform)
        account = cast(OfficialAccountClient, self.platform)
        porter = MediaPorter(account, wecom)
        voice = CustomerVoice(self._bus, account, self.clock, phones, porter, Templates("", ""))
        touches = TouchVoice(self._bus, account, self.clock)
        return Messenger(
            self._bus,
            wecom,
            voice,
            touches,
            porter,
            phones,
            self.clock,
            tz=TZ,
            public_url="http://127.0.0.1",
        )

    # orders ─────────────────────────────────────────────────────────────────────────────────

    async def order(self, command: Command) -> Any:
        """Run one order; None when it was refused, which is counted by its reason."""
        self.orders += 1
        try:
            return await self._bus.execute(command)
        except DomainError as refusal:
            self.refused[f"{type(command).__name__}: {refusal.code}"] += 1
            return None

    # what is due ────────────────────────────────────────────────────────────────────────────

    @property
    def due_at(self) -> datetime | None:
        """When a row is due next; now when something was just committed."""
        if self._woken:
            return self.clock.now
        return None if self._next_ms is None else datetime.fromtimestamp(self._next_ms / 1000, UTC)

    async def settle(self) -> None:
        """Run every row that is due now, and what follows from it."""
        while True:
            self._woken = False
            dues = await queue_rows.next_due()
            waiting = [queue for queue in LANE_OF if _is_due(dues.get(queue), self.clock.ms())]
            if not waiting:
                coming = [due.next_ms for due in dues.values()]
                self._next_ms = min(coming) if coming else None
                return
            for queue in waiting:
                now_ms = self.clock.ms()
                for ref in await queue_rows.claim_due(queue, now_ms, CLAIM, LEASE_MS, lost=False):
                    await self._run(ref)

    async def _run(self, ref: RowRef) -> None:
        started = await queue_rows.begin(ref, self.clock.ms(), LEASE_MS)
        if started is not None:
            await retry.attempt(
                lambda: self._handle(started), started, self.clock.ms, jitter=lambda: 0.5
            )

    async def _handle(self, started: Started) -> None:
        ref = started.ref
        if ref.table == "timer":
            await self._bus.execute(CheckClock(ref.id), cause=ref)
            return
        self.platform.job = job = await OutboxJob.get(id=ref.id)
        try:
            await self._messenger.carry_out(job, ref)
        finally:
            self.platform.job = None

    def _wake(self) -> None:
        self._woken = True

    # duties ─────────────────────────────────────────────────────────────────────────────────

    async def often(self) -> None:
        """What the workers do every few seconds or minutes, here every ten minutes."""
        hour = self.clock.now.astimezone(ZONE).hour
        if hour == CALLS_AT:
            await self._duties.pick_calls()
        if FIRST_SHIFT <= hour < LAST_SHIFT:
            await self._duties.drain_queues()
        await self._duties.write_digests()

    async def hourly(self) -> None:
        """What they do as often, but where an hour makes no difference to anybody."""
        waiting = Enrolment.filter(state="waiting", due_at__lte=self.clock.now)
        if await waiting.exists():
            await self._duties.arm_touches()

    async def daily(self) -> None:
        """What is done once a day here."""
        await self._duties.tend_campaigns()

    async def compare_pools(self) -> list[int]:
        """The nightly round over all customers; who was in the wrong pool."""
        wrong: list[int] = []
        while True:
            done = await self.order(ComparePools(self.clock.now.isoformat()[:10], POOLS_AT_ONCE))
            wrong += done.wrong
            if done.finished:
                return wrong


def _is_due(due: queue_rows.Due | None, now_ms: int) -> bool:
    return due is not None and due.next_ms <= now_ms


@asynccontextmanager
async def product_on(url: str, now: datetime) -> AsyncIterator[Product]:
    """The product on a migrated database, at that time."""
    clock = Clock(now)
    async with await Database.open(url) as database:
        yield Product(database, clock)
