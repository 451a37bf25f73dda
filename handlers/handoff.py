"""A customer and a member of staff talk through the bot: connected, relayed both ways, ended.

One conversation a customer at a time: the database sees to it. Who is called when nobody answers,
and what silence means, is in `handoff_clock`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.errors import TransactionConflict
from db.models import Assignment, Customer, Dealer, Handoff, Identity, Lead, Staff
from db.queries.talks import said_since
from domain.commands import HearCustomer, LogFollowUp
from domain.errors import HandoffOver, NotFound, NotReachable, NotYours
from domain.events import HandoffIdle, HandoffUnanswered
from domain.lead import LeadState
from domain.phone import mask_in_text
from domain.service_commands import AskForPerson, EndHandoff, RelayToCustomer, RelayToStaff
from handlers import conversations, dispatch, followups, policies, rights
from handlers.alarms import set_alarm
from handlers.serving import next_person, opening_of, serving, staff_to_tell
from handlers.tx import SYSTEM, Notice, Tx, to_ms

URGENT = "urgent"
IN_WORK = frozenset({LeadState.ASSIGNED, LeadState.ACCEPTED, LeadState.ORDERED})
MESSAGE_READERS = ("dcc", "store_manager", "region_manager", "brand_ops")
"""Who gets what a customer without an adviser left to be read: the first role that has anybody."""
A_MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 15
"""Messages of a customer that are passed on; nobody types more, and WeCom takes 30 for all."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What came of a customer's wish to talk. `name` and `role` are those of who is there.

    `outcome`: connected, relayed, message_left, or nobody came: after_hours, nobody, which_city.
    `opens_at` is when the dealer opens, if it is closed now.
    """

    customer_id: int
    outcome: str
    name: str = ""
    role: str = ""
    opens_at: datetime | None = None


# ── what the customer does ───────────────────────────────────────────────────────────────────


async def ask_for_person(command: AskForPerson, tx: Tx) -> Connection:
    """Connect to whoever serves this customer; with nobody there, offer to take a message."""
    customer = await _heard(tx, command.openid, command.kind, command.text)
    handoff = await _open_of(tx, customer.id)
    if handoff and handoff.staff_id:
        return await _to_staff(tx, handoff, command.kind, command.text)
    return await _connect(tx, customer, command.city, handoff, command.dealer)


async def relay_to_staff(command: RelayToStaff, tx: Tx) -> Connection:
    """Pass a customer's message on. Raises `HandoffOver` when nobody talks to them any more."""
    heard = HearCustomer(
        command.openid,
        command.kind,
        mask_in_text(command.text),
        lat=command.lat,
        lng=command.lng,
    )
    customer = await tx.get(Customer, await conversations.hear_customer(heard, tx))
    handoff = await _open_of(tx, customer.id)
    if handoff is None:
        raise HandoffOver(f"nobody talks to customer {customer.id}")
    handoff.last_message_at = tx.now
    if handoff.staff_id:
        return await _to_staff(tx, handoff, command.kind, command.text, command.media_id)
    if handoff.dealer_code is None and (command.city or command.lat is not None):
        found = await _connect(tx, customer, command.city, handoff)
        if found.outcome != "which_city":
            return found
    if handoff.dealer_code is None and command.asks_again:
        return Connection(customer.id, "which_city")
    return await leave_message(tx, handoff, command.text)


async def _heard(tx: Tx, openid: str, kind: str, text: str) -> Customer:
    heard = HearCustomer(openid, kind, mask_in_text(text))
    return await tx.get(Customer, await conversations.hear_customer(heard, tx))


