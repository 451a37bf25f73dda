"""A customer's profile and the figures of their leads are as true as the rows they are drawn
from, in the same transaction."""

from datetime import UTC, datetime

import pytest

from db import figures, profiles
from db.engine import Database
from db.models import AssignmentFigure, Customer, Lead, LeadFigure, Profile
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


def an_order(number: int, **more: str) -> IngestLead:
    """A lead with consent at CC01."""
    at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    consent = ConsentGiven(EVERY_PURPOSE, "t", "test", at)
    person = Person(phone=f"1380013800{number}", **more)
    interest = Interest(model="tayron", dealer_code="CC01")
    return IngestLead("test", f"e-{number}", at, person, interest, consent, "api:test")


async def a_lead(bus: Bus, **more: str) -> tuple[int, int]:
    """The same taken in: its id and its customer's."""
    taken = await bus.execute(an_order(0, **more))
    return taken.lead_id, taken.customer_id


async def followed_up(bus: Bus, lead_id: int, result: str, at: datetime) -> int:
    logged = await bus.execute(LogFollowUp(lead_id, "api:test", result, "phone", at))
    return logged.follow_up_id


async def drift() -> int:
    """How many profiles and figures are not what the rows say."""
    highest = await Customer.all().order_by("-id").first()
    last = highest.id if highest else 0
    return await profiles.draw_range(1, last) + await figures.draw_range(1, last)


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


async def test_figures_of_many_leads_are_drawn_at_once(bus: Bus, clock: FakeClock):
    taken = await bus.execute_many([an_order(n) for n in range(5)])
    leads = [result.lead_id for result in taken]
    assert sorted(await LeadFigure.all().values_list("lead_id", flat=True)) == sorted(leads)
    assigned = AssignmentFigure.filter(staff_id__not="", source="test", model_code="tayron")
    assert sorted(await assigned.values_list("lead_id", flat=True)) == sorted(leads)
    assert await drift() == 0

    await followed_up(bus, leads[0], "test_drive", clock.now)
    await LeadFigure.filter(lead_id=leads[0]).update(visited_at=None)
    await AssignmentFigure.filter(lead_id=leads[1]).update(kept=9)
    assert await drift() == 2
    assert (await LeadFigure.get(lead_id=leads[0])).visited_at == clock.now
    assert (await AssignmentFigure.get(lead_id=leads[1])).kept == 0


async def test_a_merge_moves_the_figures_of_both(bus: Bus):
    first, second = await bus.execute_many([an_order(1, openid="oA"), an_order(2, unionid="uA")])
    await bus.execute(MeetCustomer("oA", "scanned", unionid="uA"))
    stays = await Lead.get(id=first.lead_id)
    owners = await LeadFigure.all().values_list("customer_id", "state")
    assert sorted(owners) == sorted(
        [(stays.customer_id, "lapsed"), (stays.customer_id, "assigned")]
    )
    assert second.lead_id != first.lead_id
    assert await drift() == 0
