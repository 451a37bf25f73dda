"""Service after the sale: a ticket with a number and a deadline, at the store that can help."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.models import Customer, Dealer, Ticket
from domain.business_hours import NeverOpen
from domain.commands import HearCustomer
from domain.errors import NotFound, NotYours, WrongState
from domain.events import TicketLate
from domain.phone import mask_in_text
from domain.service_commands import AnswerTicket, OpenTicket
from handlers import conversations, policies
from handlers.alarms import set_alarm
from handlers.calendars import calendar_of
from handlers.serving import serving, staff_to_tell
from handlers.tx import SYSTEM, Notice, Tx

URGENT = "urgent"
COMPLAINT = "complaint"
CHAINS = {
    COMPLAINT: ("store_manager", "region_manager", "brand_ops"),
    "rescue": ("dcc", "store_manager", "region_manager", "brand_ops"),
    "maintenance": ("dcc", "store_manager", "region_manager", "brand_ops"),
}
"""Kind → who hears of it first, and to whom it goes each time the deadline passes again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the customer is told. Not `fresh`: it was added to the ticket they have open."""

    customer_id: int
    number: int
    kind: str
    fresh: bool
    due_at: datetime
    dealer: str = ""
    phone: str = ""


async def open_ticket(command: OpenTicket, tx: Tx) -> Receipt:
    """Note what the customer needs; words about the same trouble join the open ticket."""
    heard = HearCustomer(command.openid, command.form, mask_in_text(command.text))
    customer = await tx.get(Customer, await conversations.hear_customer(heard, tx))
    key = f"{customer.id}|{command.kind}"
    customer.city = customer.city or command.city
    served = await serving(tx, customer, command.city, command.dealer)
    found = await Ticket.get_or_none(open_key=key)
    ticket = tx.watch(found) if found else await _open(tx, command, customer, key)
    if found:
        ticket.text = f"{ticket.text}\n{heard.text}"[:2000]
    placed = ticket.dealer_code is None and served.dealer is not None
    if placed and served.dealer:
        ticket.dealer_code = served.dealer.code
    dealer = await _dealer_of(ticket)
    is_news = placed or not found
    if not found or (placed and tx.now < ticket.due_at):  # a store answers in its own hours
        ticket.due_at = await _deadline(tx, ticket, dealer)
        set_alarm(tx, "take_further", TicketLate(ticket.id, 1), ticket.due_at)
    await _tell(tx, ticket, "ticket_opened" if is_news else "ticket_more", 0)
    store = (dealer.name, dealer.phone) if dealer else ("", "")
    return Receipt(customer.id, ticket.id, ticket.kind, is_news, ticket.due_at, *store)


async def answer_ticket(command: AnswerTicket, tx: Tx) -> Ticket:
    """Staff answer: the customer reads it, the clock stops, `done` closes the ticket."""
    seen = await Ticket.get_or_none(id=command.ticket_id)
    if seen is None:
        raise NotFound(f"no ticket {command.ticket_id}")
    await tx.get(Customer, seen.customer_id)
    ticket = await tx.get(Ticket, command.ticket_id)
    if command.userid not in await _everybody(ticket):
        raise NotYours(f"ticket {ticket.id} is another store's", holder=ticket.dealer_code or "")
    if ticket.closed_at:
        raise WrongState(f"ticket {ticket.id} is closed", state=ticket.state)
    ticket.answered_at = ticket.answered_at or tx.now
    ticket.answered_by = f"staff:{command.userid}"
    if command.done:
        ticket.state, ticket.closed_at, ticket.open_key = "done", tx.now, None
    key = f"ticket_answer:{ticket.id}:{tx.mark}"
    said: dict[str, object] = {
        "words": "ticket_answer" if command.text else "ticket_done",
        "number": ticket.id,
        "sealed": tx.phones.encrypt(command.text),
        "userid": command.userid,
    }
    tx.notify(Notice("said", key, said, customer=ticket.customer_id, lane=URGENT))
    by, state = f"staff:{command.userid}", ticket.state
    tx.note("ticket_answered", by, customer_id=ticket.customer_id, number=ticket.id, state=state)
    return ticket


async def take_further(event: TicketLate, tx: Tx) -> None:
    """The deadline passed without an answer: the next in the chain hears of it."""
    seen = await Ticket.get_or_none(id=event.ticket_id)
    if seen is None or seen.answered_at or seen.closed_at or tx.now < seen.due_at:
        return
    await tx.get(Customer, seen.customer_id)
    ticket = await tx.get(Ticket, event.ticket_id)
    chain = CHAINS[ticket.kind]
    tx.note("ticket_late", SYSTEM, customer_id=ticket.customer_id, number=ticket.id)
    await _tell(tx, ticket, "ticket_late", event.step)
    if event.step + 1 < len(chain):
        again = TicketLate(ticket.id, event.step + 1)
        set_alarm(tx, "take_further", again, await _deadline(tx, ticket, await _dealer_of(ticket)))


async def _open(tx: Tx, command: OpenTicket, customer: Customer, key: str) -> Ticket:
    ticket = await tx.add(
        Ticket(
            kind=command.kind,
            customer_id=customer.id,
            open_key=key,
            text=mask_in_text(command.text),
            created_at=tx.now,
            due_at=tx.now,
        )
    )
    tx.note("ticket", "customer", customer_id=customer.id, number=ticket.id, ticket=ticket.kind)
    return ticket


async def _deadline(tx: Tx, ticket: Ticket, dealer: Dealer | None) -> datetime:
    """Business minutes of the store; where there is none, minutes."""
    minutes = (await policies.policy_for(dealer)).tickets.minutes_for(ticket.kind)
    try:
        return (
            calendar_of(dealer, tx.tz).add_minutes(tx.now, minutes)
            if dealer
            else tx.now + (timedelta(minutes=minutes))
        )
    except NeverOpen:
        return tx.now + timedelta(minutes=minutes)


async def _tell(tx: Tx, ticket: Ticket, name: str, step: int) -> None:
    """Tell the chain from this step on: the first role that has anybody."""
    dealer = await _dealer_of(ticket)
    for userid in await staff_to_tell(dealer, CHAINS[ticket.kind][step:]):
        key = f"{name}:{ticket.id}:{step}:{userid}:{tx.mark}"
        data: dict[str, object] = {"ticket_id": ticket.id}
        customer = ticket.customer_id
        tx.notify(Notice(name, key, data, staff=userid, customer=customer, lane=URGENT))


async def _everybody(ticket: Ticket) -> set[str]:
    """Everybody who may hear of the ticket may answer it."""
    dealer = await _dealer_of(ticket)
    chain = CHAINS[ticket.kind]
    return {userid for role in chain for userid in await staff_to_tell(dealer, (role,))}


async def _dealer_of(ticket: Ticket) -> Dealer | None:
    return await Dealer.get_or_none(code=ticket.dealer_code) if ticket.dealer_code else None