async def _connect(
    tx: Tx, customer: Customer, city: str, handoff: Handoff | None, dealer: str = ""
) -> Connection:
    customer.city = customer.city or city
    served = await serving(tx, customer, city, dealer)
    if handoff is None:
        tx.note("handoff_started", "customer", customer_id=customer.id)
        handoff = await _begin(tx, customer)
    handoff.lead_id = served.lead.id if served.lead else None
    handoff.dealer_code = served.dealer.code if served.dealer else None
    handoff.last_message_at = tx.now
    person = await next_person(tx, served.dealer, served.adviser, [])
    if person:
        await call(tx, handoff, person, served.dealer)
        return Connection(customer.id, "connected", person.name, person.role)
    if served.dealer is None:
        return Connection(customer.id, "which_city")
    opens_at = _closed_until(served.dealer, tx)
    return Connection(customer.id, "after_hours" if opens_at else "nobody", opens_at=opens_at)


async def _to_staff(
    tx: Tx, handoff: Handoff, kind: str, text: str, media_id: str = ""
) -> Connection:
    said = {"handoff_id": handoff.id, "form": kind, "sealed": tx.phones.encrypt(text)}
    media = {"handoff_id": handoff.id, "form": kind, "media_id": media_id}
    if await said_since(handoff.customer_id, tx.now - A_MINUTE) >= MOST_A_MINUTE:
        _tell_of_flood(tx, handoff)
    else:
        tell(tx, handoff, "relay_in", str(handoff.staff_id), said)
        if media_id:
            tell(tx, handoff, "relay_in", str(handoff.staff_id), media, part="media")
    if handoff.waiting_since is None:
        handoff.waiting_since = tx.now
        await expect_answer(tx, handoff, await dealer_of(handoff))
    return Connection(handoff.customer_id, "relayed")


def _tell_of_flood(tx: Tx, handoff: Handoff) -> None:
    """Once a minute instead of each message: the adviser has other customers too."""
    key = f"relay_flood:{handoff.id}:{tx.now:%Y%m%d%H%M}"
    data: dict[str, object] = {"handoff_id": handoff.id}
    staff, customer = handoff.staff_id, handoff.customer_id
    tx.notify(Notice("relay_flood", key, data, staff=staff, customer=customer, lane=URGENT))


async def leave_message(tx: Tx, handoff: Handoff, text: str) -> Connection:
    """Keep what was said for whoever opens the store; the customer is the bot's again."""
    dealer = await dealer_of(handoff)
    opens_at = _closed_until(dealer, tx)
    data = {"handoff_id": handoff.id, "sealed": tx.phones.encrypt(text)}
    for userid in await _readers(handoff, dealer):
        hold = opens_at - tx.now if opens_at else timedelta()
        tell(tx, handoff, "message_left", userid, data, hold=hold)
    close(tx, handoff, "message_left")
    outcome = "message_left" if dealer else "message_left_nowhere"
    return Connection(handoff.customer_id, outcome, opens_at=opens_at)


def _closed_until(dealer: Dealer | None, tx: Tx) -> datetime | None:
    """When the dealer opens, if it is closed now."""
    opens_at = opening_of(dealer, tx)
    return opens_at if opens_at > tx.now else None


async def _readers(handoff: Handoff, dealer: Dealer | None) -> list[str]:
    held = await Assignment.get_or_none(open_lead_id=handoff.lead_id) if handoff.lead_id else None
    return [held.staff_id] if held else await staff_to_tell(dealer, MESSAGE_READERS)


# ── what staff do ────────────────────────────────────────────────────────────────────────────


async def relay_to_customer(command: RelayToCustomer, tx: Tx) -> int:
    """Say something to a customer; whoever speaks is the one they talk to from now on.

    Returns the hand-off's id. Raises `NotFound`, `NotYours`, `HandoffOver`, `NotReachable`.
    """
    staff = await tx.see(Staff, command.userid)
    handoff = await _meant(tx, command, staff)
    if handoff.staff_id not in (None, staff.userid):
        data: dict[str, object] = {"handoff_id": handoff.id, "name": staff.name}
        tell(tx, handoff, "handoff_taken", str(handoff.staff_id), data)
    is_new_voice = handoff.answered_at is None or handoff.staff_id != staff.userid
    if handoff.waiting_since:
        await _count_as_contact(tx, handoff, staff)
    handoff.staff_id, handoff.asked = staff.userid, [staff.userid]
    handoff.waiting_since, handoff.last_message_at = None, tx.now
    handoff.answered_at = handoff.answered_at or tx.now
    if command.text or is_new_voice:
        _say(tx, handoff, command, sealed=tx.phones.encrypt(command.text))
    if command.media_id:
        _say(tx, handoff, command, media_id=command.media_id)
    return int(handoff.id)


