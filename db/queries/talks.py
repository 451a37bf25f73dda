"""Hand-offs and tickets as those in them see them, and what WeChat still lets us send."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.expressions import Q

from db.models import (
    Assignment,
    CarModel,
    Customer,
    CustomerAct,
    Dealer,
    Handoff,
    Identity,
    Lead,
    OutboxJob,
    Staff,
    Ticket,
    TimelineEvent,
)
from db.models.queues import RowState
from db.queries.callers import Caller
from domain.contact_limits import OA_WINDOWS, SUBSCRIPTION, Act, SendLedger
from domain.scenes import scene_of

WORDS_SHOWN = 5
CALL_BY_NAME = 12  # characters; who writes more says something else too
WORDS_WITHIN = timedelta(days=1)
COUNTED = 20
LONGEST_WINDOW = max(window.length for window in OA_WINDOWS.values())


@dataclass(frozen=True, slots=True)
class HandoffFace:
    """A conversation as its adviser sees it. `number` is the lead's; None: there is no lead."""

    id: int
    customer_id: int
    number: int | None
    name: str
    model: str
    staff_id: str | None
    is_open: bool
    last_message_at: datetime


@dataclass(frozen=True, slots=True)
class TicketFace:
    """A ticket as staff see it."""

    id: int
    kind: str
    name: str
    text: str
    dealer: str
    due_at: datetime
    number: int | None


async def handoff_face(handoff_id: int) -> HandoffFace | None:
    """One conversation."""
    found = await Handoff.get_or_none(id=handoff_id)
    return await _face(found) if found else None


async def is_adviser_named(known: Caller, text: str) -> bool:
    """Whether a short message has the name of the adviser this customer belongs to."""
    if not 1 < len(text) <= CALL_BY_NAME:
        return False
    ids = [lead.id for lead in known.leads]
    held = await Assignment.filter(open_lead_id__in=ids) if ids else []
    scene = scene_of(known.scene)
    userids = [one.staff_id for one in held] + ([scene.value] if scene.kind == "staff" else [])
    people = await Staff.filter(userid__in=userids) if userids else []
    return any(person.name and person.name in text for person in people)


async def handoffs_of(userid: str) -> list[HandoffFace]:
    """Open conversations this member may answer: theirs, and those they were called to first."""
    member = await Staff.get(userid=userid)
    waiting = Q(dealer_code=member.dealer_id, waiting_since__isnull=False)
    nearby = Handoff.filter(open_customer_id__isnull=False, staff_id__isnull=False)
    rows = await nearby.filter(Q(staff_id=userid) | waiting).order_by("id")
    called = [row for row in rows if row.staff_id == userid or userid in row.asked]
    return [await _face(row) for row in called]


async def _face(row: Handoff) -> HandoffFace:
    customer = await Customer.get(id=row.customer_id)
    lead = await Lead.get_or_none(id=row.lead_id) if row.lead_id else None
    model = await CarModel.get_or_none(code=lead.model_code) if lead and lead.model_code else None
    return HandoffFace(
        id=row.id,
        customer_id=row.customer_id,
        number=row.lead_id,
        name=customer.name,
        model=model.name if model else "",
        staff_id=row.staff_id,
        is_open=row.closed_at is None,
        last_message_at=row.last_message_at,
    )


async def last_words(customer_id: int, now: datetime) -> list[str]:
    """What the customer wrote of late, oldest first; numbers masked as everywhere on file."""
    said = TimelineEvent.filter(
        customer_id=customer_id, kind="message_in", at__gte=now - WORDS_WITHIN
    )
    rows = await said.order_by("-id").limit(WORDS_SHOWN)
    return [str(row.data["text"]) for row in reversed(rows) if row.data.get("text")]


