"""What followers did that lets us write to them: acts of the last two days, on the ledger.

Only the newest act of a kind opens a window, and only windows of a minute overlap it; so older
acts of the same kind go as soon as a minute is over, and the ledger stays a handful of rows.
"""

from datetime import timedelta

from db.models import CustomerAct
from domain.service_commands import CloseWindows
from handlers.tx import Tx

OVERLAP = timedelta(minutes=1)


async def opened(tx: Tx, customer_id: int, kind: str) -> None:
    """A follower did something: `kind` is one of `contact_limits.OA_WINDOWS`."""
    acts = CustomerAct.filter(customer_id=customer_id, kind=kind)
    await acts.filter(at__lt=tx.now - OVERLAP).delete()
    await CustomerAct.create(customer_id=customer_id, kind=kind, at=tx.now)


async def close_windows(command: CloseWindows, tx: Tx) -> None:
    """WeChat knows better: what was open when the refused message left, is not."""
    acts = CustomerAct.filter(customer_id=command.customer_id)
    await acts.filter(at__lte=command.known_at).delete()
