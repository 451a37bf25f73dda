"""Find leads at the console: by number, by name, by a whole phone (which is noted)."""

from typing import Any

from aiohttp import web
from pydantic import Field

from api.audited import note
from api.desk import LeadBrief, brief
from api.fields import Body, Name64, Reason, View
from api.masking import masked_phone
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from api.scoping import scope_of
from db.queries.faces import LeadFace, lead_faces
from db.queries.search import people_without_lead, search_leads
from domain.errors import InvalidInput
from domain.phone import InvalidPhone, mask, parse_phone
from texts import labels

routes = Routes("ops")
MOST_FOUND = 50


class SearchIn(Body):
    """A lead's number, a name, or a whole phone. In the body: addresses end up in logs."""

    q: Name64
    reason: Reason | None = Field(
        default=None, description="Why a phone is looked for; only a phone needs one."
    )


class FoundLead(LeadBrief):
    """A lead, and whose it is."""

    customer_id: str


class FoundPerson(View):
    """A customer who fits and has no lead."""

    customer_id: str
    name: str
    phone: str | None
    city: str
    pool_text: str


class FoundLeads(View):
    """Leads that fit, newest first; `by` is how the words were understood."""

    by: str
    items: list[FoundLead]
    people: list[FoundPerson]


@routes.post("/ops/leads/search", scope=CONSOLE, answers={200: FoundLeads})
async def search_as_ops(call: Call, body: SearchIn) -> web.StreamResponse:
    """Find leads, and for who sees everything also customers without one.

    A phone is found only as a whole and for a reason, and having looked for one is noted.
    """
    scope = await scope_of(call)
    by, words, hashes = _understood(call, body)
    ids = await search_leads(words, hashes, scope, MOST_FOUND)
    people: list[dict[str, Any]] = []
    if scope.dealer_codes is None and by != "number":
        people = await people_without_lead(words, hashes, MOST_FOUND)
    if by == "phone":
        found: dict[str, object] = {"count": len(ids) + len(people), "reason": body.reason}
        await note(call, "search_phone", mask(parse_phone(body.q)), found)
    faces = await lead_faces(ids)
    items = [_lead(faces[i], call) for i in ids if i in faces]
    return answer(FoundLeads(by=by, items=items, people=[_person(row, call) for row in people]))


def _lead(face: LeadFace, call: Call) -> FoundLead:
    return FoundLead(customer_id=str(face.customer_id), **brief(face, call).model_dump())


def _person(row: dict[str, Any], call: Call) -> FoundPerson:
    return FoundPerson(
        customer_id=str(row["id"]),
        name=row["name"],
        phone=masked_phone(row["cipher"], call.deps.phones),
        city=row["city"],
        pool_text=labels.pool_text(row["pool"]),
    )


def _understood(call: Call, body: SearchIn) -> tuple[str, str, list[str]]:
    """How the words are meant: a phone, the number of a lead (no phone's end), or a name.

    Raises `InvalidInput` for a phone without a reason.
    """
    try:
        phone = parse_phone(body.q)
    except InvalidPhone:
        digits = body.q.lstrip("#＃")
        if digits.isascii() and digits.isdigit():
            return "number", f"#{digits}", []
        return "name", body.q, []
    if body.reason is None:
        raise InvalidInput([("reason", "say why you look for this phone")])
    return "phone", "", call.deps.phones.hashes(phone)
