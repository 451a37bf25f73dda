"""One lead on the desk: everything its page shows, and what may be done with it now."""

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from api.desk import LeadBrief, brief, iso_or_none, member_of, timezone_of
from api.fields import Query, Text64, View, iso
from api.lead_views import LeadView
from api.leads import TimelineLine, lead_after, named_in, read_lead, timeline_line
from api.roles import DESK
from api.routing import Call, Routes, RowId, answer
from api.scoping import owner_or_404, scope_of
from db.models import Approval, Assignment
from db.queries.approvals import holder_of, is_sampled, open_request_of, pending_defeat_of
from db.queries.calling import is_to_be_called
from db.queries.faces import LeadFace, lead_faces
from db.queries.followups import newest_appointment_of, newest_follow_up_of
from db.queries.organisation import find_dealer, staff_names
from db.queries.scope import UNHELD
from db.queries.search import search_leads
from db.queries.timelines import newest_lines
from domain.approval import REVIEWERS, asks_first
from domain.commands import UndoFollowUp
from domain.errors import NotFound
from domain.lead import HELD_BY_ADVISER, LeadState
from domain.phone import InvalidPhone, mask_in_text, parse_phone
from domain.policy import Policy
from domain.privacy_commands import RevealPhone
from domain.sla import is_late
from domain.undo import may_undo
from handlers.policies import policy_for
from handlers.rights import HELPERS
from texts import labels

routes = Routes("desk")
LINES = 60
RESTING = frozenset({LeadState.DEFEATED, LeadState.DORMANT})
"""Leads that go on when the customer wants to talk again."""
"""Of the timeline, on the page."""
MOST_FOUND = 20


class Held(View):
    """Who holds the lead and what they owe it."""

    userid: str
    name: str
    mine: bool
    accepted: bool
    due_at: str | None
    late: bool


class May(View):
    """What this member may do with the lead now."""

    accept: bool
    claim: bool
    follow_up: bool
    transfer: bool
    defeat: bool
    reveal: bool
    reopen: bool
    review: str | None


class ReasonChoice(View):
    """A reason to give up."""

    code: str
    text: str


class DeskLead(View):
    """A lead's page. `undo`: the record that can still be taken back."""

    lead: LeadBrief
    message: str
    attribution: str
    budget: int | None
    held: Held | None
    appointment_at: str | None
    may: May
    undo: str | None
    asked: str | None = Field(description="What a manager is asked for: transfer or dormant.")
    reasons_to_defeat: list[ReasonChoice]
    reasons_to_transfer: list[ReasonChoice]
    reasons_to_rest: list[ReasonChoice] = Field(description="Empty: nobody has to agree.")
    levels: list[str]
    timeline: list[TimelineLine]
    now: str


class Phone(View):
    """The customer's number. Having asked for it stands in the timeline."""

    phone: str


class SearchQuery(Query):
    """A name, the last four digits of a phone, a whole phone, or the lead's number."""

    q: Text64


class Found(View):
    """Leads that fit, newest first."""

    items: list[LeadBrief]


@routes.get("/me/leads/{lead_id}", scope=DESK, answers={200: DeskLead})
async def get_desk_lead(call: Call, lead_id: RowId) -> web.StreamResponse:
    """A lead with everything its page shows, newest line first."""
    member_of(call)
    customer_id = await owner_or_404(call, lead_id)
    face = (await lead_faces([lead_id]))[lead_id]
    sheet = await read_lead(call, lead_id)
    holder = await holder_of(lead_id)
    rows = await newest_lines(lead_id, customer_id, LINES)
    names = await staff_names(named_in(rows) | ({holder.staff_id} if holder else set()))
    policy = await policy_for(await find_dealer(sheet.dealer_code or ""))
    asked = await open_request_of(lead_id)
    return answer(
        DeskLead(
            lead=brief(face, call, with_phone=face.state not in UNHELD),
            message=mask_in_text(face.message),
            attribution=labels.attribution_text(sheet.attribution),
            budget=sheet.budget,
            held=_held(call, holder, names) if holder else None,
            appointment_at=iso_or_none(await newest_appointment_of(lead_id, call.now)),
            may=await _may(call, face, sheet, holder, asked),
            asked=asked.kind if asked else None,
            undo=await _undoable(call, lead_id, policy),
            reasons_to_defeat=_reasons(policy.defeat.reasons, labels.defeat_reason_text),
            reasons_to_transfer=_reasons(policy.transfer.reasons, labels.transfer_reason_text),
            reasons_to_rest=_rests(call, policy),
            levels=[code for code in policy.levels.order if code not in ("N", "O")],
            timeline=[timeline_line(row, names, call.now) for row in rows],
            now=iso(call.now),
        )
    )


