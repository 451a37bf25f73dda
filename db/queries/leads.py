"""Leads as they are shown: which ones, and everything that belongs on their sheet."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

from db.models import Assignment, Identity, Lead, Touchpoint
from db.queries.scope import RowScope, visible_leads

_COLUMNS = (
    "id",
    "customer_id",
    "dealer_id",
    "state",
    "hold_reason",
    "source",
    "attribution",
    "model_code",
    "city",
    "message",
    "budget",
    "finance",
    "trade_in",
    "level",
    "score",
    "reasons",
    "purchase_window_days",
    "opened_at",
    "closed_at",
    "updated_at",
    "version",
    "customer__name",
    "customer__city",
    "customer__pool",
    "customer__link",
)
_ASSIGNMENT_COLUMNS = (
    "lead_id",
    "staff_id",
    "assigned_at",
    "accepted_at",
    "first_response_due_at",
    "first_response_at",
    "next_follow_up_at",
)
_TOUCHPOINT_COLUMNS = ("lead_id", "source", "external_id", "occurred_at", "outcome")


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """What to look for; None: does not matter. `phone_hashes`: all a phone may be stored under."""

    source: str | None = None
    external_id: str | None = None
    phone_hashes: Sequence[str] | None = None
    dealer_code: str | None = None
    level: str | None = None
    pool: str | None = None
    state: str | None = None
    staff: str | None = None
    updated_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadSheet:
    """One lead with what is shown beside it; rows are columns by name."""

    lead: dict[str, Any]
    touchpoints: list[dict[str, Any]]
    assignment: dict[str, Any] | None
    phone_cipher: str | None


async def find_leads(
    wanted: LeadFilter, scope: RowScope, before_id: int | None, limit: int
) -> list[LeadSheet]:
    """Matching leads, newest first, from below `before_id` on."""
    leads = visible_leads(scope)
    if wanted.phone_hashes is not None:
        leads = leads.filter(customer_id__in=await _owners(wanted.phone_hashes))
    if wanted.external_id is not None:
        leads = leads.filter(id__in=await _touched(wanted.external_id, wanted.source))
    elif wanted.source is not None:
        leads = leads.filter(source=wanted.source)
    if wanted.staff is not None:
        leads = leads.filter(id__in=await _held_by(wanted.staff))
    leads = leads.filter(_plain_conditions(wanted))
    if before_id is not None:
        leads = leads.filter(id__lt=before_id)
    return await _sheets(await leads.order_by("-id").limit(limit).values(*_COLUMNS))


async def find_lead(lead_id: int, scope: RowScope) -> LeadSheet | None:
    """One lead, or None when there is none that may be seen."""
    sheets = await _sheets(await visible_leads(scope).filter(id=lead_id).values(*_COLUMNS))
    return sheets[0] if sheets else None


async def leads_of_customer(customer_id: int, scope: RowScope) -> list[LeadSheet]:
    """All leads of a customer that may be seen, newest first."""
    rows = (
        await visible_leads(scope)
        .filter(customer_id=customer_id)
        .order_by("-id")
        .values(*_COLUMNS)
    )
    return await _sheets(rows)


async def dealer_of_lead(lead_id: int) -> str | None:
    """The code of the dealer a lead is at."""
    found = await Lead.filter(id=lead_id).values_list("dealer_id", flat=True)
    return found[0] if found else None  # type: ignore[return-value]


async def lead_owner(lead_id: int, scope: RowScope) -> int | None:
    """The customer of a lead, or None when there is none that may be seen."""
    found = await visible_leads(scope).filter(id=lead_id).values_list("customer_id", flat=True)
    return found[0] if found else None  # type: ignore[return-value]


def _plain_conditions(wanted: LeadFilter) -> Q:
    given: dict[str, Any] = {
        "dealer_id": wanted.dealer_code,
        "level": wanted.level,
        "state": wanted.state,
        "customer__pool": wanted.pool,
        "updated_at__gte": wanted.updated_since,
    }
    return Q(**{column: value for column, value in given.items() if value is not None})


async def _owners(phone_hashes: Sequence[str]) -> list[int]:
    rows = Identity.filter(kind="phone", value__in=list(phone_hashes))
    return await rows.values_list("customer_id", flat=True)  # type: ignore[return-value]


async def _touched(external_id: str, source: str | None) -> list[int]:
    rows = Touchpoint.filter(external_id=external_id)
    if source is not None:
        rows = rows.filter(source=source)
    return await rows.values_list("lead_id", flat=True)  # type: ignore[return-value]


async def _held_by(userid: str) -> list[int]:
    rows = Assignment.filter(staff_id=userid, ended_at__isnull=True)
    return await rows.values_list("lead_id", flat=True)  # type: ignore[return-value]


async def _sheets(leads: list[dict[str, Any]]) -> list[LeadSheet]:
    ids = [row["id"] for row in leads]
    if not ids:
        return []
    touchpoints: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Touchpoint.filter(lead_id__in=ids).order_by("id")
    for row in await rows.values(*_TOUCHPOINT_COLUMNS):
        touchpoints[row["lead_id"]].append(row)
    running = Assignment.filter(open_lead_id__in=ids)
    assignments = {row["lead_id"]: row for row in await running.values(*_ASSIGNMENT_COLUMNS)}
    phones = await _phones({row["customer_id"] for row in leads})
    return [
        LeadSheet(
            lead=row,
            touchpoints=touchpoints[row["id"]],
            assignment=assignments.get(row["id"]),
            phone_cipher=phones.get(row["customer_id"]),
        )
        for row in leads
    ]


async def _phones(customer_ids: Collection[int]) -> dict[int, str]:
    """The newest phone of each customer, still encrypted."""
    rows = Identity.filter(customer_id__in=list(customer_ids), kind="phone").order_by("id")
    return {
        row["customer_id"]: row["cipher"] for row in await rows.values("customer_id", "cipher")
    }
