"""Which receipts of consent are in force. Plain SQL: every intake asks, several times."""

from datetime import datetime

from db import sql
from db.engine import already_read

_IN_FORCE = "SELECT purpose FROM consent WHERE customer_id = $1 AND withdrawn_at IS NULL"
_IN_FORCE_SINCE = f"{_IN_FORCE} AND obtained_at > $2"


async def purposes_in_force(customer_id: int, since: datetime | None) -> frozenset[str]:
    """Purposes of the receipts that were not withdrawn, and given after `since` if it is set.

    One transaction asks once: whoever writes receipts calls `forget_purposes` after it.
    """
    known: dict[tuple[int, datetime | None], frozenset[str]]
    known = already_read().setdefault(purposes_in_force, {})
    asked = (customer_id, since)
    if asked not in known:
        rows = await (
            sql.rows(_IN_FORCE, customer_id)
            if since is None
            else sql.rows(_IN_FORCE_SINCE, customer_id, since)
        )
        known[asked] = frozenset(row["purpose"] for row in rows)
    return known[asked]


def forget_purposes() -> None:
    """This transaction wrote receipts or moved them: the next question goes to the table."""
    already_read().pop(purposes_in_force, None)