@routes.post("/leads/{lead_id}/phone", scope=DESK, answers={200: Phone})
async def reveal_phone(call: Call, lead_id: RowId) -> web.StreamResponse:
    """Show the customer's number, to whoever works on the lead; it must have been accepted."""
    member = member_of(call)
    await owner_or_404(call, lead_id)
    number = await call.deps.bus.execute(RevealPhone(lead_id, member.userid, call.caller.name))
    return answer(Phone(phone=number))


@routes.post(
    "/leads/{lead_id}/follow-ups/{follow_up_id}/undo", scope=DESK, answers={200: LeadView}
)
async def undo_follow_up(call: Call, lead_id: RowId, follow_up_id: RowId) -> web.StreamResponse:
    """Take the newest record of the lead back, if it is the member's own and not too old."""
    await owner_or_404(call, lead_id)
    newest = await newest_follow_up_of(lead_id)
    if newest is None or (newest.id, newest.staff_id) != (follow_up_id, member_of(call).userid):
        raise NotFound("no such record to take back")
    await call.deps.bus.execute(UndoFollowUp(follow_up_id, call.caller.name))
    return answer(await lead_after(call, lead_id))


@routes.get("/me/search", scope=DESK, answers={200: Found})
async def search(call: Call, query: SearchQuery) -> web.StreamResponse:
    """Find leads by what a colleague remembers."""
    member_of(call)
    words = query.q.strip()
    try:
        hashes = call.deps.phones.hashes(parse_phone(words))
    except InvalidPhone:
        hashes = []
    ids = await search_leads(words, hashes, await scope_of(call), MOST_FOUND) if words else []
    faces = await lead_faces(ids)
    items = [
        brief(faces[i], call, with_phone=faces[i].state not in UNHELD) for i in ids if i in faces
    ]
    return answer(Found(items=items))


def _held(call: Call, holder: Assignment, names: dict[str, str]) -> Held:
    waiting = holder.first_response_at is None
    due_at = holder.first_response_due_at if waiting else holder.next_follow_up_at
    return Held(
        userid=holder.staff_id,
        name=names.get(holder.staff_id, holder.staff_id),
        mine=holder.staff_id == member_of(call).userid,
        accepted=holder.accepted_at is not None,
        due_at=iso_or_none(due_at),
        late=due_at is not None and is_late(due_at, call.now),
    )


def _reasons(codes: Iterable[str], say: Callable[[str], str]) -> list[ReasonChoice]:
    return [ReasonChoice(code=code, text=say(code)) for code in codes]


def _rests(call: Call, policy: Policy) -> list[ReasonChoice]:
    if not asks_first("dormant", member_of(call).role, policy):
        return []
    return _reasons(policy.dormant.reasons, labels.dormant_reason_text)


async def _calls(call: Call, face: LeadFace, *, here: bool) -> bool:
    """Whether this member is to call somebody nobody works on: by the day's list, or a sample."""
    role = member_of(call).role
    if role == "brand_ops":
        return face.state == LeadState.DEFEATED and await is_sampled(face.id)
    day = call.now.astimezone(ZoneInfo(timezone_of(call))).date().isoformat()
    listed = here and role in HELPERS and face.state in RESTING
    return listed and await is_to_be_called(face.id, day)


async def _may(
    call: Call,
    face: LeadFace,
    sheet: LeadView,
    holder: Assignment | None,
    request: Approval | None,
) -> May:
    member = member_of(call)
    here = member.dealer_code is not None and member.dealer_code == sheet.dealer_code
    mine = holder is not None and holder.staff_id == member.userid
    works = holder is not None and (mine or (here and member.role in HELPERS))
    leads = works or member.role == "region_manager"
    asked = face.state == LeadState.DEFEAT_REQUESTED
    held = face.state in HELD_BY_ADVISER and not asked
    accepted = holder is not None and holder.accepted_at is not None
    defeat_id = await pending_defeat_of(face.id) if asked else None
    pending = f"defeat/{defeat_id}" if defeat_id else None
    if request:
        pending = f"request/{request.id}"
    return May(
        accept=mine and not accepted and not asked,
        claim=here and face.state in UNHELD,
        follow_up=works and held,
        transfer=leads and (held or face.state in (*UNHELD, LeadState.REGION)),
        defeat=works and held,
        reveal=(works and accepted) or await _calls(call, face, here=here),
        reopen=(here or member.role == "brand_ops") and face.state in RESTING,
        review=pending if member.role in REVIEWERS else None,
    )


async def _undoable(call: Call, lead_id: int, policy: Policy) -> str | None:
    newest = await newest_follow_up_of(lead_id)
    if newest is None or newest.staff_id != member_of(call).userid:
        return None
    return str(newest.id) if may_undo(newest.logged_at, call.now, policy) else None
