"""What customers say on the official account: kept on their leads, felt by grade and adviser."""

from db.models import ChatSession, Customer, Lead
from domain.commands import HearCustomer, SaveSession
from domain.events import LeadTouched
from domain.lead import HELD_BY_ADVISER
from handlers import customers, dispatch, leads
from handlers.tx import Notice, Tx


async def hear_customer(command: HearCustomer, tx: Tx) -> int:
    """Note one message; what it reveals is a new fact of every open lead. Returns the customer."""
    customer = await customers.by_openid(tx, command.openid)
    tx.note(
        "message_in", "customer", customer_id=customer.id, text=command.text, form=command.kind
    )
    customer.last_message_at = tx.now
    if command.lat is not None:
        customer.lat, customer.lng = command.lat, command.lng
    if command.signals:
        await _feel(tx, customer, command)
    return int(customer.id)


async def _feel(tx: Tx, customer: Customer, command: HearCustomer) -> None:
    open_leads = await Lead.filter(customer_id=customer.id, open_key__isnull=False)
    for row in open_leads:
        lead = tx.watch(row)
        leads.add_signals(tx, lead, *command.signals)
        lead.last_active_at = tx.now
        tx.emit(LeadTouched(lead.id, "message"))
        await _tell_adviser(tx, lead, command)


async def _tell_adviser(tx: Tx, lead: Lead, command: HearCustomer) -> None:
    if lead.state not in HELD_BY_ADVISER:
        return
    assignment = await dispatch.running_assignment(tx, lead)
    if assignment:
        key = f"customer_spoke:{lead.id}:{tx.now.timestamp():.3f}"
        data: dict[str, object] = {"lead_id": lead.id, "text": command.text}
        tx.notify(Notice("customer_spoke", key, data, staff=assignment.staff_id, lead=lead.id))


async def save_session(command: SaveSession, tx: Tx) -> None:
    """Remember what the conversation waits for."""
    values = {"state": command.state, "updated_at": tx.now}
    await ChatSession.update_or_create(values, channel=command.channel, peer=command.peer)
