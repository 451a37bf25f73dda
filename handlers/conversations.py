"""What customers say on the official account: kept on their leads, felt by grade and adviser."""

from datetime import timedelta

import orjson

from db import sql
from db.models import ChatSession, Customer, CustomerAct, Handoff, Lead
from domain.commands import ForgetIdleTalks, HearCustomer, SaveSession
from domain.contact_limits import SUBSCRIPTION
from domain.events import CustomerActed, LeadTouched
from domain.lead import HELD_BY_ADVISER
from domain.service_commands import NoteSubscription
from handlers import customers, dispatch, leads, policies, windows
from handlers.tx import Notice, Tx

MENU = "menu"
SAID = frozenset({"message", MENU})
OFFICIAL = "oa"
_SAVE = """
INSERT INTO chat_session (channel, peer, state, updated_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (channel, peer) DO UPDATE
   SET state = excluded.state, updated_at = excluded.updated_at
RETURNING id
"""


async def hear_customer(command: HearCustomer, tx: Tx) -> int:
    """Note one message; what it reveals is a new fact of every open lead. Returns the customer."""
    customer = await customers.by_openid(tx, command.openid)
    tx.note(
        "message_in",
        "customer",
        customer_id=customer.id,
        text=command.text,
        form=command.kind,
        signals=list(command.signals),
    )
    customer.last_message_at = tx.now
    await windows.opened(tx, customer.id, "click" if command.kind == MENU else "message")
    if command.lat is not None:
        customer.lat, customer.lng = command.lat, command.lng
    if command.signals:
        await _feel(tx, customer, command)
    act = MENU if command.kind == MENU else "message"
    tx.emit(CustomerActed(customer.id, act, command.signals))
    return int(customer.id)


async def _feel(tx: Tx, customer: Customer, command: HearCustomer) -> None:
    open_leads = await Lead.filter(customer_id=customer.id, open_key__isnull=False)
    for row in open_leads:
        lead = tx.watch(row)
        leads.add_signals(tx, lead, *command.signals)
        lead.last_active_at = tx.now
        await _tell_adviser(tx, lead, command)


async def touch_leads(event: CustomerActed, tx: Tx) -> None:
    """What a message revealed is a new fact of every open lead."""
    if event.act in SAID and event.signals:
        open_leads = Lead.filter(customer_id=event.customer_id, open_key__isnull=False)
        for lead in await open_leads.order_by("id"):
            tx.emit(LeadTouched(lead.id, event.act))


async def _tell_adviser(tx: Tx, lead: Lead, command: HearCustomer) -> None:
    if lead.state not in HELD_BY_ADVISER:
        return
    assignment = await dispatch.running_assignment(tx, lead)
    if assignment and not await _talk_already(lead.customer_id, assignment.staff_id):
        key = f"customer_spoke:{lead.id}:{tx.now.timestamp():.3f}"
        data: dict[str, object] = {"lead_id": lead.id, "text": command.text}
        tx.notify(Notice("customer_spoke", key, data, staff=assignment.staff_id, lead=lead.id))


async def _talk_already(customer_id: int, userid: str) -> bool:
    """In a hand-off the adviser reads the message itself."""
    return await Handoff.exists(open_customer_id=customer_id, staff_id=userid)


async def note_subscription(command: NoteSubscription, tx: Tx) -> int:
    """One more subscription message may be sent, or none. Returns the customer's id."""
    customer = await customers.by_openid(tx, command.openid)
    if command.allowed:
        await CustomerAct.create(customer_id=customer.id, kind=SUBSCRIPTION, at=tx.now)
    else:
        await CustomerAct.filter(customer_id=customer.id, kind=SUBSCRIPTION).delete()
    return int(customer.id)


async def forget_idle_talks(command: ForgetIdleTalks, tx: Tx) -> int:
    """Conversations nobody went on with are over, and what was said in confidence goes."""
    idle = timedelta(minutes=(await policies.policy_for(None)).bot.idle_minutes)
    return await ChatSession.filter(channel=OFFICIAL, updated_at__lt=tx.now - idle).delete()


async def save_session(command: SaveSession, tx: Tx) -> None:
    """Remember what the conversation waits for."""
    state = orjson.dumps(command.state).decode()
    await sql.rows(_SAVE, command.channel, command.peer, state, sql.moment(tx.now))
