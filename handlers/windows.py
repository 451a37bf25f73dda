"""What followers did that lets us write to them: acts of the last two days, on the ledger.

Only the newest act of a kind opens a window, and only windows of a minute overlap it; so older
acts of the same kind go as soon as a minute is over, and the ledger stays a handful of rows.
"""

from datetime import timedelta

from db import sql
from db.models import CustomerAct
from domain.contact_limits import SUBSCRIPTION
from domain.service_commands import CloseWindows, SpendSubscription
from handlers.tx import Tx

OVERLAP = timedelta(minutes=1)
_FORGET = "DELETE FROM customer_act WHERE customer_id = $1 AND kind = $2 AND at < $3 RETURNING id"
_NOTE = "INSERT INTO customer_act (customer_id, kind, at) VALUES ($1, $2, $3) RETURNING id"


async def opened(tx: Tx, customer_id: int, kind: str) -> None:
    """A follower did something: `kind` is one of `contact_limits.OA_WINDOWS`."""
    before = sql.moment(tx.now - OVERLAP)
    await sql.rows(_FORGET, customer_id, kind, before)
    await sql.rows(_NOTE, customer_id, kind, sql.moment(tx.now))


async def close_windows(command: CloseWindows, tx: Tx) -> None:
    """WeChat knows better: what was open when the refused message left, is not."""
    acts = CustomerAct.filter(customer_id=command.customer_id).exclude(kind=SUBSCRIPTION)
    await acts.filter(at__lte=command.known_at).delete()


async def spend_subscription(command: SpendSubscription, tx: Tx) -> None:
    """Each agreement is good for one subscription message; the oldest one goes first."""
    held = CustomerAct.filter(customer_id=command.customer_id, kind=SUBSCRIPTION).order_by("id")
    ids = await held.values_list("id", flat=True)
    gone = list(ids) if command.all_gone else list(ids)[:1]
    if gone:
        await CustomerAct.filter(id__in=gone).delete()
