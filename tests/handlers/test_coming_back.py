"""An answer to a touch is felt at once, with the touch as the reason; on both databases."""

from datetime import UTC, datetime

import pytest

from db.engine import Database
from db.models import Assignment, Customer, GradeRecord, HandOver, Lead, PoolMove, TimelineEvent
from db.phone_vault import PhoneVault
from demo.load import demo_commands
from domain.commands import ConsentGiven, HearCustomer, IngestLead, Interest, LogFollowUp, Person
from domain.events import CustomerActed, Event, TouchAnswered
from handlers import bus as running
from handlers.bus import Bus, Surroundings, _settle_events
from handlers.tx import Tx
from tests.clock import FakeClock

LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
async def bus(database: Database, clock: FakeClock) -> Bus:
    given = Surroundings(database, PhoneVault("s" * 32), clock, "Asia/Shanghai")
    bus = Bus(given, wake=lambda: None)
    for command in demo_commands():
        await bus.execute(command)
    return bus


async def a_dormant_lead(bus: Bus) -> Lead:
    consent = ConsentGiven(("contact", "share_with_dealer"), "t", "test", LONG_AGO)
    interest = Interest(model="tayron", dealer_code="CC01")
    person = Person(phone="13800138000", openid="oA")
    order = IngestLead("test", "1", LONG_AGO, person, interest, consent, "api:test")
    lead_id = (await bus.execute(order)).lead_id
    await bus.execute(LogFollowUp(lead_id, "api:test", "dormant", "phone", LONG_AGO))
    return await Lead.get(id=lead_id)


async def happens(bus: Bus, *facts: Event) -> None:
    async def work(tx: Tx) -> None:
        for event in facts:
            tx.emit(event)
        await _settle_events(tx)

    await bus._in_tx(work)


async def test_a_reply_to_a_touch_is_graded_pooled_and_dispatched_for_that_reason(
    bus: Bus, clock: FakeClock
) -> None:
    lead = await a_dormant_lead(bus)
    clock.advance(days=10)
    await happens(bus, TouchAnswered(lead.customer_id, 12, "replied"))

    lead = await Lead.get(id=lead.id)
    assert (lead.level, lead.state, lead.attribution) == ("A", "assigned", "converted")
    assert "answered_touch" in [reason["code"] for reason in lead.reasons]
    held = await Assignment.filter(lead_id=lead.id).order_by("id")
    assert [row.staff_id for row in held] == [held[0].staff_id] * 2, "whom they know"
    assert (await GradeRecord.filter(lead_id=lead.id).order_by("-id").first()).cause == "touch:12"
    moves = await PoolMove.filter(customer_id=lead.customer_id).order_by("id")
    assert [(m.before, m.pool, m.cause) for m in moves] == [
        ("", "leads", "opened"),
        ("leads", "nurture", "follow_up"),
        ("nurture", "prospects", "touch:12"),
    ]
    assert [(m.stayed_s, m.open_customer_id) for m in moves] == [
        (0, None),
        (10 * 86400, None),
        (None, lead.customer_id),
    ]
    over = await HandOver.filter(customer_id=lead.customer_id).order_by("-id").first()
    assert (over.link, over.cause, over.staff_id) == ("dealer", "touch:12", held[1].staff_id)


async def test_words_and_touch_together_bring_the_customer_back_once(
    bus: Bus, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that answers a touch is both: one way back, the touch the cause of it."""
    lead = await a_dormant_lead(bus)
    clock.advance(days=10)
    facts: list[Event] = [TouchAnswered(lead.customer_id, 12, "replied")]

    async def matched(_event: Event, tx: Tx) -> None:
        while facts:
            tx.emit(facts.pop())

    both = {**running.NOW, CustomerActed: (matched, *running.NOW[CustomerActed])}
    monkeypatch.setattr(running, "NOW", both)
    await bus.execute(HearCustomer("oA", "text", "多少钱", ("asked_price",)))

    lead = await Lead.get(id=lead.id)
    assert {"asked_price", "answered_touch"} <= {reason["code"] for reason in lead.reasons}
    assert await Assignment.filter(lead_id=lead.id).count() == 2
    to_dealer = HandOver.filter(customer_id=lead.customer_id, link="dealer", cause__not="opened")
    assert [over.cause for over in await to_dealer] == ["touch:12"]


async def test_while_the_dealer_leads_an_answer_is_only_one_more_sign(bus: Bus) -> None:
    lead = await a_dormant_lead(bus)
    await happens(bus, TouchAnswered(lead.customer_id, 12, "clicked"))
    held = await Assignment.filter(lead_id=lead.id).count()
    await happens(bus, TouchAnswered(lead.customer_id, 13, "replied"))

    assert await Assignment.filter(lead_id=lead.id).count() == held
    assert (await GradeRecord.filter(lead_id=lead.id).order_by("-id").first()).cause == "touch:13"
    assert await TimelineEvent.filter(kind="touch_answered").count() == 2


async def test_no_thanks_is_an_answer_and_changes_nothing(bus: Bus) -> None:
    lead = await a_dormant_lead(bus)
    await happens(bus, TouchAnswered(lead.customer_id, 12, "declined"))

    assert (await Customer.get(id=lead.customer_id)).pool == "nurture"
    assert (await Lead.get(id=lead.id)).state == "dormant"
