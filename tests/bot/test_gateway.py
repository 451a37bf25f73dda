"""A message that reaches two processes is handled once, and its answer finds its way."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from bot.customer.replies import PASSIVE, answered_passively, reply_key
from bot.events import InboundEvent
from bot.gateway import Gateway
from bot.hands import Hands
from bot.passive import PassiveReply
from bot.wechat.envelope import Credentials, Envelope
from db.engine import Database
from db.inbox import InboxWriter
from db.models import Customer
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef
from handlers.bus import Bus, Surroundings
from handlers.tx import Notice
from tests.clock import FakeClock

TOKEN = "oatoken"
BODY = (
    "<xml><ToUserName>gh</ToUserName><FromUserName>oLiLei</FromUserName><CreateTime>1</CreateTime>"
    "<MsgType>text</MsgType><Content>你好</Content><MsgId>7</MsgId></xml>"
)


class Processes:
    """Two that serve callbacks from one database. The answer is promised at once, and written
    down when `go` is set."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        vault = PhoneVault("s" * 32)
        surroundings = Surroundings(database, vault, clock, "Asia/Shanghai")
        self._bus = Bus(surroundings, lambda: None)
        self._clock = clock
        self.promised, self.go = asyncio.Event(), asyncio.Event()
        self.handled = 0
        self.one, self.other = (
            Gateway(
                {"oa": Envelope(Credentials("wx", TOKEN, ""), "oa")},
                InboxWriter(database, clock.ms),
                vault,
                clock,
                self._handle,
                answered_passively,
                lambda: None,
                Hands(),
            )
            for _ in range(2)
        )

    async def _handle(self, ref: RowRef, event: InboundEvent, passive: PassiveReply) -> None:
        self.handled += 1
        left = PASSIVE if passive.promise() else ""
        self.promised.set()
        await self.go.wait()
        said = {"text": "您好，我在"}
        key = reply_key(ref.id)
        await self._bus.say([Notice("said", key, said, customer=1, left=left)], cause=ref)
        passive.keep(said)

    async def deliver(self, gateway: Gateway) -> bytes:
        """What the callback answers."""
        timestamp = str(int(self._clock().timestamp()))
        signed = hashlib.sha1("".join(sorted([TOKEN, timestamp, "n"])).encode())  # noqa: S324
        query = {"timestamp": timestamp, "nonce": "n", "signature": signed.hexdigest()}
        return await gateway.accept("oa", query, BODY.encode())


@pytest.fixture
async def processes(sqlite_database: Database, clock: FakeClock) -> Processes:
    await Customer.create(id=1, name="李雷", pool="traffic", created_at=clock.now)
    return Processes(sqlite_database, clock)


async def test_a_redelivery_to_another_process_carries_the_answer_that_was_promised(
    processes: Processes,
) -> None:
    """WeChat had left the first one; whoever says "success" meanwhile makes it ask no more."""
    first = asyncio.create_task(processes.deliver(processes.one))
    await processes.promised.wait()
    second = asyncio.create_task(processes.deliver(processes.other))
    await asyncio.wait([second], timeout=0.2)
    processes.go.set()
    assert "您好，我在" in (await first).decode()
    assert "您好，我在" in (await second).decode()
    assert processes.handled == 1
