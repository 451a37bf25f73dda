"""What may be done with a lead: follow up, accept, transfer, give up, reopen.

Every answer is the lead as it stands afterwards; what a rule forbids is a 409 problem.
"""

from typing import Literal, Self

from aiohttp import web
from pydantic import Field, model_validator

from api.app_parts import INTAKE
from api.fields import Body, Code, LevelCode, Moment, Name64, Text64, Text4000, Userid, View, Word
from api.lead_views import LeadView
from api.leads import lead_after
from api.routing import Call, Routes, RowId, answer
from api.scoping import owner_or_404, scope_of
from db.queries.organisation import find_staff
from domain.commands import AcceptLead, LogFollowUp, ReopenLead, RequestDefeat, TransferLead
from domain.errors import InvalidInput, NotAllowed, NotFound
from handlers.evidence import TALK_SECONDS

routes = Routes("leads")

Result = Literal[
    "connected",
    "unreachable",
    "refused",
    "wrong_number",
    "appointment",
    "visited",
    "test_drive",
    "quoted",
    "ordered",
    "delivered",
    "defeat",
    "dormant",
    "note",
]


class FollowUpIn(Body):
    """One thing done for a lead. `occurred_at`: when the contact happened; now unless given."""

    result: Result
    way: Word = Field(default="phone", max_length=16)
    note: Text4000 = ""
    occurred_at: Moment | None = None
    level: LevelCode | None = None
    next_follow_up_at: Moment | None = None
    appointment_at: Moment | None = None
    model: Text64 | None = None
    reason: Name64 | None = Field(
        default=None, description="Why the lead shall rest (dormant), for who must agree."
    )
    userid: Userid | None = Field(
        default=None, description="Who did it, if not the lead's adviser."
    )
    talk_seconds: int | None = Field(
        default=None, ge=0, le=86_400, description="How long the call was, where it is known."
    )


class FollowUpLogged(View):
    """A follow-up on file, and the lead as it stands now."""

    id: str
    lead: LeadView


class AcceptIn(Body):
    """Who takes the lead on; a signed-in member takes it themself."""

    userid: Userid | None = None


class TransferIn(Body):
    """To a member of staff or to a dealer."""

    userid: Userid | None = None
    dealer_code: Code | None = None
    reason: Name64

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if (self.userid is None) == (self.dealer_code is None):
            raise ValueError("needs either userid or dealer_code")
        return self


class DefeatIn(Body):
    """Why the lead is to be given up; a code of the policy's reason tree."""

    reason: Word
    competitor: Text64 | None = None
    note: Text4000 | None = None


class ReopenIn(Body):
    """Why a closed lead comes back into work."""

    reason: Name64


def acting(call: Call, userid: str | None) -> str | None:
    """Who acts: staff only as themselves, an API key in the name of anybody."""
    member = call.caller.member
    if member is None:
        return userid
    if userid not in (None, member.userid):
        raise NotAllowed(f"{member.userid} acts for nobody else")
    return member.userid


@routes.post("/leads/{lead_id}/follow-ups", scope="leads:work", answers={201: FollowUpLogged})
async def log_follow_up(call: Call, lead_id: RowId, body: FollowUpIn) -> web.StreamResponse:
    """Log one follow-up."""
    await owner_or_404(call, lead_id)
    catalogue = call.request.app[INTAKE].catalogue
    model = body.model and await catalogue.model_code(body.model, "model")
    logged = await call.deps.bus.execute(
        LogFollowUp(
            lead_id=lead_id,
            by=call.caller.name,
            result=body.result,
            way=body.way,
            occurred_at=body.occurred_at or call.now,
            userid=acting(call, body.userid),
            note=body.note,
            level=body.level,
            next_follow_up_at=body.next_follow_up_at,
            appointment_at=body.appointment_at,
            model=model or None,
            reason=body.reason or "",
            slots={} if body.talk_seconds is None else {TALK_SECONDS: body.talk_seconds},
        )
    )
    lead = await lead_after(call, lead_id)
    return answer(FollowUpLogged(id=str(logged.follow_up_id), lead=lead), 201)


@routes.post("/leads/{lead_id}/accept", scope="leads:work", answers={200: LeadView})
async def accept_lead(call: Call, lead_id: RowId, body: AcceptIn) -> web.StreamResponse:
    """Take the lead on in the name of its adviser."""
    await owner_or_404(call, lead_id)
    userid = acting(call, body.userid)
    if userid is None:
        raise InvalidInput([("userid", "Field required")])
    await call.deps.bus.execute(AcceptLead(lead_id, userid, call.caller.name))
    return answer(await lead_after(call, lead_id))


@routes.post("/leads/{lead_id}/transfer", scope="leads:work", answers={200: LeadView})
async def transfer_lead(call: Call, lead_id: RowId, body: TransferIn) -> web.StreamResponse:
    """Hand the lead to another adviser or dealer; staff only to those whose rows they see.

    Where the policy wants a manager to agree, an adviser's order is a request: the lead stays.
    """
    await owner_or_404(call, lead_id)
    await target_or_404(call, body.userid, body.dealer_code)
    await call.deps.bus.execute(
        TransferLead(
            lead_id=lead_id,
            reason=body.reason,
            by=call.caller.name,
            userid=body.userid,
            dealer_code=body.dealer_code,
        )
    )
    return answer(await lead_after(call, lead_id))


@routes.post("/leads/{lead_id}/defeat", scope="leads:work", answers={200: LeadView})
async def request_defeat(call: Call, lead_id: RowId, body: DefeatIn) -> web.StreamResponse:
    """Ask to give the lead up. The approval follows, unless the policy needs none."""
    await owner_or_404(call, lead_id)
    await call.deps.bus.execute(
        RequestDefeat(
            lead_id=lead_id,
            by=call.caller.name,
            reason=body.reason,
            competitor=body.competitor or "",
            note=body.note or "",
        )
    )
    return answer(await lead_after(call, lead_id))


@routes.post("/leads/{lead_id}/reopen", scope="leads:work", answers={200: LeadView})
async def reopen_lead(call: Call, lead_id: RowId, body: ReopenIn) -> web.StreamResponse:
    """Bring a closed lead back into work."""
    await owner_or_404(call, lead_id)
    await call.deps.bus.execute(ReopenLead(lead_id, call.caller.name, body.reason))
    return answer(await lead_after(call, lead_id))


async def target_or_404(call: Call, userid: str | None, dealer_code: str | None) -> None:
    """Staff hand leads only to those whose rows they see. Raises `NotFound`."""
    if call.caller.member is None:
        return
    staff = await find_staff(userid) if userid else None
    dealer_code = staff.dealer_id if staff else dealer_code
    if dealer_code is None or not (await scope_of(call)).covers(dealer_code):
        raise NotFound("no such staff or dealer")
