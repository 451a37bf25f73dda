"""One conversation a customer, whatever happens at the same moment."""

import asyncio
from datetime import UTC, datetime

import pytest

from db.engine import Database
from db.models import Customer, Handoff, OutboxJob, Ticket, TimelineEvent
from db.phone_vault import PhoneVault
from demo.load import demo_commands
from domain.commands import ConsentGiven, IngestLead, Interest, Person
from domain.errors import DomainError, HandoffOver, NotYours
from domain.privacy_commands import EraseCustomer
from domain.service_commands import (
    AnswerTicket,
    AskForPerson,
    EndHandoff,
    OpenTicket,
    RelayToCustomer,
    RelayToStaff,
)
from handlers.bus import Bus, Surroundings
from tests.clock import FakeClock

CROWD = 20
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
OPENID, PHONE = "oA", "13800138000"


@pytest.fixture
async def bus(database: Database, clock: FakeClock) -> Bus:
    given = Surroundings(database, PhoneVault("s" * 32), clock, "Asia/Shanghai")
    bus = Bus(given, wake=lambda: None)
    for command in demo_commands():
        await bus.execute(command)
    return bus


async def a_lead(bus: Bus, external_id: str = "1", **person: str) -> int:
    consent = ConsentGiven(("contact", "share_with_dealer"), "t", "test", LONG_AGO)
    interest = Interest(model="tayron", dealer_code="CC01")
    lead = IngestLead(
        "test", external_id, LONG_AGO, Person(**person), interest, consent, "api:test"
    )
    return (await bus.execute(lead)).lead_id


async def all_at_once(bus: Bus, *orders: object) -> list[object]:
    """The results, a refusal standing for itself."""

    async def one(order: object) -> object:
        try:
            return await bus.execute(order)
        except DomainError as refusal:
            return refusal

    return await asyncio.gather(*map(one, orders))


async def test_a_crowd_of_wishes_opens_one_conversation(bus: Bus) -> None:
    await a_lead(bus, phone=PHONE, openid=OPENID)
    asked = [AskForPerson(OPENID, f"人工{n}") for n in range(CROWD)]
    results = await all_at_once(bus, *asked)

    assert sorted(r.outcome for r in results) == ["connected"] + ["relayed"] * (CROWD - 1)
    assert await Handoff.filter(open_customer_id__isnull=False).count() == 1
    assert await OutboxJob.filter(name="handoff_asked").count() == 1
    assert await TimelineEvent.filter(kind="message_in").count() == CROWD


async def test_a_stranger_met_by_many_messages_at_once_is_one(bus: Bus) -> None:
    await all_at_once(bus, *(AskForPerson("oNew", f"人工{n}", city="长春") for n in range(CROWD)))
    assert await Customer.all().count() == 1
    assert await Handoff.all().count() == 1


async def test_it_ends_once_and_what_comes_after_is_refused(bus: Bus) -> None:
    await a_lead(bus, phone=PHONE, openid=OPENID)
    await bus.execute(AskForPerson(OPENID, "人工"))
    handoff = await Handoff.get()
    by = f"staff:{handoff.staff_id}"
    ended = [EndHandoff(handoff.id, "customer"), EndHandoff(handoff.id, by)]
    results = await all_at_once(bus, *ended, *ended)

    assert sum(isinstance(r, HandoffOver) for r in results) == 3
    assert await TimelineEvent.filter(kind="handoff_ended").count() == 1
    with pytest.raises(HandoffOver):
        await bus.execute(RelayToStaff(OPENID, "text", "还在吗"))
    assert await TimelineEvent.filter(kind="message_in").count() == 1


async def test_of_two_who_answer_at_once_one_holds_it(bus: Bus) -> None:
    number = await a_lead(bus, phone=PHONE, openid=OPENID)
    await bus.execute(AskForPerson(OPENID, "人工"))
    people = ("zhaomin", "sunli") * 5
    results = await all_at_once(
        bus, *(RelayToCustomer(userid, "text", "您好", lead_id=number) for userid in people)
    )

    assert not any(isinstance(r, DomainError) for r in results)
    assert await OutboxJob.filter(name="relay_out").count() == len(people)
    assert (await Handoff.get()).staff_id in people


async def test_words_on_their_way_are_sealed(bus: Bus) -> None:
    await a_lead(bus, phone=PHONE, openid=OPENID)
    await bus.execute(AskForPerson(OPENID, "人工"))
    await bus.execute(RelayToStaff(OPENID, "text", "打我另一个号 13911112222"))

    assert all("13911112222" not in str(job.data) for job in await OutboxJob.all())
    assert all("13911112222" not in str(line.data) for line in await TimelineEvent.all())


async def test_two_customers_who_turn_out_to_be_one_have_one_conversation(bus: Bus) -> None:
    await a_lead(bus, "1", phone=PHONE, openid=OPENID)
    await a_lead(bus, "2", phone="13900139000", openid="oB")
    for openid in (OPENID, "oB"):
        await bus.execute(AskForPerson(openid, "人工"))
        await bus.execute(OpenTicket(openid, "complaint", "我要投诉"))

    await a_lead(bus, "3", phone=PHONE, openid="oB")
    survivor = (await Customer.filter(merged_into_id=None).get()).id
    assert await Handoff.filter(open_customer_id=survivor).count() == 1
    assert await Handoff.filter(customer_id=survivor).count() == 2
    assert await Ticket.filter(customer_id=survivor).count() == 2
    assert await Ticket.filter(open_key__isnull=False).count() == 1
    assert (await bus.execute(RelayToStaff("oB", "text", "在吗"))).outcome == "relayed"


async def test_an_erased_person_is_talked_to_by_nobody(bus: Bus) -> None:
    number = await a_lead(bus, phone=PHONE, openid=OPENID)
    await bus.execute(AskForPerson(OPENID, "人工"))
    await bus.execute(OpenTicket(OPENID, "complaint", "王师傅态度差"))
    handoff = await Handoff.get()
    await bus.execute(EraseCustomer(handoff.customer_id, "api:test"))

    assert (await Handoff.get()).close_reason == "erased"
    assert (await Ticket.get()).text == ""
    assert not await OutboxJob.filter(customer_id=handoff.customer_id, state=0).exists()
    order = RelayToCustomer("sunli", "text", "您好", lead_id=number)
    with pytest.raises(DomainError):
        await bus.execute(order)


async def test_a_crowd_of_complaints_is_one_ticket(bus: Bus) -> None:
    await a_lead(bus, phone=PHONE, openid=OPENID)
    told = [OpenTicket(OPENID, "complaint", f"投诉{n}") for n in range(CROWD)]
    receipts = await all_at_once(bus, *told)

    assert {receipt.number for receipt in receipts} == {(await Ticket.get()).id}
    assert sum(receipt.fresh for receipt in receipts) == 1
    assert len((await Ticket.get()).text.splitlines()) == CROWD


async def test_a_ticket_is_closed_once_and_only_by_its_people(bus: Bus) -> None:
    await a_lead(bus, phone=PHONE, openid=OPENID)
    number = (await bus.execute(OpenTicket(OPENID, "maintenance", "保养"))).number
    with pytest.raises(NotYours):
        await bus.execute(AnswerTicket(number, "chenchen", "好了", True))

    closing = [AnswerTicket(number, "zhaomin", "", True)] * 4
    results = await all_at_once(bus, *closing)
    assert sum(isinstance(r, DomainError) for r in results) == 3
    assert await OutboxJob.filter(name="said").count() == 1
