"""Whom steps may be tried out on, and what became of a trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.models import Customer, Identity, OutboxJob, TrialRecipient
from db.queries.faces import phone_ciphers
from db.queries.talks import may_have_subscription, send_ledger
from domain.contact_limits import remaining


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of the list. `window_until`: until when WeChat takes a customer-service message."""

    customer_id: int
    name: str
    phone_cipher: str | None
    follows: bool
    window_until: datetime | None
    subscribed: bool
    added_at: datetime
    added_by: str


async def recipients(now: datetime) -> list[Recipient]:
    """The list, the newest first; two who became one person stand there once."""
    rows = {row.customer_id: row for row in await TrialRecipient.all().order_by("id")}
    ids = list(rows)
    names = dict(await Customer.filter(id__in=ids).values_list("id", "name"))
    ciphers = await phone_ciphers(ids)
    return [
        await _recipient(rows[i], str(names.get(i, "")), ciphers.get(i), now)
        for i in reversed(ids)
    ]


async def _recipient(
    row: TrialRecipient, name: str, cipher: str | None, now: datetime
) -> Recipient:
    openids = Identity.filter(customer_id=row.customer_id, kind="openid", subscribed=True)
    follows = await openids.exists()
    window = remaining(await send_ledger(row.customer_id, now), now)
    return Recipient(
        customer_id=row.customer_id,
        name=name,
        phone_cipher=cipher,
        follows=follows,
        window_until=window.until if follows and window.left else None,
        subscribed=follows and await may_have_subscription(row.customer_id),
        added_at=row.added_at,
        added_by=row.added_by,
    )


async def person_of(kind: str, values: Sequence[str]) -> int | None:
    """The customer with exactly this phone (by its hashes) or openid."""
    known = await Identity.filter(kind=kind, value__in=list(values)).order_by("-id").first()
    return known.customer_id if known else None


async def find(key: str) -> OutboxJob | None:
    """The job of a trial."""
    return await OutboxJob.get_or_none(dedupe_key=key, name="trial")
