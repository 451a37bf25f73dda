"""A customer's profile is as true as the rows it is drawn from, in the same transaction."""

from datetime import UTC, datetime

import pytest

from db import profiles
from db.engine import Database
from db.models import Customer, Profile
from db.phone_vault import PhoneVault
from demo.load import demo_commands
from domain.commands import (
    ConsentGiven,
    IngestLead,
    Interest,
    LogFollowUp,
    MeetCustomer,
    Person,
    RequestDefeat,
    ReviewDefeat,
    SetConsent,
    UndoFollowUp,
)
from domain.privacy_commands import EraseCustomer
from handlers.bus import Bus, Surroundings
from tests.clock import FakeClock

EVERY_PURPOSE = ("contact", "share_with_dealer", "marketing")
MANAGER = "staff:sunli"


@pytest.fixture
async def bus(database: Database, clock: FakeClock) -> Bus:
    given = Surroundings(database, PhoneVault("s" * 32), clock, "Asia/Shanghai")
    bus = Bus(given, wake=lambda: None)
    for command in demo_commands():
        await bus.execute(command)
    return bus


async def a_lead(bus: Bus, **more: str) -> tuple[int, int]:
    """A lead with consent at CC01: its id and its customer's."""
    at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    consent = ConsentGiven(EVERY_PURPOSE, "t", "test", at)
    person = Person(phone="13800138000", **more)
    interest = Interest(model="tayron", dealer_code="CC01")
    lead = IngestLead("test", "e-1", at, person, interest, consent, "api:test")
    taken = await bus.execute(lead)
    return taken.lead_id, taken.customer_id


async def followed_up(bus: Bus, lead_id: int, result: str, at: datetime) -> int:
    logged = await bus.execute(LogFollowUp(lead_id, "api:test", result, "phone", at))
    return logged.follow_up_id


async def drift() -> int:
    """How many profiles are not what the rows say."""
    highest = await Customer.all().order_by("-id").first()
    return await profiles.draw_range(1, highest.id if highest else 0)


async def test_a_customers_road_shows_in_the_profile(bus: Bus, clock: FakeClock):
    await bus.execute(MeetCustomer("oA", "followed"))
    known = await Profile.get()
    assert (known.pool, known.follows, known.has_phone, known.leads) == ("traffic", True, False, 0)
    assert known.lead_id is None

    lead_id, customer_id = await a_lead(bus, openid="oA")
    start = clock.now
    await followed_up(bus, lead_id, "unreachable", start)
    await followed_up(bus, lead_id, "test_drive", start)
    clock.advance(days=1)
    quoted = await followed_up(bus, lead_id, "quoted", clock.now)
    profile = await Profile.get(customer_id=customer_id)
    assert (profile.lead_id, profile.state, profile.dealer_code) == (lead_id, "accepted", "CC01")
    assert (profile.has_phone, profile.may_market, profile.opted_out) == (True, True, False)
    assert (profile.test_drove_at, profile.quoted_at) == (start, clock.now)
    assert profile.ordered_at is None

    await bus.execute(UndoFollowUp(quoted, "api:test"))
    profile = await Profile.get(customer_id=customer_id)
    assert (profile.quoted_at, profile.contacted_at) == (None, start)

    await followed_up(bus, lead_id, "ordered", clock.now)
    clock.advance(days=30)
    await followed_up(bus, lead_id, "delivered", clock.now)
    profile = await Profile.get(customer_id=customer_id)
    assert (profile.pool, profile.state) == ("owners", "delivered")
    assert profile.delivered_at == profile.closed_at == clock.now
    assert await drift() == 0


async def test_a_defeat_shows_with_its_reason_and_a_stop_at_once(bus: Bus, clock: FakeClock):
    lead_id, customer_id = await a_lead(bus, openid="oA")
    for _ in range(3):
        clock.advance(days=1)
        await followed_up(bus, lead_id, "connected", clock.now)
    defeat_id = await bus.execute(RequestDefeat(lead_id, "api:test", "price"))
    await bus.execute(ReviewDefeat(defeat_id, MANAGER, approve=True))
    profile = await Profile.get(customer_id=customer_id)
    assert (profile.pool, profile.state, profile.defeat_reason) == (
        "nurture",
        "defeated",
        "price",
    )

    await bus.execute(SetConsent("oA", wanted=False, text="退订"))
    profile = await Profile.get(customer_id=customer_id)
    assert (profile.opted_out, profile.may_contact, profile.may_market) == (True, False, False)
    assert await drift() == 0


async def test_who_is_merged_away_or_erased_has_no_profile(bus: Bus):
    await bus.execute(MeetCustomer("oA", "followed"))
    await a_lead(bus, unionid="uA")
    assert await Profile.all().count() == 2

    await bus.execute(MeetCustomer("oA", "scanned", unionid="uA"))
    assert await Profile.all().count() == 1

    survivor = await Profile.get()
    await bus.execute(EraseCustomer(survivor.customer_id, "api:test"))
    assert not await Profile.exists()
    assert await drift() == 0
