"""What waits for a manager's decision, with the evidence: defeats, transfers, rests."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field, RootModel

from api.desk import LeadBrief, brief, member_of, timezone_of
from api.errors import Refused
from api.fields import Body, Userid, View, iso
from api.names import actor_names
from api.roles import DESK
from api.routing import Call, Routes, RowId, answer
from api.scoping import scope_of
from db.queries.approvals import (
    approval_dealer,
    contacts_of,
    defeat_dealer,
    pending_approvals,
    pending_defeats,
)
from db.queries.faces import lead_faces
from db.queries.organisation import dealer_name, find_staff, staff_names
from domain.approval import REVIEWERS
from domain.approval_commands import ReviewApproval
from domain.commands import Command, ReviewDefeat
from domain.errors import InvalidInput, NotFound
from domain.phone import mask_in_text
from texts import labels

routes = Routes("desk")
MOST = 100
DEFEAT, REQUEST = "defeat", "request"
"""What an approval's id begins with: the table its number is of."""


class Approval(View):
    """Something a manager must agree to. `findings` speak against its reason."""

    id: str
    kind: str = Field(description="defeat, dormant or transfer")
    lead: LeadBrief
    asked_by: str
    asked_at: str
    to: str = Field(description="Where a transfer shall go.")
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
    """The decision; what is refused stays with its adviser, or `userid` goes on with it."""

    approve: bool
    userid: Userid | None = None


class Reviewed(View):
    """What was decided."""

    id: str
    approved: bool


@routes.get("/me/approvals", scope=DESK, answers={200: Approvals})
async def list_approvals(call: Call) -> web.StreamResponse:
    """Requests of the dealer or region that nobody has decided on."""
    _check_reviews(call)
    scope = await scope_of(call)
    rows = [_defeat_row(row) for row in await pending_defeats(scope, MOST)]
    rows += [_request_row(row) for row in await pending_approvals(scope, MOST)]
    rows.sort(key=lambda row: row["asked_at"])
    ids = [row["lead_id"] for row in rows]
    faces, contacts = await lead_faces(ids), await contacts_of(ids)
    names = await staff_names({row["to_staff"] for row in rows} - {None})
    called = await actor_names(row["asked_by"] for row in rows)
    zone = ZoneInfo(timezone_of(call))
    found = []
    for row in rows[:MOST]:
        tries = contacts.get(row["lead_id"], [])
        found.append(
            Approval(
                lead=brief(faces[row["lead_id"]], call),
                to=await _target(row, names),
                asked_by=called(row["asked_by"]),
                contacts=len(tries),
                contact_days=len({at.astimezone(zone).date() for at in tries}),
                **_asked(row, call),
            )
        )
    return answer(Approvals(found))


@routes.post("/me/approvals/{kind}/{approval_id}", scope=DESK, answers={200: Reviewed})
async def review_approval(
    call: Call, kind: str, approval_id: RowId, body: ReviewIn
) -> web.StreamResponse:
    """Agree, send the lead back to its adviser, or let a colleague go on with it."""
    _check_reviews(call)
    scope = await scope_of(call)
    dealer_code = await _dealer_of(kind, approval_id)
    if dealer_code is None or not scope.covers(dealer_code):
        raise NotFound("no such approval")
    if body.userid:
        taker = await find_staff(body.userid)
        if taker is None or not scope.covers(taker.dealer_id):
            raise NotFound("no such staff")
        if body.approve:
            raise InvalidInput([("userid", "only goes with a refusal")])
    await call.deps.bus.execute(_order(call, kind, approval_id, body))
    return answer(Reviewed(id=f"{kind}/{approval_id}", approved=body.approve))


def _order(call: Call, kind: str, row_id: int, body: ReviewIn) -> Command:
    if kind == DEFEAT:
        return ReviewDefeat(row_id, call.caller.name, body.approve, body.userid)
    return ReviewApproval(row_id, call.caller.name, body.approve, body.userid)


async def _dealer_of(kind: str, row_id: int) -> str | None:
    owners = {DEFEAT: defeat_dealer, REQUEST: approval_dealer}
    return await owners[kind](row_id) if kind in owners else None


def _check_reviews(call: Call) -> None:
    if member_of(call).role not in REVIEWERS:
        raise Refused(403, "not_allowed", "this is for those who decide on requests")


def _defeat_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "ref": f"{DEFEAT}/{row['id']}",
        "kind": DEFEAT,
        "asked_by": row["requested_by"],
        "asked_at": row["requested_at"],
        "to_staff": None,
        "to_dealer": None,
        "reason_text": labels.defeat_reason_text(row["reason"]),
    }


def _request_row(row: dict[str, Any]) -> dict[str, Any]:
    say = {"transfer": labels.transfer_reason_text, "dormant": labels.dormant_reason_text}
    return {
        **row,
        "ref": f"{REQUEST}/{row['id']}",
        "competitor": "",
        "reason_text": say[row["kind"]](row["reason"]),
    }


def _asked(row: dict[str, Any], call: Call) -> dict[str, Any]:
    suspicion = row["suspicion"] or {}
    findings = labels.reason_texts(suspicion.get("reasons", []), call.now, timezone_of(call))
    return {
        "id": row["ref"],
        "kind": row["kind"],
        "asked_at": iso(row["asked_at"]),
        "reason": row["reason"],
        "reason_text": row["reason_text"],
        "competitor": row["competitor"],
        "note": mask_in_text(row["note"]),
        "suspicious": bool(suspicion.get("suspicious")),
        "score": int(suspicion.get("score", 0)),
        "findings": findings,
    }


async def _target(row: dict[str, Any], names: Mapping[str, str]) -> str:
    if row["to_staff"]:
        return names.get(row["to_staff"], str(row["to_staff"]))
    return await dealer_name(row["to_dealer"]) if row["to_dealer"] else ""
