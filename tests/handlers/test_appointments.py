"""A place in a car is given once, whoever asks at the same moment."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from db.engine import Database
from db.errors import StorageDown
from db.models import Appointment, Lead, OutboxJob, TimelineEvent
from db.phone_vault import PhoneVault
from demo.load import demo_commands
from domain.appointment_commands import (
    BookTestDrive,
    CancelTestDrive,
    GiveBackHold,
    HoldTestDrive,
    KeepTestDrive,
    MoveTestDrive,
)
from domain.commands import (
    Command,
    ConsentGiven,
    IngestLead,
    Interest,
    LogFollowUp,
    Person,
    PutPolicy,
)
from domain.errors import AlreadyBooked, DomainError, SlotTaken, WrongState
from handlers.bus import Bus, Surroundings
from tests.clock import FakeClock

CROWD = 50
SATURDAY_10 = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
SATURDAY_11 = SATURDAY_10 + timedelta(hours=1)


@pytest.fixture
async def bus(database: Database, clock: FakeClock) -> Bus:
    given = Surroundings(database, PhoneVault("s" * 32), clock, "Asia/Shanghai")
    bus = Bus(given, wake=lambda: None)
    for command in demo_commands():
        await bus.execute(command)
    return bus


def book(openid: str = "oA", at: datetime = SATURDAY_10, key: str = "") -> BookTestDrive:
    return BookTestDrive("CC01", "tayron", at, "customer", key or f"{openid}:{at}", openid)


async def a_lead(bus: Bus, openid: str = "oA", phone: str = "13800138000") -> int:
    """A lead with consent at CC01; its customer writes from this openid."""
    consent = ConsentGiven(("contact", "share_with_dealer"), "t", "test", SATURDAY_10)
    person = Person(phone=phone, openid=openid)
    interest = Interest(model="tayron", dealer_code="CC01")
    lead = IngestLead("test", openid, SATURDAY_10, person, interest, consent, "api:test")
    return (await bus.execute(lead)).lead_id


async def outcomes(bus: Bus, orders: list) -> list:
    """What became of orders given all at once; who finds the database busy comes again."""

    async def insist(order: Command) -> object:
        while True:
            try:
                return await bus.execute(order)
            except StorageDown:
                continue

    return await asyncio.gather(*map(insist, orders), return_exceptions=True)


async def test_fifty_who_want_the_last_place_get_it_once(bus: Bus) -> None:
    done = await outcomes(bus, [book(f"o{n}") for n in range(CROWD)])
    booked = [result for result in done if isinstance(result, int)]
    refused = [result for result in done if isinstance(result, SlotTaken)]
    assert (len(booked), len(refused)) == (1, CROWD - 1)
    assert await Appointment.all().count() == 1
    assert await Lead.all().count() == 1  # who gets no place leaves no trace


async def test_a_slot_with_two_places_is_given_twice(bus: Bus) -> None:
    two = {"appointment": {"capacity": 2}}
    await bus.execute(PutPolicy("dealer:CC01", two, "test"))
    done = await outcomes(bus, [book(f"o{n}") for n in range(CROWD)])
    assert sum(isinstance(result, int) for result in done) == 2
    keys = await Appointment.all().values_list("place_key", flat=True)
    assert len(set(keys)) == 2


async def test_one_impatient_customer_has_one_test_drive(bus: Bus) -> None:
    done = await outcomes(
        bus, [book(at=SATURDAY_10 + timedelta(hours=n % 3), key=str(n)) for n in range(12)]
    )
    assert sum(isinstance(result, int) for result in done) == 1
    assert all(isinstance(r, int | AlreadyBooked) for r in done), done


async def test_a_held_place_is_nobody_elses_until_it_lapses(bus: Bus, clock: FakeClock) -> None:
    until = clock.now + timedelta(minutes=30)
    await bus.execute(HoldTestDrive("oA", "CC01", "tayron", SATURDAY_10, until))
    with pytest.raises(SlotTaken):
        await bus.execute(book("oB"))
    clock.advance(minutes=30)
    await bus.execute(book("oB"))
    with pytest.raises(SlotTaken):
        await bus.execute(book("oA"))


async def test_a_hold_becomes_the_booking(bus: Bus, clock: FakeClock) -> None:
    until = clock.now + timedelta(minutes=30)
    held = await bus.execute(HoldTestDrive("oA", "CC01", "tayron", SATURDAY_10, until))
    assert await bus.execute(book("oA")) == held
    row = await Appointment.get(id=held)
    assert (row.state, row.held_until) == ("booked", None)


async def test_a_customer_holds_one_place_at_a_time(bus: Bus, clock: FakeClock) -> None:
    until = clock.now + timedelta(minutes=30)
    await bus.execute(HoldTestDrive("oA", "CC01", "tayron", SATURDAY_10, until))
    await bus.execute(HoldTestDrive("oA", "CC01", "tayron", SATURDAY_11, until))
    await bus.execute(book("oB"))
    await bus.execute(GiveBackHold("oA"))
    assert await Appointment.all().count() == 1


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (SATURDAY_10 + timedelta(minutes=30), "no_slot"),
        (SATURDAY_10 + timedelta(hours=10), "closed"),
        (datetime(2026, 11, 24, 2, 30, tzinfo=UTC), "too_soon"),
    ],
)
async def test_only_times_that_exist_are_booked(bus: Bus, at: datetime, why: str) -> None:
    with pytest.raises(SlotTaken) as refused:
        await bus.execute(book(at=at))
    assert refused.value.facts["reason"] == why


async def test_the_lead_learns_of_it_and_its_adviser_hears(bus: Bus) -> None:
    lead_id = await a_lead(bus)
    await bus.execute(book())
    lead = await Lead.get(id=lead_id)
    assert "booked_test_drive" in [reason["code"] for reason in lead.reasons]
    lines = await TimelineEvent.filter(lead_id=lead_id, kind="appointment")
    assert [line.data["state"] for line in lines] == ["booked"]
    told = await OutboxJob.get(name="test_drive")
    assert told.staff_id
    assert told.data["happened"] == "booked"


async def test_moving_frees_the_old_place_and_takes_the_new(bus: Bus) -> None:
    await a_lead(bus)
    mine = await bus.execute(book())
    theirs = await bus.execute(book("oB", SATURDAY_11))
    with pytest.raises(SlotTaken):
        await bus.execute(MoveTestDrive(mine, SATURDAY_11, "customer"))
    await bus.execute(MoveTestDrive(mine, SATURDAY_11 + timedelta(hours=2), "customer"))
    await bus.execute(MoveTestDrive(theirs, SATURDAY_10, "customer"))
    lead = await Lead.get(id=(await Appointment.get(id=mine)).lead_id)
    wished = [signal[2] for signal in lead.signals if signal[0] == "booked_test_drive"]
    assert wished == [(SATURDAY_11 + timedelta(hours=2)).isoformat()]


async def test_two_who_swap_at_once_never_share_a_place(bus: Bus) -> None:
    ids = [await bus.execute(book(f"o{n}", SATURDAY_10 + timedelta(hours=n))) for n in range(3)]
    to = SATURDAY_10 + timedelta(hours=4)
    done = await outcomes(bus, [MoveTestDrive(i, to, "customer") for i in ids])
    assert sum(isinstance(result, int) for result in done) == 1


async def test_cancelling_frees_the_place_and_is_safe_to_repeat(bus: Bus) -> None:
    lead_id = await a_lead(bus)
    mine = await bus.execute(book())
    for _ in range(2):
        await bus.execute(CancelTestDrive(mine, "customer"))
    await bus.execute(book("oB"))
    lead = await Lead.get(id=lead_id)
    assert "booked_test_drive" not in [reason["code"] for reason in lead.reasons]
    lines = await TimelineEvent.filter(lead_id=lead_id, kind="appointment").order_by("id")
    assert [line.data["state"] for line in lines] == ["booked", "cancelled"]


async def test_who_came_cannot_cancel_and_a_late_note_corrects_a_no_show(bus: Bus) -> None:
    mine = await bus.execute(book())
    await bus.execute(KeepTestDrive(mine, False, "staff:wangfang"))
    await bus.execute(KeepTestDrive(mine, True, "staff:wangfang"))
    with pytest.raises(WrongState):
        await bus.execute(CancelTestDrive(mine, "customer"))


async def test_a_visit_the_adviser_records_keeps_the_test_drive(
    bus: Bus, clock: FakeClock
) -> None:
    lead_id = await a_lead(bus)
    mine = await bus.execute(book())
    clock.now = SATURDAY_10 + timedelta(minutes=50)
    log = LogFollowUp(lead_id, "staff:wangfang", "test_drive", "visit", clock.now)
    await bus.execute(log)
    assert (await Appointment.get(id=mine)).state == "kept"


async def test_a_lead_may_be_booked_for_by_its_adviser(bus: Bus) -> None:
    lead_id = await a_lead(bus)
    order = BookTestDrive("CC01", "tayron", SATURDAY_10, "staff:wangfang", "k", lead_id=lead_id)
    row = await Appointment.get(id=await bus.execute(order))
    assert (row.lead_id, row.booked_by) == (lead_id, "staff:wangfang")


async def test_every_refusal_is_one_the_edges_know(bus: Bus) -> None:
    for error in (SlotTaken, AlreadyBooked):
        assert issubclass(error, DomainError)
        assert error.code != DomainError.code