def _say(tx: Tx, handoff: Handoff, command: RelayToCustomer, **content: str) -> None:
    """Words are sent with who speaks; a picture or voice follows who was named before it."""
    said = {"handoff_id": handoff.id, "userid": command.userid, "form": command.kind, **content}
    key = f"relay_out:{handoff.id}:{tx.mark}:{'-'.join(content)}"
    customer, lead = handoff.customer_id, handoff.lead_id
    tx.notify(Notice("relay_out", key, said, customer=customer, lead=lead, lane=URGENT))


async def end_handoff(command: EndHandoff, tx: Tx) -> int:
    """Give the customer back to the bot, and tell the other side. Returns the customer's id."""
    handoff = await locked(tx, command.handoff_id)
    if handoff is None:
        raise HandoffOver(f"hand-off {command.handoff_id} has ended")
    userid, by_staff = handoff.staff_id, command.by != "customer"
    close(tx, handoff, "ended", command.by)
    if by_staff:
        tell_customer(tx, handoff, "handoff_over")
    elif userid:
        tell(tx, handoff, "handoff_over", userid, {"handoff_id": handoff.id, "why": "customer"})
    return int(handoff.customer_id)


async def _meant(tx: Tx, command: RelayToCustomer, staff: Staff) -> Handoff:
    """The open conversation the words belong to; for a lead without one, a new one."""
    if command.lead_id is None:
        handoff = await locked(tx, command.handoff_id or 0)
        if handoff is None or not await _is_theirs(handoff, staff):
            raise HandoffOver(f"hand-off {command.handoff_id} has ended")
        return handoff
    lead = await tx.get(Lead, command.lead_id)
    running = await _open_of(tx, lead.customer_id)
    if running and await _is_theirs(running, staff):
        return running
    customer = await tx.get(Customer, lead.customer_id)
    if staff.dealer_id == lead.dealer_id:
        await _check_reachable(customer)
    held = await dispatch.running_assignment(tx, lead)
    await rights.check_may_act(tx, f"staff:{staff.userid}", lead, held)
    if running and running.staff_id and running.dealer_code != lead.dealer_id:
        other = await tx.see(Staff, running.staff_id)
        raise NotYours(f"customer {lead.customer_id} talks to another dealer", holder=other.name)
    await _check_reachable(customer)
    handoff = running or await _begin(tx, customer)
    handoff.lead_id, handoff.dealer_code = lead.id, lead.dealer_id
    return handoff


async def _is_theirs(handoff: Handoff, staff: Staff) -> bool:
    helps = staff.role in rights.HELPERS and staff.dealer_id == handoff.dealer_code
    return helps or staff.userid in {handoff.staff_id, *handoff.asked}


async def _check_reachable(customer: Customer) -> None:
    if customer.opted_out_at:
        raise NotReachable(f"customer {customer.id} opted out", reason="opted_out")
    if not await Identity.exists(customer_id=customer.id, kind="openid", subscribed=True):
        raise NotReachable(f"customer {customer.id} does not follow", reason="unreachable")


async def _count_as_contact(tx: Tx, handoff: Handoff, staff: Staff) -> None:
    """Answering a customer who asked is a contact: the adviser need not type it again."""
    if handoff.lead_id is None or handoff.answered_at:
        return
    lead = await tx.get(Lead, handoff.lead_id)
    held = await dispatch.running_assignment(tx, lead)
    if lead.state in IN_WORK and held and held.staff_id == staff.userid:
        by = f"staff:{staff.userid}"
        contact = LogFollowUp(lead.id, by, "connected", "chat", tx.now, userid=staff.userid)
        await followups.log_follow_up(contact, tx)


# ── parts ────────────────────────────────────────────────────────────────────────────────────


