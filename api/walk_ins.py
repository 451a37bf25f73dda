"""A customer walks in: known or new, they are taken down by whoever talks to them."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, RootModel

from api.app_parts import INTAKE
from api.desk import LeadBrief, brief, member_of
from api.errors import Refused
from api.fields import Body, Code, Name64, Phone, Text32, Text200, View
from api.intake import MOST_WINDOW_DAYS, ConsentIn, CustomerIn, IntentIn, LeadIn, Purpose
from api.leads import LeadTaken, taken
from api.roles import DESK
from api.routing import Call, Routes, answer
from db.queries.approvals import holder_of
from db.queries.catalogue import models_on_sale
from db.queries.faces import lead_faces
from db.queries.organisation import staff_names
from db.queries.search import lead_of_phone
from domain.commands import LogFollowUp

routes = Routes("desk")

SOURCE = "walk_in"
CONSENT_VERSION = "walk-in-2026-01"
"""The wording the page shows beside the tick."""
RequestId = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]


class CheckIn(Body):
    """The number as far as it is typed."""

    phone: Phone


class Known(View):
    """Whether this dealer has the customer already, and who holds the lead."""

    known: bool
    lead: LeadBrief | None
    adviser: str
    mine: bool


class WalkIn(Body):
    """A customer in the shop. Sending the same `request_id` again changes nothing."""

    request_id: RequestId
    name: Name64
    phone: Phone
    model: Code | None = None
    purchase_window_days: Annotated[int, Field(ge=0, le=MOST_WINDOW_DAYS)] | None = None
    message: Text200 = ""
    consent: bool = Field(description="They agree that this dealer contacts them.")
    marketing: bool = False
    city: Text32 = ""


class ModelChoice(View):
    """A car line that is on sale."""

    code: str
    name: str


class ModelChoices(RootModel[list[ModelChoice]]):
    """What can be asked for."""


@routes.get("/me/models", scope=DESK, answers={200: ModelChoices})
async def list_models(call: Call) -> web.StreamResponse:
    """The car lines on sale."""
    member_of(call)
    return answer(ModelChoices([ModelChoice(**row) for row in await models_on_sale()]))


@routes.post("/me/walk-ins/check", scope=DESK, answers={200: Known})
async def check_phone(call: Call, body: CheckIn) -> web.StreamResponse:
    """Is this number a customer of this dealer? Those of other dealers are not told."""
    member = member_of(call)
    if member.dealer_code is None:
        raise Refused(403, "not_allowed", "this is for staff of a dealer")
    hashes = call.deps.phones.hashes(body.phone)
    lead_id = await lead_of_phone(hashes, member.dealer_code)
    if lead_id is None:
        return answer(Known(known=False, lead=None, adviser="", mine=False))
    holder = await holder_of(lead_id)
    names = await staff_names({holder.staff_id}) if holder else {}
    return answer(
        Known(
            known=True,
            lead=brief((await lead_faces([lead_id]))[lead_id], call),
            adviser=names.get(holder.staff_id, "") if holder else "",
            mine=holder is not None and holder.staff_id == member.userid,
        )
    )


@routes.post("/me/walk-ins", scope=DESK, answers={201: LeadTaken, 200: LeadTaken})
async def take_walk_in(call: Call, body: WalkIn) -> web.StreamResponse:
    """Take the customer down. A new lead stays with whoever met them, and counts as a visit.

    One that a colleague holds stays with the colleague, who is told that the customer came.
    """
    member = member_of(call)
    if member.dealer_code is None:
        raise Refused(403, "not_allowed", "this is for staff of a dealer")
    intake = call.request.app[INTAKE]
    lead = _lead(body, member.dealer_code, member.userid)
    order = await intake.command(lead, call.caller.name, call.now, met_by=member.userid)
    outcome = await call.deps.bus.execute(order)
    holder = await holder_of(outcome.lead_id)
    if outcome.outcome != "duplicate" and holder and holder.staff_id == member.userid:
        await call.deps.bus.execute(_visit(outcome.lead_id, call, member.userid))
    return answer(taken(outcome, call.now), 200 if outcome.outcome == "duplicate" else 201)


def _lead(body: WalkIn, dealer_code: str, userid: str) -> LeadIn:
    return LeadIn(
        source=SOURCE,
        external_id=f"{userid}:{body.request_id}",
        customer=CustomerIn(name=body.name, phone=body.phone, city=body.city),
        intent=IntentIn(
            model=body.model,
            dealer_code=dealer_code,
            purchase_window_days=body.purchase_window_days,
            message=body.message,
        ),
        consent=ConsentIn(
            purposes=_purposes(body),
            version=CONSENT_VERSION,
            channel=SOURCE,
        ),
    )


def _purposes(body: WalkIn) -> list[Purpose]:
    if not body.consent:
        return []
    asked: list[Purpose] = ["contact", "share_with_dealer"]
    return [*asked, "marketing"] if body.marketing else asked


def _visit(lead_id: int, call: Call, userid: str) -> LogFollowUp:
    return LogFollowUp(
        lead_id=lead_id,
        by=call.caller.name,
        result="visited",
        way="visit",
        occurred_at=call.now,
        userid=userid,
    )
