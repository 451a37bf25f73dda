"""Why a lead is where it is: its level, dealer, advisers and pool, each with its reasons."""

from typing import Any

from aiohttp import web

from api.desk import iso_or_none, timezone_of
from api.fields import View, iso
from api.routing import Call, Routes, RowId, answer
from api.scoping import owner_or_404, scope_of
from db.queries import explaining as stored
from db.queries.customers import find_customer
from db.queries.faces import lead_face
from db.queries.leads import find_lead
from db.queries.pulse import dealer_names
from domain.errors import NotFound
from domain.phone import mask_in_text
from texts import console, labels

routes = Routes("leads")


class Grading(View):
    """One grading and what led to it."""

    at: str
    cause: str
    level: str
    level_text: str
    score: int
    reasons: list[str]


class WhyDealer(View):
    """The dealer; `why` is empty for leads from before reasons were kept."""

    code: str
    name: str
    region: str
    why: str


class Holder(View):
    """One adviser's time with the lead."""

    userid: str
    name: str
    dealer_code: str
    why: str
    assigned_at: str
    accepted_at: str | None
    due_at: str
    answered_at: str | None
    ended_at: str | None
    end_text: str


class WhyPool(View):
    """The pool of the customer and who leads the conversation."""

    pool: str
    pool_text: str
    link_text: str
    why: str


class LeadExplained(View):
    """A lead's decisions. `hold`: why it is with nobody. Lists are newest first."""

    lead_id: str
    level_text: str
    reasons: list[str]
    state_text: str
    source_text: str
    model_text: str
    attribution_text: str
    gradings: list[Grading]
    dealer: WhyDealer | None
    hold: str
    holders: list[Holder]
    pool: WhyPool


@routes.get("/leads/{lead_id}/explain", scope="leads:read", answers={200: LeadExplained})
async def explain_lead(call: Call, lead_id: RowId) -> web.StreamResponse:
    """Why this level, this dealer, this adviser, this pool."""
    scope = await scope_of(call)
    customer_id = await owner_or_404(call, lead_id)
    sheet = await find_lead(lead_id, scope)
    customer = await find_customer(customer_id, scope)
    if sheet is None or customer is None:
        raise NotFound("no such lead")
    lead = sheet.lead
    return answer(
        LeadExplained(
            lead_id=str(lead_id),
            level_text=labels.level_text(lead["level"]),
            reasons=_texts(call, lead["reasons"]),
            state_text=labels.state_text(lead["state"]),
            source_text=labels.source_text(lead["source"]),
            model_text=face.model if (face := await lead_face(lead_id)) else "",
            attribution_text=labels.attribution_text(lead["attribution"]),
            gradings=[_grading(call, row) for row in await stored.grades(lead_id)],
            dealer=await _dealer(call, lead_id, lead["dealer_id"]),
            hold=_text(call, lead["hold_reason"]),
            holders=[_holder(call, row) for row in await stored.holders(lead_id)],
            pool=WhyPool(
                pool=customer["pool"],
                pool_text=labels.pool_text(customer["pool"]),
                link_text=labels.link_text(customer["link"]),
                why=_text(call, customer["pool_reason"]),
            ),
        )
    )


def _grading(call: Call, row: dict[str, Any]) -> Grading:
    return Grading(
        at=iso(row["at"]),
        cause=console.word("cause", row["cause"]),
        level=row["level"],
        level_text=labels.level_text(row["level"]),
        score=row["score"],
        reasons=_texts(call, row["reasons"]),
    )


async def _dealer(call: Call, lead_id: int, code: str | None) -> WhyDealer | None:
    if code is None:
        return None
    known = (await dealer_names([code])).get(code)
    return WhyDealer(
        code=code,
        name=known.name if known else code,
        region=known.region if known else "",
        why=_text(call, await stored.dealer_reason(lead_id)),
    )


def _holder(call: Call, row: dict[str, Any]) -> Holder:
    return Holder(
        userid=row["staff_id"],
        name=row["staff__name"] or row["staff_id"],
        dealer_code=row["dealer_code"],
        why=_text(call, row["why"]),
        assigned_at=iso(row["assigned_at"]),
        accepted_at=iso_or_none(row["accepted_at"]),
        due_at=iso(row["first_response_due_at"]),
        answered_at=iso_or_none(row["first_response_at"]),
        ended_at=iso_or_none(row["ended_at"]),
        end_text=labels.end_reason_text(row["end_reason"]) if row["end_reason"] else "",
    )


def _texts(call: Call, reasons: list[dict[str, Any]]) -> list[str]:
    found = labels.reason_texts(reasons, call.now, timezone_of(call))
    return [mask_in_text(text) for text in found]


def _text(call: Call, reason: dict[str, Any] | None) -> str:
    if not reason:
        return ""
    return mask_in_text(labels.reason_text(reason, call.now, timezone_of(call)))
