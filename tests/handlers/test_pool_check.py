"""The nightly round finds what is wrong, puts it right in the open, and finds nothing twice."""

from datetime import UTC, datetime

import pytest

from db.engine import Database
from db.models import Customer, OutboxJob, PoolCheck, PoolDifference, PoolMove, TimelineEvent
from db.phone_vault import PhoneVault
from demo.load import demo_commands
from domain.commands import ComparePools, ConsentGiven, IngestLead, Interest, MeetCustomer, Person
from handlers.bus import Bus, Surroundings
from tests.clock import FakeClock
from worker.pool_check import PoolCheck as Round

LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
TODAY = "2026-11-24"


@pytest.fixture
async def bus(database: Database, clock: FakeClock) -> Bus:
    given = Surroundings(database, PhoneVault("s" * 32), clock, "Asia/Shanghai")
    bus = Bus(given, wake=lambda: None)
    for command in demo_commands():
        await bus.execute(command)
    for number in range(5):
        consent = ConsentGiven(("contact", "share_with_dealer"), "t", "test", LONG_AGO)
        interest = Interest(model="tayron", dealer_code="CC01", purchase_window_days=7)
        person = Person(phone=f"1380013800{number}")
        lead = IngestLead("test", str(number), LONG_AGO, person, interest, consent, "api:test")
        await bus.execute(lead)
    await bus.execute(MeetCustomer("oNEW", "followed"))
    return bus


async def test_what_is_as_it_should_be_is_left_alone(bus: Bus) -> None:
    found = await bus.execute(ComparePools(TODAY, 100))

    assert (found.checked, found.wrong, found.finished) == (6, (), True)
    assert await PoolDifference.all().count() == 0
    assert await OutboxJob.filter(name="pools_differ").count() == 0
    assert (await bus.execute(ComparePools(TODAY, 100))).checked == 0, "once a day"


async def test_a_difference_is_put_right_with_a_note_and_told_to_ops_once(
    bus: Bus, clock: FakeClock
) -> None:
    """A wrong pool, a wrong link, a stay that is missing; batches of two, by two workers."""
    ids = [row.id for row in await Customer.all().order_by("id")]
    await Customer.filter(id=ids[0]).update(pool="nurture")
    await Customer.filter(id=ids[2]).update(link="brand")
    await PoolMove.filter(open_customer_id=ids[5]).delete()
    clock.advance(days=1)
    counted = []

    async def no_wait(_: float) -> None: ...

    def count(checked: int, differed: int) -> None:
        counted.append((checked, differed))

    for _ in range(2):
        await Round(bus, clock, "Asia/Shanghai", count, no_wait).run()

    assert sum(checked for checked, _ in counted) == 6
    assert sum(differed for _, differed in counted) == 3
    kept = await PoolDifference.all().order_by("customer_id")
    assert [(d.customer_id, d.kept, d.kept_link, d.pool, d.link) for d in kept] == [
        (ids[0], "nurture", "dealer", "prospects", "dealer"),
        (ids[2], "prospects", "brand", "prospects", "dealer"),
        (ids[5], "", "brand", "traffic", "brand"),
    ]
    assert await TimelineEvent.filter(kind="pool_corrected").count() == 3
    assert {(c.pool, c.link) for c in await Customer.filter(id__in=ids[:5])} == {
        ("prospects", "dealer")
    }
    assert await PoolMove.filter(open_customer_id__isnull=False).count() == 6
    check = await PoolCheck.get(day="2026-11-25")
    assert (check.checked, check.differences, check.finished_at) == (6, 3, clock.now)
    assert await OutboxJob.filter(name="pools_differ").count() == 1

    await bus.execute(ComparePools("2026-11-26", 100))
    assert (await PoolCheck.get(day="2026-11-26")).differences == 0


async def test_the_round_begins_at_night(bus: Bus, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 24, 18, 59, tzinfo=UTC)  # 02:59 in Shanghai
    duty = Round(bus, clock, "Asia/Shanghai", lambda checked, differed: None)
    await duty.run()
    assert await PoolCheck.all().count() == 0
    clock.advance(minutes=1)
    await duty.run()
    assert (await PoolCheck.get(day="2026-11-25")).finished_at == clock.now
