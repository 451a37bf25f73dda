"""The open sea: leads nobody holds. Their past is told, their telephone number is not."""

from datetime import datetime

from aiohttp import web

from api import cursors
from api.desk import LeadBrief, brief, iso_or_none, member_of, timezone_of
from api.fields import PageSize, Query, View, iso
from api.lead_views import LeadView
from api.leads import lead_after
from api.roles import DESK
from api.routing import Call, Routes, RowId, answer
from api.scoping import owner_or_404, scope_of
from db.queries.faces import lead_faces
from db.queries.organisation import find_dealer, staff_names
from db.queries.scope import UNHELD
from db.queries.sea import Adrift, adrift, claims_since
from domain.commands import AcceptLead
from domain.lead import LeadState
from domain.phone import mask_in_text
from domain.policy import Policy
from domain.sea import claims_left, may_claim_at, start_of_day
from handlers.policies import policy_for
from texts import labels

routes = Routes("desk")


class SeaQuery(Query):
    """Which page."""

    limit: PageSize = 30
    cursor: str | None = None


class SeaItem(View):
    """A lead to be had. `may_claim_at`: from when on, for who lost it lately; null: now."""

    lead: LeadBrief
    since: str
    recycles: int
    last_adviser: str
    last_contact: str
    last_contact_at: str | None
    may_claim_at: str | None


class SeaPage(View):
    """The sea, newest first, and how many leads this member may still claim today."""

    items: list[SeaItem]
    next_cursor: str | None
    claims_left: int
    claims_per_day: int


@routes.get("/me/sea", scope=DESK, answers={200: SeaPage})
async def list_sea(call: Call, query: SeaQuery) -> web.StreamResponse:
    """Leads that nobody holds: of the dealer, or of the region and its dealers."""
    member = member_of(call)
    states = UNHELD if member.role != "region_manager" else (*UNHELD, LeadState.REGION)
    before = cursors.id_before(query.cursor)
    found = await adrift(await scope_of(call), states, before, query.limit + 1)
    page = found[: query.limit]
    dealer = await find_dealer(member.dealer_code) if member.dealer_code else None
    policy = await policy_for(dealer)
    claimed = await claims_since(member.userid, start_of_day(call.now, timezone_of(call)))
    return answer(
        SeaPage(
            items=await _items(call, page, policy),
            next_cursor=cursors.encode(page[-1].lead_id) if len(found) > query.limit else None,
            claims_left=claims_left(claimed, policy),
            claims_per_day=policy.sea.claims_per_day,
        )
    )


@routes.post("/leads/{lead_id}/claim", scope=DESK, answers={200: LeadView})
async def claim_lead(call: Call, lead_id: RowId) -> web.StreamResponse:
    """Take a lead out of the sea and accept it."""
    member = member_of(call)
    await owner_or_404(call, lead_id)
    await call.deps.bus.execute(AcceptLead(lead_id, member.userid, call.caller.name))
    return answer(await lead_after(call, lead_id))


async def _items(call: Call, page: list[Adrift], policy: Policy) -> list[SeaItem]:
    faces = await lead_faces([row.lead_id for row in page])
    names = await staff_names({row.last_userid for row in page if row.last_userid})
    return [
        SeaItem(
            lead=brief(faces[row.lead_id], call, with_phone=False),
            since=iso(row.since),
            recycles=row.recycles,
            last_adviser=names.get(row.last_userid or "", ""),
            last_contact=_last_contact(row),
            last_contact_at=iso_or_none(row.last_at),
            may_claim_at=iso_or_none(_cooling(call, row, policy)),
        )
        for row in page
        if row.lead_id in faces
    ]


def _last_contact(row: Adrift) -> str:
    if row.last_result is None:
        return ""
    told = (labels.result_text(row.last_result), mask_in_text(row.last_note))
    return " · ".join(part for part in told if part)


def _cooling(call: Call, row: Adrift, policy: Policy) -> datetime | None:
    until = may_claim_at(row.state, row.lost_by_at.get(member_of(call).userid), policy)
    return until if until and until > call.now else None
