"""A customer's conversations, tickets and send windows, when the customer is merged or erased."""

from db.models import CustomerAct, Handoff, OutboxJob, Ticket
from db.models.queues import RowState
from handlers.tx import Tx, to_ms


async def move(tx: Tx, other_id: int, survivor_id: int) -> None:
    """Give everything of a merged customer to the survivor; what both have open stays once."""
    for handoff in await Handoff.filter(customer_id=other_id):
        await _move_handoff(tx, handoff, survivor_id)
    for ticket in await Ticket.filter(customer_id=other_id):
        await _move_ticket(ticket, survivor_id)
    await CustomerAct.filter(customer_id=other_id).update(customer_id=survivor_id)


async def _move_handoff(tx: Tx, handoff: Handoff, survivor_id: int) -> None:
    handoff.customer_id = survivor_id
    if handoff.open_customer_id is not None:
        if await Handoff.exists(open_customer_id=survivor_id):
            handoff.open_customer_id, handoff.waiting_since = None, None
            handoff.closed_at, handoff.close_reason = tx.now, "merged"
        else:
            handoff.open_customer_id = survivor_id
    await handoff.save()


async def _move_ticket(ticket: Ticket, survivor_id: int) -> None:
    ticket.customer_id = survivor_id
    key = f"{survivor_id}|{ticket.kind}"
    if ticket.open_key is not None:
        ticket.open_key = None if await Ticket.exists(open_key=key) else key
    await ticket.save()


async def erase(tx: Tx, customer_id: int) -> None:
    """The words go, the facts of the work stay; what was on its way to them is stopped."""
    talks = Handoff.filter(open_customer_id=customer_id)
    await talks.update(
        open_customer_id=None, waiting_since=None, closed_at=tx.now, close_reason="erased"
    )
    await Ticket.filter(customer_id=customer_id).update(text="")
    await CustomerAct.filter(customer_id=customer_id).delete()
    waiting = OutboxJob.filter(customer_id=customer_id, state=RowState.READY)
    stopped = {
        "state": RowState.DONE,
        "done_at_ms": to_ms(tx.now),
        "result": {"outcome": "erased"},
    }
    await waiting.update(**stopped)
    await OutboxJob.filter(customer_id=customer_id).update(data={})