async def said_since(customer_id: int, since: datetime) -> int:
    """How many of a customer's newest messages are younger, as far as it matters."""
    said = TimelineEvent.filter(customer_id=customer_id, kind="message_in")
    newest = await said.order_by("-at").limit(COUNTED).values_list("at", flat=True)
    return sum(1 for at in newest if isinstance(at, datetime) and at > since)


async def ticket_face(ticket_id: int) -> TicketFace | None:
    """One ticket."""
    ticket = await Ticket.get_or_none(id=ticket_id)
    if ticket is None:
        return None
    customer = await Customer.get(id=ticket.customer_id)
    dealer = await Dealer.get_or_none(code=ticket.dealer_code) if ticket.dealer_code else None
    lead = await Lead.filter(customer_id=customer.id).order_by("-last_active_at").first()
    return TicketFace(
        id=ticket.id,
        kind=ticket.kind,
        name=customer.name,
        text=ticket.text,
        dealer=dealer.name if dealer else "",
        due_at=ticket.due_at,
        number=lead.id if lead else None,
    )


async def speaker(userid: str) -> tuple[str, str]:
    """Name and role of a member of staff, for those they write to."""
    found = await Staff.get_or_none(userid=userid)
    return (found.name, found.role) if found else ("", "adviser")


async def send_ledger(customer_id: int, now: datetime) -> SendLedger:
    """What a follower did and got within WeChat's longest window."""
    since = now - LONGEST_WINDOW
    known = CustomerAct.filter(customer_id=customer_id, kind__in=list(OA_WINDOWS))
    acts = await known.filter(at__gt=since)
    sent = OutboxJob.filter(
        customer_id=customer_id,
        staff_id__isnull=True,
        state=RowState.DONE,
        done_at_ms__gt=int(since.timestamp() * 1000),
    )
    return SendLedger(
        acts=tuple(Act(act.kind, act.at) for act in acts),
        sends=tuple(
            datetime.fromtimestamp((job.done_at_ms or 0) / 1000, UTC)
            for job in await sent
            if (job.result or {}).get("way") == "custom"
        ),
    )


async def may_have_subscription(customer_id: int) -> bool:
    """Whether the customer has allowed a subscription message that was not sent yet."""
    return await CustomerAct.exists(customer_id=customer_id, kind=SUBSCRIPTION)


async def is_behind(job: OutboxJob) -> bool:
    """Whether an earlier message of the same conversation is still on its way to this person."""
    earlier = OutboxJob.filter(customer_id=job.customer_id, name=job.name, id__lt=job.id)
    earlier = earlier.filter(staff_id=job.staff_id) if job.staff_id else earlier
    return await earlier.filter(state__in=[RowState.READY, RowState.LEASED]).exists()


@dataclass(frozen=True, slots=True)
class OrderFace:
    """What somebody bought: `state` is ordered or delivered."""

    state: str
    model: str
    adviser: str


async def order_of(openid: str) -> OrderFace | None:
    """The newest order of whoever writes from this openid."""
    owners = await _customers_at(openid)
    bought = Lead.filter(customer_id__in=owners, state__in=["ordered", "delivered"])
    lead = await bought.order_by("-last_active_at").first() if owners else None
    if lead is None:
        return None
    model = await CarModel.get_or_none(code=lead.model_code) if lead.model_code else None
    held = await Assignment.filter(lead_id=lead.id).order_by("-id").first()
    adviser = (await speaker(held.staff_id))[0] if held else ""
    return OrderFace(lead.state, model.name if model else "", adviser)


async def unplaced_ticket(openid: str) -> str | None:
    """The kind of an open ticket that waits to be told its city."""
    owners = await _customers_at(openid)
    waiting = Ticket.filter(customer_id__in=owners, open_key__isnull=False, dealer_code=None)
    found = await waiting.order_by("-id").first() if owners else None
    return found.kind if found else None


async def _customers_at(openid: str) -> list[int]:
    known = Identity.filter(kind="openid", value=openid)
    return [int(str(i)) for i in await known.values_list("customer_id", flat=True)]
