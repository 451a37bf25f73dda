"""A customer's conversations and tickets, when the customer is merged, taken apart or erased."""

from datetime import timedelta
from typing import Any

from db.models import CustomerAct, Handoff, OutboxJob, Ticket
from db.models.queues import RowState
from domain.events import HandoffIdle
from handlers import campaign_rows, policies
from handlers.alarms import set_alarm
from handlers.snapshots import Snapshot, bring_back, snapshot
from handlers.tx import Tx, to_ms

MERGED = "merged"
_OF_HANDOFF = ("open_customer_id", "closed_at", "close_reason", "waiting_since")


async def move(
    tx: Tx, other_id: int, survivor_id: int
) -> tuple[dict[str, list[int]], dict[str, object]]:
    """Give talks and tickets of a merged customer to the survivor; what both have open stays once.

    Returns table → ids, and what `move_back` needs to know beside.
    """
    handoffs = await Handoff.filter(customer_id=other_id).order_by("id")
    tickets = await Ticket.filter(customer_id=other_id).order_by("id")
    ended = [[h.id, before] for h in handoffs if (before := await _move_talk(tx, h, survivor_id))]
    for ticket in tickets:
        await _move_ticket(ticket, survivor_id)
    moved = {"handoff": [h.id for h in handoffs], "ticket": [t.id for t in tickets]}
    return moved, {"talks": ended}


async def _move_talk(tx: Tx, handoff: Handoff, survivor_id: int) -> Snapshot | None:
    """Returns what the talk was, if the merge ended it."""
    before = None
    handoff.customer_id = survivor_id
    if handoff.open_customer_id is not None:
        if await Handoff.exists(open_customer_id=survivor_id):
            before = snapshot(handoff, _OF_HANDOFF)
            handoff.open_customer_id, handoff.waiting_since = None, None
            handoff.closed_at, handoff.close_reason = tx.now, MERGED
        else:
            handoff.open_customer_id = survivor_id
    await handoff.save()
    return before


async def _move_ticket(ticket: Ticket, survivor_id: int) -> None:
    ticket.customer_id = survivor_id
    key = f"{survivor_id}|{ticket.kind}"
    if ticket.open_key is not None:
        ticket.open_key = None if await Ticket.exists(open_key=key) else key
    await ticket.save()


async def move_back(
    tx: Tx, moved: dict[str, list[int]], before: dict[str, Any], survivor_id: int, other_id: int
) -> None:
    """The opposite of `move`: a talk that the merge ended goes on, if nobody has begun another."""
    ended = dict(before["talks"])
    for handoff in await Handoff.filter(id__in=moved["handoff"], customer_id=survivor_id):
        handoff.customer_id = other_id
        if handoff.open_customer_id is not None:
            handoff.open_customer_id = other_id
        elif handoff.id in ended and handoff.close_reason == MERGED:
            await _go_on(tx, handoff, ended[handoff.id])
        await handoff.save()
    for ticket in await Ticket.filter(id__in=moved["ticket"], customer_id=survivor_id):
        ticket.customer_id = other_id
        if ticket.closed_at is None:
            key = f"{other_id}|{ticket.kind}"
            ticket.open_key = None if await Ticket.exists(open_key=key) else key
        await ticket.save()


async def _go_on(tx: Tx, handoff: Handoff, kept: Snapshot) -> None:
    bring_back(handoff, kept)
    idle = timedelta(minutes=(await policies.policy_for(None)).bot.idle_minutes)
    set_alarm(tx, "end_idle", HandoffIdle(handoff.id), tx.now + idle)


async def erase(tx: Tx, customer_id: int) -> None:
    """The words go, the facts of the work stay; what was on its way to them is stopped."""
    talks = Handoff.filter(open_customer_id=customer_id)
    await talks.update(
        open_customer_id=None, waiting_since=None, closed_at=tx.now, close_reason="erased"
    )
    await Ticket.filter(customer_id=customer_id).update(text="")
    await CustomerAct.filter(customer_id=customer_id).delete()
    await campaign_rows.erase(tx, customer_id)
    waiting = OutboxJob.filter(customer_id=customer_id, state=RowState.READY)
    stopped = {
        "state": RowState.DONE,
        "done_at_ms": to_ms(tx.now),
        "result": {"outcome": "erased"},
    }
    await waiting.update(**stopped)
    await OutboxJob.filter(customer_id=customer_id).update(data={})
