"""Who writes to the official account: what is on file of them, in a few reads."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from db.models import Customer, Identity, Lead, TimelineEvent

REMEMBERED = timedelta(days=30)
MOST_MESSAGES = 50
TELLING = 12  # characters


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer as the bot knows them; `customer` is None for somebody quite new."""

    customer: Customer | None = None
    has_phone: bool = False
    leads: list[Lead] = field(default_factory=list)
    """Their open leads, the last active first."""

    @property
    def id(self) -> int | None:
        return self.customer.id if self.customer else None

    @property
    def unplaced(self) -> Lead | None:
        """A lead that waits to learn which dealer it is for."""
        return next((lead for lead in self.leads if lead.dealer_id is None), None)

    @property
    def position(self) -> tuple[float, float] | None:
        known = self.customer
        if known is None or known.lat is None or known.lng is None:
            return None
        return known.lat, known.lng


async def caller(openid: str) -> Caller:
    """Whoever writes from this openid."""
    identity = await Identity.get_or_none(kind="openid", value=openid)
    if identity is None:
        return Caller()
    customer = await Customer.get(id=identity.customer_id)
    leads = Lead.filter(customer_id=customer.id, open_key__isnull=False)
    return Caller(
        customer,
        await Identity.exists(customer_id=customer.id, kind="phone"),
        await leads.order_by("-last_active_at", "-id"),
    )


async def signals_before_lead(customer_id: int, now: datetime) -> list[str]:
    """What the customer's messages revealed of late, for the grade of a lead that opens now."""
    said = TimelineEvent.filter(customer_id=customer_id, kind="message_in")
    rows = await said.filter(at__gte=now - REMEMBERED).order_by("-id").limit(MOST_MESSAGES)
    kinds = (row.data.get("signals", []) for row in reversed(rows))
    return [str(kind) for one in kinds if isinstance(one, list) for kind in one]


async def last_said(customer_id: int, now: datetime, count: int = 3) -> list[str]:
    """Their last words that tell an adviser something, numbers masked, oldest first."""
    said = TimelineEvent.filter(customer_id=customer_id, kind="message_in")
    rows = await said.filter(at__gte=now - timedelta(days=1)).order_by("-id").limit(MOST_MESSAGES)
    texts = [str(row.data.get("text", "")) for row in rows if _tells(row.data)]
    return texts[:count][::-1]


def _tells(data: dict[str, Any]) -> bool:
    """ "同意", "周六下午" or a number by itself tell nothing."""
    return bool(data.get("signals")) or len(str(data.get("text", ""))) > TELLING
