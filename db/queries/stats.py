"""Figures for those who decide: how far leads come, how fast they are answered, who is where."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import F, Q
from tortoise.functions import Count

from db.models import Assignment, Customer, Lead

MOST_SAMPLED = 5000
_LATE = Q(first_response_at__gte=F("first_response_due_at"))


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows count: `since` inclusive, `until` exclusive; None: does not matter.

    `source` and `model` narrow the figures of customers and pools.
    """

    since: datetime
    until: datetime
    dealer_codes: Collection[str] | None = None
    staff: str | None = None
    source: str | None = None
    model: str | None = None


async def leads_by(column: str, chosen: Selection) -> dict[str, int]:
    """How many leads opened in the period have each value of a column."""
    rows = _leads(chosen).annotate(n=Count("id", distinct=True)).group_by(column)
    return {str(row[column]): row["n"] for row in await rows.values(column, "n")}


async def leads_assigned(chosen: Selection, **conditions: Any) -> int:
    """Leads of the period that ever had an assignment like this, the adviser's if one is named."""
    wanted = {f"assignments__{name}": value for name, value in conditions.items()}
    leads = _leads(chosen).filter(assignments__id__isnull=False, **wanted)
    return int(await leads.distinct().count())


async def leads_with_result(chosen: Selection, results: Collection[str]) -> int:
    """Leads of the period with at least one such follow-up that was not undone."""
    told = Q(follow_ups__result__in=list(results), follow_ups__undone_at__isnull=True)
    if chosen.staff:
        told &= Q(follow_ups__staff_id=chosen.staff)
    return int(await _leads(chosen).filter(told).distinct().count())


async def response_counts(chosen: Selection, by: str, now: datetime) -> list[dict[str, Any]]:
    """First responses of the period's assignments, for each value of `by`.

    Columns: `key, assigned, accepted, on_time, late, overdue`.
    """
    waiting = Q(first_response_at__isnull=True, ended_at__isnull=True)
    rows = (
        _assignments(chosen)
        .annotate(
            assigned=Count("id"),
            accepted=Count("id", _filter=Q(accepted_at__isnull=False)),
            on_time=Count("id", _filter=Q(first_response_at__lt=F("first_response_due_at"))),
            late=Count("id", _filter=_LATE),
            overdue=Count("id", _filter=Q(waiting, first_response_due_at__lte=now)),
        )
        .group_by(by)
        .order_by(by)
    )
    columns = ("assigned", "accepted", "on_time", "late", "overdue")
    return [
        {"key": row[by], **{name: row[name] for name in columns}}
        for row in await rows.values(by, *columns)
    ]


async def response_minutes(chosen: Selection) -> list[float]:
    """Minutes to the first response, shortest first; of the newest 5,000 that had one."""
    answered = _assignments(chosen).filter(first_response_at__isnull=False).order_by("-id")
    rows = await answered.limit(MOST_SAMPLED).values("assigned_at", "first_response_at")
    return sorted(_minutes(row) for row in rows)


async def customers_by(column: str, chosen: Selection) -> dict[str, int]:
    """How many customers met in the period have each value of a column."""
    rows = Customer.filter(
        created_at__gte=chosen.since, created_at__lt=chosen.until, merged_into_id__isnull=True
    )
    if chosen.dealer_codes is not None:
        rows = rows.filter(leads__dealer_id__in=list(chosen.dealer_codes))
    if chosen.staff:
        rows = rows.filter(leads__assignments__staff_id=chosen.staff)
    if chosen.source:
        rows = rows.filter(leads__source=chosen.source)
    if chosen.model:
        rows = rows.filter(leads__model_code=chosen.model)
    counted = rows.annotate(n=Count("id", distinct=True)).group_by(column)
    return {str(row[column]): row["n"] for row in await counted.values(column, "n")}


def _leads(chosen: Selection) -> Any:
    rows = Lead.filter(opened_at__gte=chosen.since, opened_at__lt=chosen.until)
    if chosen.dealer_codes is not None:
        rows = rows.filter(dealer_id__in=list(chosen.dealer_codes))
    if chosen.staff:
        rows = rows.filter(assignments__staff_id=chosen.staff)
    return rows


def _assignments(chosen: Selection) -> Any:
    rows = Assignment.filter(assigned_at__gte=chosen.since, assigned_at__lt=chosen.until)
    if chosen.dealer_codes is not None:
        rows = rows.filter(dealer_code__in=list(chosen.dealer_codes))
    if chosen.staff:
        rows = rows.filter(staff_id=chosen.staff)
    return rows


def _minutes(row: Mapping[str, Any]) -> float:
    return float((row["first_response_at"] - row["assigned_at"]).total_seconds() / 60)
