"""What cards, messages and to-do lists show of a lead, in one read each."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import reference
from db.models import (
    Assignment,
    CarModel,
    Customer,
    Dealer,
    Identity,
    Lead,
    Staff,
)

SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class LeadFace:
    """A lead as its adviser sees it. `phone_cipher` is for whoever may show the phone."""

    id: int
    customer_id: int
    name: str
    phone_cipher: str | None
    level: str
    state: str
    reasons: list[dict[str, Any]]
    model: str
    source: str
    city: str
    message: str
    dealer: str


@dataclass(frozen=True, slots=True)
class AssignmentFace:
    """An assignment with its lead and the adviser's name."""

    id: int
    lead: LeadFace
    userid: str
    adviser: str
    due_at: datetime
    accepted_at: datetime | None
    next_follow_up_at: datetime | None
    first_response_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


async def lead_faces(lead_ids: list[int]) -> dict[int, LeadFace]:
    """Faces of leads by id; unknown ids are left out."""
    leads = await Lead.filter(id__in=lead_ids)
    if not leads:
        return {}
    customers = {c.id: c for c in await Customer.filter(id__in=[x.customer_id for x in leads])}
    models, dealers = await reference.models(), await reference.dealers()
    ciphers = await phone_ciphers(list(customers))
    return {
        lead.id: LeadFace(
            id=lead.id,
            customer_id=lead.customer_id,
            name=customers[lead.customer_id].name,
            phone_cipher=ciphers.get(lead.customer_id),
            level=lead.level,
            state=lead.state,
            reasons=lead.reasons,
            model=_name(models.get(lead.model_code or "")) or lead.model_code or "",
            source=lead.source,
            city=lead.city or customers[lead.customer_id].city,
            message=lead.message,
            dealer=_name(dealers.get(lead.dealer_id or "")),
        )
        for lead in leads
    }


def _name(row: Dealer | CarModel | None) -> str:
    return row.name if row else ""


async def lead_face(lead_id: int) -> LeadFace | None:
    """The face of one lead."""
    return (await lead_faces([lead_id])).get(lead_id)


async def assignment_face(assignment_id: int) -> AssignmentFace | None:
    """One assignment with its lead."""
    found = await _assignment_faces(await Assignment.filter(id=assignment_id))
    return found[0] if found else None


async def held_by(userid: str, limit: int = 100) -> list[AssignmentFace]:
    """What an adviser holds now, the most urgent first."""
    running = Assignment.filter(staff_id=userid, ended_at__isnull=True)
    return await _assignment_faces(await running.order_by("next_follow_up_at", "id").limit(limit))


async def _assignment_faces(rows: list[Assignment]) -> list[AssignmentFace]:
    faces = await lead_faces([row.lead_id for row in rows])
    staff = {row.staff_id for row in rows}
    names = dict(await Staff.filter(userid__in=staff).values_list("userid", "name"))
    return [
        AssignmentFace(
            id=row.id,
            lead=faces[row.lead_id],
            userid=row.staff_id,
            adviser=names.get(row.staff_id, row.staff_id),
            due_at=row.first_response_due_at,
            accepted_at=row.accepted_at,
            next_follow_up_at=row.next_follow_up_at,
            first_response_at=row.first_response_at,
            ended_at=row.ended_at,
            end_reason=row.end_reason,
        )
        for row in rows
        if row.lead_id in faces
    ]


async def phone_ciphers(customer_ids: list[int]) -> dict[int, str]:
    """Sealed phones by customer; of several the oldest."""
    phones = Identity.filter(customer_id__in=customer_ids, kind="phone").order_by("-id")
    rows = await phones.values_list("customer_id", "cipher")
    return {int(customer): str(cipher) for customer, cipher in rows if cipher}


async def leads_meant(
    userid: str,
    text: str,
    reference: str,
    focus: int | None,
    is_called: Callable[[str, str], bool] = operator.eq,
) -> list[int]:
    """Which of an adviser's leads a sentence may be about.

    By `#number`, the phone's last four digits or a name, which may stand anywhere in the text
    when it is written in full; without any of these the lead in focus,
    else the only one they hold, else all of them: then they are asked. `is_called` tells whether
    somebody of that name may be meant by the reference.
    """
    running = Assignment.filter(staff_id=userid, ended_at__isnull=True)
    held = [int(i) for i in await running.order_by("-id").values_list("lead_id", flat=True)]  # type: ignore[call-overload]
    if reference.startswith("#"):
        number = reference[1:]
        return [i for i in held if str(i) == number]
    faces = await lead_faces(held)
    if not reference:
        meant = [i for i in held if i in faces and _names(text, faces[i].name)]
        return meant or ([focus] if focus is not None and focus in held else held)
    if reference.isdigit():
        ending = await _customers_ending(reference)
        return [i for i in held if i in faces and faces[i].customer_id in ending]
    named = {i: faces[i].name for i in held if i in faces and faces[i].name}
    exactly = [i for i, name in named.items() if name in reference]
    return exactly or [i for i, name in named.items() if is_called(name, reference)]


def _names(text: str, name: str) -> bool:
    return len(name) >= SHORTEST_NAME and name in text


async def _customers_ending(digits: str) -> set[int]:
    found = Identity.filter(kind="phone", last_four=digits[-4:])
    return {int(i) for i in await found.values_list("customer_id", flat=True)}  # type: ignore[call-overload]
