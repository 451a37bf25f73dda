"""What the dealer desk's resources share: who asks, whose work it is, and a lead in brief."""

from datetime import datetime

from api.auth import Member
from api.errors import Refused
from api.fields import View, iso
from api.masking import masked_phone
from api.routing import Call
from api.scoping import scope_of
from db.queries.faces import LeadFace
from db.queries.worklist import WorkOf
from domain.phone import mask_in_text
from texts import labels

LEADERS = frozenset({"dcc", "store_manager", "region_manager"})
"""Roles that look after the work of others."""


class LeadBrief(View):
    """A lead as a list shows it."""

    lead_id: str
    number: int
    name: str
    phone: str | None
    level: str
    level_text: str
    state: str
    state_text: str
    model: str
    source: str
    city: str
    dealer: str
    reasons: list[str]


def member_of(call: Call) -> Member:
    """The member of staff who asks. Raises a 403 `Refused` for an API key."""
    if call.caller.member is None:
        raise Refused(403, "staff_only", "this is for signed-in staff")
    return call.caller.member


async def work_of(call: Call, whose: str) -> WorkOf:
    """Whose work is shown: their own, or (`all`, for those who lead) everybody's they see."""
    member = member_of(call)
    if whose == "mine" or member.role not in LEADERS:
        return WorkOf(member.userid)
    return WorkOf(None, (await scope_of(call)).dealer_codes or frozenset())


def brief(face: LeadFace, call: Call, *, with_phone: bool = True) -> LeadBrief:
    """The lead in words; its phone is masked, or left out."""
    tz = call.deps.facts.get("timezone", labels.TIMEZONE)
    return LeadBrief(
        lead_id=str(face.id),
        number=face.id,
        name=face.name,
        phone=masked_phone(face.phone_cipher, call.deps.phones) if with_phone else None,
        level=face.level,
        level_text=labels.level_text(face.level),
        state=face.state,
        state_text=labels.state_text(face.state),
        model=face.model,
        source=labels.source_text(face.source),
        city=face.city,
        dealer=face.dealer,
        reasons=[mask_in_text(r) for r in labels.reason_texts(face.reasons, call.now, tz)],
    )


def timezone_of(call: Call) -> str:
    """The zone days are counted in."""
    return call.deps.facts.get("timezone", labels.TIMEZONE)


def iso_or_none(at: datetime | None) -> str | None:
    return iso(at) if at else None
