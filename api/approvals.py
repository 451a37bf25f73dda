"""Defeats that wait for a manager's decision, with the evidence."""

from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import RootModel

from api.desk import LeadBrief, brief, member_of, timezone_of
from api.errors import Refused
from api.fields import Body, View, iso
from api.roles import DESK
from api.routing import Call, Routes, RowId, answer
from api.scoping import scope_of
from db.queries.approvals import contacts_of, defeat_dealer, pending_defeats
from db.queries.faces import lead_faces
from db.queries.organisation import staff_names
from domain.commands import ReviewDefeat
from domain.errors import NotFound
from domain.phone import mask_in_text
from handlers.defeats import REVIEWERS
from texts import labels

routes = Routes("desk")
MOST = 100


class Approval(View):
    """A request to give a lead up. `findings` speak against its reason."""

    id: str
    lead: LeadBrief
    asked_by: str
    asked_at: str
    reason: str
    reason_text: str
    competitor: str
    note: str
    contacts: int
    contact_days: int
    suspicious: bool
    score: int
    findings: list[str]


class Approvals(RootModel[list[Approval]]):
    """What waits for a decision, oldest first."""


class ReviewIn(Body):
    """The decision."""

    approve: bool


class Reviewed(View):
    """What was decided."""

    id: str
    approved: bool


@routes.get("/me/approvals", scope=DESK, answers={200: Approvals})
async def list_approvals(call: Call) -> web.StreamResponse:
    """Defeats of the dealer or region that nobody has decided on."""
    _check_reviews(call)
    rows = await pending_defeats(await scope_of(call), MOST)
    ids = [row["lead_id"] for row in rows]
    faces, contacts = await lead_faces(ids), await contacts_of(ids)
    askers = {row["id"]: _userid(row["requested_by"]) for row in rows}
    names = await staff_names(set(askers.values()))
    zone = ZoneInfo(timezone_of(call))
    found = []
    for row in rows:
        tries = contacts.get(row["lead_id"], [])
        found.append(
            Approval(
                lead=brief(faces[row["lead_id"]], call),
                asked_by=names.get(askers[row["id"]], row["requested_by"]),
                contacts=len(tries),
                contact_days=len({at.astimezone(zone).date() for at in tries}),
                **_asked(row, call),
            )
        )
    return answer(Approvals(found))


@routes.post("/me/approvals/{defeat_id}", scope=DESK, answers={200: Reviewed})
async def review_defeat(call: Call, defeat_id: RowId, body: ReviewIn) -> web.StreamResponse:
    """Approve the defeat, or send the lead back to its adviser."""
    _check_reviews(call)
    dealer_code = await defeat_dealer(defeat_id)
    if dealer_code is None or not (await scope_of(call)).covers(dealer_code):
        raise NotFound("no such approval")
    await call.deps.bus.execute(ReviewDefeat(defeat_id, call.caller.name, body.approve))
    return answer(Reviewed(id=str(defeat_id), approved=body.approve))


def _check_reviews(call: Call) -> None:
    if member_of(call).role not in REVIEWERS:
        raise Refused(403, "not_allowed", "this is for those who decide on defeats")


def _asked(row: dict[str, Any], call: Call) -> dict[str, Any]:
    suspicion = row["suspicion"] or {}
    findings = labels.reason_texts(suspicion.get("reasons", []), call.now, timezone_of(call))
    return {
        "id": str(row["id"]),
        "asked_at": iso(row["requested_at"]),
        "reason": row["reason"],
        "reason_text": labels.defeat_reason_text(row["reason"]),
        "competitor": row["competitor"],
        "note": mask_in_text(row["note"]),
        "suspicious": bool(suspicion.get("suspicious")),
        "score": int(suspicion.get("score", 0)),
        "findings": findings,
    }


def _userid(by: str) -> str:
    return by.partition(":")[2]
