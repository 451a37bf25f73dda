"""A customer's part in campaigns, when the customer is merged, taken apart or erased."""

from typing import Any

from db.models import CustomerMerge, Enrolment, Touch, TrialRecipient
from domain.campaign import ARMED, OVER, WAITING
from handlers.snapshots import bring_back, snapshot
from handlers.tx import Tx

TABLE = "enrolment"
RUNNING = [WAITING, ARMED]
_OF_ENROLMENT = ("state", "reason", "ended_at")


async def move(
    tx: Tx, other_id: int, survivor_id: int
) -> tuple[dict[str, list[int]], dict[str, object]]:
    """Give everything to the survivor. Who was in a campaign twice is so no longer, and is not
    counted twice. Returns table → ids, and what `move_back` needs to know beside."""
    moved, ended = [], []
    for row in await Enrolment.filter(customer_id=other_id).order_by("id"):
        same = Enrolment.filter(campaign_id=row.campaign_id, customer_id=survivor_id)
        if await same.filter(round=row.round).exists():
            ended.append([row.id, snapshot(row, _OF_ENROLMENT)])
            row.reason, row.ended_at = "merged", row.ended_at or tx.now
            row.state = OVER if row.state in RUNNING else row.state
        else:
            moved.append(row.id)
            row.customer_id = survivor_id
        await row.save()
    return {TABLE: moved}, {TABLE: ended}


async def move_back(record: CustomerMerge) -> None:
    """The opposite: each goes on with what was theirs, and with what was sent in it since."""
    before: dict[str, Any] = record.before
    theirs = Enrolment.filter(id__in=record.moved.get(TABLE, []))
    await theirs.filter(customer_id=record.survivor_id).update(customer_id=record.other_id)
    sent = Touch.filter(enrolment_id__in=record.moved.get(TABLE, []))
    await sent.update(customer_id=record.other_id)
    for enrolment_id, kept in before.get(TABLE, []):
        row = await Enrolment.get_or_none(id=enrolment_id)
        if row is not None:
            bring_back(row, kept)
            row.state = WAITING if row.state == ARMED else row.state  # its job saw it was over
            await row.save()


async def erase(tx: Tx, customer_id: int) -> None:
    """Nothing more is planned for them; that there was somebody stays in the figures."""
    running = Enrolment.filter(customer_id=customer_id, state__in=RUNNING)
    await running.update(state=OVER, reason="erased", ended_at=tx.now)
    await TrialRecipient.filter(customer_id=customer_id).delete()