async def call(tx: Tx, handoff: Handoff, person: Staff, dealer: Dealer | None) -> None:
    """Call somebody to a conversation in which the customer waits."""
    first = not handoff.asked
    handoff.staff_id, handoff.asked = person.userid, [*handoff.asked, person.userid]
    handoff.waiting_since = handoff.waiting_since or tx.now
    asked: dict[str, object] = {"handoff_id": handoff.id}
    tell(tx, handoff, "handoff_asked", person.userid, asked)
    if first:
        lead = await tx.get(Lead, handoff.lead_id) if handoff.lead_id else None
        tx.note(
            "handed_over",
            SYSTEM,
            lead=lead,
            customer_id=handoff.customer_id,
            link="person",
            userid=person.userid,
            name=person.name,
        )
    await expect_answer(tx, handoff, dealer)


async def expect_answer(tx: Tx, handoff: Handoff, dealer: Dealer | None) -> None:
    """Look again when the policy's minutes for an answer are over."""
    minutes = (await policies.policy_for(dealer)).bot.answer_minutes
    since = to_ms(handoff.waiting_since or tx.now)
    event = HandoffUnanswered(handoff.id, since, len(handoff.asked))
    set_alarm(tx, "pass_on", event, tx.now + timedelta(minutes=minutes))


def close(tx: Tx, handoff: Handoff, why: str, by: str = SYSTEM) -> None:
    """End the conversation; the customer is the bot's again."""
    handoff.closed_at, handoff.close_reason = tx.now, why
    handoff.open_customer_id, handoff.waiting_since = None, None
    tx.note("handoff_ended", by, customer_id=handoff.customer_id, why=why)


async def locked(tx: Tx, handoff_id: int) -> Handoff | None:
    """The hand-off, its customer locked before it; None when it is over."""
    seen = await Handoff.get_or_none(id=handoff_id)
    if seen is None:
        raise NotFound(f"no hand-off {handoff_id}")
    await tx.get(Customer, seen.customer_id)
    handoff = await tx.get(Handoff, handoff_id)
    if handoff.customer_id != seen.customer_id:
        raise TransactionConflict("the customer was merged meanwhile")
    return None if handoff.closed_at else handoff


async def dealer_of(handoff: Handoff) -> Dealer | None:
    return await Dealer.get_or_none(code=handoff.dealer_code) if handoff.dealer_code else None


def tell(
    tx: Tx,
    handoff: Handoff,
    name: str,
    userid: str,
    data: dict[str, object],
    hold: timedelta = timedelta(),
    part: str = "",
) -> None:
    """Write a notice of this conversation to a member of staff."""
    key = f"{name}:{handoff.id}:{userid}:{tx.mark}{part}"
    lead = handoff.lead_id
    notice = Notice(
        name,
        key,
        data,
        staff=userid,
        customer=handoff.customer_id,
        lead=lead,
        lane=URGENT,
        hold=hold,
    )
    tx.notify(notice)


def tell_customer(tx: Tx, handoff: Handoff, words: str) -> None:
    """Write a sentence of the bot, by the name of its words, to the customer."""
    data: dict[str, object] = {"words": words}
    key = f"{words}:{handoff.id}:{tx.mark}"
    tx.notify(Notice("said", key, data, customer=handoff.customer_id, lane=URGENT))


async def _open_of(tx: Tx, customer_id: int) -> Handoff | None:
    """The open hand-off of a customer who is locked already."""
    found = await Handoff.get_or_none(open_customer_id=customer_id)
    return tx.watch(found) if found else None


async def _begin(tx: Tx, customer: Customer) -> Handoff:
    row = Handoff(
        customer_id=customer.id,
        open_customer_id=customer.id,
        opened_at=tx.now,
        last_message_at=tx.now,
    )
    handoff = await tx.add(row)
    idle = timedelta(minutes=(await policies.policy_for(None)).bot.idle_minutes)
    set_alarm(tx, "end_idle", HandoffIdle(handoff.id), tx.now + idle)
    return handoff
