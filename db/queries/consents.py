"""Which receipts of consent are in force. Plain SQL: every intake asks, several times."""

from datetime import datetime

from db import sql

_IN_FORCE = "SELECT purpose FROM consent WHERE customer_id = $1 AND withdrawn_at IS NULL"
_IN_FORCE_SINCE = f"{_IN_FORCE} AND obtained_at > $2"


async def purposes_in_force(customer_id: int, since: datetime | None) -> list[str]:
    """Purposes of the receipts that were not withdrawn, and given after `since` if it is set."""
    if since is None:
        rows = await sql.rows(_IN_FORCE, customer_id)
    else:
        rows = await sql.rows(_IN_FORCE_SINCE, customer_id, since)
    return [row["purpose"] for row in rows]
