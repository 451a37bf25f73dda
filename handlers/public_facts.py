"""What each public fact is called, and what it says: ids, codes and times, nothing personal."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db.models import Appointment, Assignment, Customer, Defeat, FollowUp, Lead, Touchpoint
from domain import events as fact
from handlers import consents
from handlers.tx import Tx


@dataclass(frozen=True, slots=True)
class Told:
    """One fact in public words. Without a lead it concerns every dealer of the customer."""

    kind: str
    customer_id: int | None
    lead: Lead | None = None
    data: Mapping[str, object] = field(default_factory=dict)


def _of_lead(kind: str, lead: Lead, **more: object) -> Told:
    data: dict[str, object] = {
        "lead_id": str(lead.id),
        "customer_id": str(lead.customer_id),
        "dealer_code": lead.dealer_id,
        "source": lead.source,
        "model": lead.model_code,
        "level": lead.level,
        "state": str(lead.state),
    }
    return Told(kind, lead.customer_id, lead, {**data, **more})


def _of_customer(kind: str, customer_id: int, **more: object) -> Told:
    return Told(kind, customer_id, None, {"customer_id": str(customer_id), **more})


async def _opened(event: fact.LeadOpened, tx: Tx) -> Told:
    lead = await tx.see(Lead, event.lead_id)
    touch = await Touchpoint.filter(lead_id=lead.id).order_by("-id").first()
    return _of_lead(
        "lead.created",
        lead,
        outcome="reactivated" if event.reactivated else "created",
        attribution=lead.attribution,
        external_id=touch.external_id if touch else None,
    )


async def _touched(event: fact.LeadTouched, tx: Tx) -> Told:
    lead = await tx.see(Lead, event.lead_id)
    touch = await tx.find(Touchpoint, event.touchpoint_id) if event.touchpoint_id else None
    more = {"touch_source": touch.source, "external_id": touch.external_id} if touch else {}
    return _of_lead("lead.touched", lead, cause=event.cause, **more)


async def _graded(event: fact.LeadGraded, tx: Tx) -> Told:
    lead = await tx.see(Lead, event.lead_id)
    return _of_lead("lead.graded", lead, before=event.before, score=lead.score)


async def _assigned(event: fact.LeadAssigned, tx: Tx) -> Told:
    lead, held = await _held(event, tx)
    due = _iso(held.first_response_due_at)
    return _of_lead("lead.assigned", lead, userid=held.staff_id, first_response_due_at=due)


async def _accepted(event: fact.LeadAccepted, tx: Tx) -> Told:
    lead, held = await _held(event, tx)
    at = _iso(held.accepted_at)
    return _of_lead("lead.accepted", lead, userid=held.staff_id, accepted_at=at)


async def _overdue(event: fact.LeadOverdue, tx: Tx) -> Told:
    lead, held = await _held(event, tx)
    return _of_lead("lead.overdue", lead, userid=held.staff_id, mark=event.mark)


async def _recycled(event: fact.LeadRecycled, tx: Tx) -> Told:
    lead, held = await _held(event, tx)
    to = "region" if event.to_region else "sea"
    return _of_lead("lead.recycled", lead, userid=held.staff_id, to=to)


async def _closed(event: fact.LeadClosed, tx: Tx) -> Told:
    lead = await tx.see(Lead, event.lead_id)
    return _of_lead("lead.closed", lead, state=str(event.state))


async def _logged(event: fact.FollowUpLogged, tx: Tx) -> Told:
    return await _follow_up("follow_up.logged", event, tx)


async def _undone(event: fact.FollowUpUndone, tx: Tx) -> Told:
    return await _follow_up("follow_up.undone", event, tx)


async def _follow_up(kind: str, event: fact.FollowUpLogged | fact.FollowUpUndone, tx: Tx) -> Told:
    row = await tx.see(FollowUp, event.follow_up_id)
    return _of_lead(
        kind,
        await tx.see(Lead, event.lead_id),
        follow_up_id=str(row.id),
        userid=row.staff_id,
        result=row.result,
        way=row.way,
        occurred_at=_iso(row.occurred_at),
        next_follow_up_at=_iso(row.next_follow_up_at),
        appointment_at=_iso(row.appointment_at),
    )


async def _defeat_requested(event: fact.DefeatRequested, tx: Tx) -> Told:
    lead, row = await tx.see(Lead, event.lead_id), await tx.see(Defeat, event.defeat_id)
    return _of_lead("defeat.requested", lead, defeat_id=str(row.id), reason=row.reason)


async def _defeat_reviewed(event: fact.DefeatReviewed, tx: Tx) -> Told:
    lead, row = await tx.see(Lead, event.lead_id), await tx.see(Defeat, event.defeat_id)
    more = {"defeat_id": str(row.id), "reason": row.reason, "approved": event.approved}
    return _of_lead("defeat.reviewed", lead, **more)


async def _appointment(event: fact.AppointmentChanged, tx: Tx) -> Told:
    row = await tx.see(Appointment, event.appointment_id)
    return _of_lead(
        "appointment.changed",
        await tx.see(Lead, event.lead_id),
        appointment_id=str(row.id),
        happened=event.happened,
        appointment_state=row.state,
        start_at=_iso(row.start_at),
        end_at=_iso(row.end_at),
    )


async def _consent(event: fact.ConsentChanged, tx: Tx) -> Told:
    customer = await tx.see(Customer, event.customer_id)
    return _of_customer(
        "consent.changed",
        customer.id,
        purposes=sorted(await consents.purposes_of(customer)),
        opted_out=customer.opted_out_at is not None,
    )


async def _pool(event: fact.PoolMoved, tx: Tx) -> Told:
    return _of_customer("pool.moved", event.customer_id, before=event.before, pool=event.pool)


async def _link(event: fact.HandedOver, tx: Tx) -> Told:
    return _of_customer("link.moved", event.customer_id, before=event.before, link=event.link)


async def _merged(event: fact.CustomersMerged, tx: Tx) -> Told:
    merged = str(event.other_id)
    return _of_customer("customer.merged", event.customer_id, merged_customer_id=merged)


async def _parted(event: fact.CustomersParted, tx: Tx) -> Told:
    parted = str(event.other_id)
    return _of_customer("customer.parted", event.customer_id, parted_customer_id=parted)


async def _erased(event: fact.CustomerErased, tx: Tx) -> Told:
    return _of_customer("customer.erased", event.customer_id)


async def _held(event: Any, tx: Tx) -> tuple[Lead, Assignment]:
    lead = await tx.see(Lead, event.lead_id)
    return lead, await tx.see(Assignment, event.assignment_id)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


PUBLIC: Mapping[type[fact.Event], Callable[[Any, Tx], Awaitable[Told]]] = {
    fact.LeadOpened: _opened,
    fact.LeadTouched: _touched,
    fact.LeadGraded: _graded,
    fact.LeadAssigned: _assigned,
    fact.LeadAccepted: _accepted,
    fact.LeadOverdue: _overdue,
    fact.LeadRecycled: _recycled,
    fact.LeadClosed: _closed,
    fact.FollowUpLogged: _logged,
    fact.FollowUpUndone: _undone,
    fact.DefeatRequested: _defeat_requested,
    fact.DefeatReviewed: _defeat_reviewed,
    fact.AppointmentChanged: _appointment,
    fact.ConsentChanged: _consent,
    fact.PoolMoved: _pool,
    fact.HandedOver: _link,
    fact.CustomersMerged: _merged,
    fact.CustomersParted: _parted,
    fact.CustomerErased: _erased,
}
"""Which facts are public, and in which words."""
