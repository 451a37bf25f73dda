"""The ledger of what WeChat lets us send: fed by what people do, used up by what left for them."""

from datetime import datetime, timedelta

import pytest

from bot.quota import may_send, why_not
from db.engine import Database
from db.models import OutboxJob
from db.models.queues import RowState
from db.phone_vault import PhoneVault
from domain.commands import HearCustomer, MeetCustomer, SetConsent
from domain.service_commands import CloseWindows
from handlers.bus import Bus, Surroundings
from tests.clock import FakeClock

OPENID = "oLedger"
ACTS = {
    "a message": (HearCustomer(OPENID, "text", "在吗"), 5, timedelta(hours=48)),
    "a voice": (HearCustomer(OPENID, "voice", "在吗"), 5, timedelta(hours=48)),
    "a picture": (HearCustomer(OPENID, "image", ""), 5, timedelta(hours=48)),
    "an opt-out": (SetConsent(OPENID, wanted=False, text="TD"), 5, timedelta(hours=48)),
    "a menu click": (HearCustomer(OPENID, "menu", "试驾"), 3, timedelta(minutes=1)),
    "following": (MeetCustomer(OPENID, "followed"), 3, timedelta(minutes=1)),
    "a scan": (MeetCustomer(OPENID, "scanned", "dealer_CC01"), 3, timedelta(minutes=1)),
    "leaving": (MeetCustomer(OPENID, "unfollowed"), 0, None),
}


@pytest.fixture
def bus(database: Database, clock: FakeClock) -> Bus:
    given = Surroundings(database, PhoneVault("s" * 32), clock, "Asia/Shanghai")
    return Bus(given, wake=lambda: None)


async def sent(customer: int, at: datetime, way: str = "custom", **more: object) -> None:
    """A notice that left for the customer."""
    ms = int(at.timestamp() * 1000)
    await OutboxJob.create(
        queue="urgent",
        state=RowState.DONE,
        due_at_ms=ms,
        created_at_ms=ms,
        done_at_ms=ms,
        kind="notice",
        name="said",
        dedupe_key=f"{way}:{ms}:{await OutboxJob.all().count()}",
        customer_id=customer,
        result={"outcome": "delivered", "way": way},
        **more,
    )


@pytest.mark.parametrize("act", ACTS)
async def test_what_an_act_allows_and_how_long(act: str, bus: Bus, clock: FakeClock) -> None:
    command, count, length = ACTS[act]
    customer = await bus.execute(command)
    allowed = await may_send(customer, clock.now)
    assert allowed.left == count
    assert allowed.until == (clock.now + length if length else None)
    if length:
        clock.advance(length.total_seconds() - 1)
        assert (await may_send(customer, clock.now)).left == count
        clock.advance(1)
        assert await why_not(customer, clock.now) == "window"


async def test_each_message_sent_is_counted_and_a_new_act_begins_anew(
    bus: Bus, clock: FakeClock
) -> None:
    customer = await bus.execute(HearCustomer(OPENID, "text", "在吗"))
    for left in (4, 3, 2, 1, 0):
        clock.advance(seconds=1)
        await sent(customer, clock.now)
        assert (await may_send(customer, clock.now)).left == left
    assert await why_not(customer, clock.now) == "quota"

    clock.advance(seconds=1)
    await bus.execute(HearCustomer(OPENID, "text", "还在吗"))
    assert (await may_send(customer, clock.now)).left == 5


@pytest.mark.parametrize("way", ["passive", "template", "wecom"])
async def test_other_ways_do_not_count(way: str, bus: Bus, clock: FakeClock) -> None:
    customer = await bus.execute(HearCustomer(OPENID, "text", "在吗"))
    clock.advance(seconds=1)
    await sent(customer, clock.now, way)
    await sent(customer, clock.now, "custom", staff_id="wangfang")
    assert (await may_send(customer, clock.now)).left == 5


async def test_a_click_lends_its_minute_before_the_message_is_used(
    bus: Bus, clock: FakeClock
) -> None:
    customer = await bus.execute(HearCustomer(OPENID, "text", "在吗"))
    clock.advance(seconds=1)
    await bus.execute(HearCustomer(OPENID, "menu", "试驾"))
    for _ in range(3):
        clock.advance(seconds=1)
        await sent(customer, clock.now)
    assert (await may_send(customer, clock.now)).left == 5
    clock.advance(minutes=1)
    assert (await may_send(customer, clock.now)).left == 5


async def test_wechat_is_believed_but_only_of_what_it_knew(bus: Bus, clock: FakeClock) -> None:
    customer = await bus.execute(HearCustomer(OPENID, "text", "在吗"))
    refused_at = clock.now
    clock.advance(seconds=1)
    await bus.execute(CloseWindows(customer, refused_at))
    assert await why_not(customer, clock.now) == "window"

    await bus.execute(HearCustomer(OPENID, "text", "在的"))
    await bus.execute(CloseWindows(customer, refused_at))
    assert (await may_send(customer, clock.now)).left == 5
