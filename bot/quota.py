"""What WeChat still lets us send to a customer: one ledger for bot, staff and campaigns.

It is read from what the customer did and what left for them (`db.queries.talks.send_ledger`), so
it cannot drift; where WeChat sees it otherwise (45015, 45047), WeChat is believed.
"""

from datetime import datetime

from db.queries.talks import send_ledger
from domain.contact_limits import OA_WINDOWS, Remaining, remaining

WINDOW, QUOTA = "window", "quota"


async def may_send(customer_id: int, now: datetime) -> Remaining:
    """How many customer-service messages are left for this customer, and until when."""
    return remaining(await send_ledger(customer_id, now), now)


async def why_not(customer_id: int, now: datetime) -> str:
    """Why nothing may be sent: "window" (they were silent too long) or "quota"; else empty."""
    ledger = await send_ledger(customer_id, now)
    if remaining(ledger, now).left:
        return ""
    open_still = any(now < act.at + OA_WINDOWS[act.kind].length for act in ledger.acts)
    return QUOTA if open_still else WINDOW
