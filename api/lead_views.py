"""A lead as the API shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.fields import View, iso
from api.masking import masked_phone
from db.phone_vault import PhoneVault
from db.queries.leads import LeadSheet
from domain.phone import mask_in_text
from domain.sla import is_late
from texts import labels


class CustomerBrief(View):
    """The customer of a lead; the phone is masked."""

    id: str
    name: str
    phone: str | None = Field(examples=["138****8000"])
    city: str


class TouchpointView(View):
    """Where an interest was seen."""

    source: str
    external_id: str
    occurred_at: str
    outcome: str


class AssignmentView(View):
    """Who holds the lead, and how the clock of the first response stands."""

    userid: str
    assigned_at: str
    accepted_at: str | None
    first_response_due_at: str
    first_response_at: str | None
    next_follow_up_at: str | None
    sla: Literal["ok", "late"]


class HoldReason(View):
    """Why the lead is not dispatched."""

    code: str
    text: str


class LeadView(View):
    """One lead. `number` is what staff type after `#` to name it."""

    id: str
    lead_id: str = Field(description="The same as `id`, under the name the intake answers with.")
    number: int
    customer_id: str
    customer: CustomerBrief
    source: str
    touchpoints: list[TouchpointView]
    level: str
    score: int
    reasons: list[str]
    state: str
    hold_reason: HoldReason | None
    attribution: str
    pool: str
    link: str
    dealer_code: str | None
    model: str | None
    city: str
    message: str
    purchase_window_days: int | None
    budget: int | None
    finance: bool | None
    trade_in: bool | None
    assignment: AssignmentView | None
    opened_at: str
    closed_at: str | None
    updated_at: str
    version: int


_AS_STORED = (
    "source",
    "level",
    "score",
    "state",
    "attribution",
    "city",
    "purchase_window_days",
    "budget",
    "finance",
    "trade_in",
    "version",
)


def lead_view(sheet: LeadSheet, phones: PhoneVault, now: datetime) -> LeadView:
    """The lead as it stands at `now`."""
    lead = sheet.lead
    return LeadView(
        id=str(lead["id"]),
        lead_id=str(lead["id"]),
        number=lead["id"],
        customer_id=str(lead["customer_id"]),
        customer=_customer(sheet, phones),
        touchpoints=[_touchpoint(row) for row in sheet.touchpoints],
        reasons=labels.reason_texts(lead["reasons"], now),
        hold_reason=_hold_reason(lead["hold_reason"], now),
        pool=lead["customer__pool"],
        link=lead["customer__link"],
        dealer_code=lead["dealer_id"],
        model=lead["model_code"],
        message=mask_in_text(lead["message"]),
        assignment=_assignment(sheet.assignment, now),
        opened_at=iso(lead["opened_at"]),
        closed_at=_iso_or_none(lead["closed_at"]),
        updated_at=iso(lead["updated_at"]),
        **{name: lead[name] for name in _AS_STORED},
    )


def _customer(sheet: LeadSheet, phones: PhoneVault) -> CustomerBrief:
    return CustomerBrief(
        id=str(sheet.lead["customer_id"]),
        name=sheet.lead["customer__name"],
        phone=masked_phone(sheet.phone_cipher, phones),
        city=sheet.lead["customer__city"],
    )


def _touchpoint(row: Mapping[str, Any]) -> TouchpointView:
    return TouchpointView(
        source=row["source"],
        external_id=row["external_id"],
        occurred_at=iso(row["occurred_at"]),
        outcome=row["outcome"],
    )


def _hold_reason(reason: Mapping[str, Any] | None, now: datetime) -> HoldReason | None:
    if not reason:
        return None
    return HoldReason(code=str(reason["code"]), text=labels.reason_text(reason, now))


def _assignment(row: Mapping[str, Any] | None, now: datetime) -> AssignmentView | None:
    if row is None:
        return None
    late = is_late(row["first_response_due_at"], row["first_response_at"] or now)
    return AssignmentView(
        userid=row["staff_id"],
        assigned_at=iso(row["assigned_at"]),
        accepted_at=_iso_or_none(row["accepted_at"]),
        first_response_due_at=iso(row["first_response_due_at"]),
        first_response_at=_iso_or_none(row["first_response_at"]),
        next_follow_up_at=_iso_or_none(row["next_follow_up_at"]),
        sla="late" if late else "ok",
    )


def _iso_or_none(at: datetime | None) -> str | None:
    return iso(at) if at else None
