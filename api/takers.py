"""To whom a lead may be handed: colleagues with what they hold, and for a region its dealers."""

from aiohttp import web
from pydantic import Field

from api.desk import member_of, timezone_of
from api.fields import View
from api.roles import DESK
from api.routing import Call, Routes, RowId, answer
from api.scoping import owner_or_404, scope_of
from db.queries.approvals import holder_of
from db.queries.leads import dealer_of_lead
from db.queries.organisation import open_dealers
from handlers.crew import Taker, takers
from texts import labels

routes = Routes("desk")


class Colleague(View):
    """Somebody of the lead's dealer. `why`: what keeps them from taking it now."""

    userid: str
    name: str
    role_text: str
    open_leads: int
    free: bool
    why: str


class DealerChoice(View):
    """A dealer the lead may go to instead."""

    code: str
    name: str
    city: str


class Takers(View):
    """Who is free first."""

    people: list[Colleague]
    dealers: list[DealerChoice] = Field(description="For who sees several dealers.")


@routes.get("/me/leads/{lead_id}/takers", scope=DESK, answers={200: Takers})
async def list_takers(call: Call, lead_id: RowId) -> web.StreamResponse:
    """Who could go on with this lead."""
    member = member_of(call)
    await owner_or_404(call, lead_id)
    here, holder = await dealer_of_lead(lead_id), await holder_of(lead_id)
    held_by = holder.staff_id if holder else None
    people = await takers(here, held_by, call.now, timezone_of(call)) if here else []
    others = []
    if member.dealer_code is None:
        others = [d for d in await open_dealers(await scope_of(call)) if d["code"] != here]
    return answer(
        Takers(
            people=[_colleague(taker) for taker in people],
            dealers=[DealerChoice(**dealer) for dealer in others],
        )
    )


def _colleague(taker: Taker) -> Colleague:
    staff, facts, why = taker
    return Colleague(
        userid=staff.userid,
        name=staff.name,
        role_text=labels.role_text(staff.role),
        open_leads=facts.open_leads,
        free=why is None,
        why=labels.reason_text({"code": why}) if why else "",
    )
