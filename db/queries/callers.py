"""Who writes to the official account: what is on file of them, in a few reads."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from db import sql
from db.models import Lead, TimelineEvent

REMEMBERED = timedelta(days=30)
MOST_MESSAGES = 50
TELLING = 12  # characters

# Every message asks this, so it is one statement.
_CALLER = """
SELECT c.id, c.city, c.scene, c.lat, c.lng, c.opted_out_at,
       s.state AS talk, s.updated_at AS talked_at,
       EXISTS (SELECT 1 FROM identity p
                WHERE p.customer_id = c.id AND p.kind = 'phone') AS has_phone,
       EXISTS (SELECT 1 FROM lead l
                WHERE l.customer_id = c.id AND l.open_key IS NOT NULL) AS has_leads,
       EXISTS (SELECT 1 FROM appointment a WHERE a.customer_id = c.id AND a.end_at > $2
                  AND a.state IN ('booked', 'confirmed')) AS has_drive,
       (SELECT h.id FROM handoff h WHERE h.open_customer_id = c.id) AS handoff_id
  FROM identity i JOIN customer c ON c.id = i.customer_id
  LEFT JOIN chat_session s ON s.channel = 'oa' AND s.peer = i.value
 WHERE i.kind = 'openid' AND i.value = $1
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer as the bot knows them; `id` is None for somebody quite new.

    `talk` is what the conversation with them remembers, last gone on with at `talked_at`;
    `handoff_id` the conversation with a person that is open.
    """

    id: int | None = None
    city: str = ""
    scene: str = ""
    position: tuple[float, float] | None = None
    opted_out_at: datetime | None = None
    has_phone: bool = False
    has_drive: bool = False
    handoff_id: int | None = None
    talk: dict[str, Any] = field(default_factory=dict)
    talked_at: datetime | None = None
    leads: list[Lead] = field(default_factory=list)
    """Their open leads, the last active first."""

    @property
    def unplaced(self) -> Lead | None:
        """A lead that waits to learn which dealer it is for."""
        return next((lead for lead in self.leads if lead.dealer_id is None), None)


async def caller(openid: str, now: datetime) -> Caller:
    """Whoever writes from this openid."""
    found = await sql.rows(_CALLER, openid, sql.moment(now))
    if not found:
        return Caller()
    (row,) = found
    leads = Lead.filter(customer_id=row["id"], open_key__isnull=False)
    placed = row["lat"] is not None and row["lng"] is not None
    return Caller(
        id=row["id"],
        city=row["city"],
        scene=row["scene"],
        position=(row["lat"], row["lng"]) if placed else None,
        opted_out_at=_moment(row["opted_out_at"]),
        has_phone=bool(row["has_phone"]),
        has_drive=bool(row["has_drive"]),
        handoff_id=row["handoff_id"],
        talk=_json(row["talk"]),
        talked_at=_moment(row["talked_at"]),
        leads=await leads.order_by("-last_active_at", "-id") if row["has_leads"] else [],
    )


def _json(value: Any) -> dict[str, Any]:
    found = orjson.loads(value) if isinstance(value, str | bytes) else value
    return found if isinstance(found, dict) else {}


def _moment(value: Any) -> datetime | None:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


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
