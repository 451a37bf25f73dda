"""Leads that staff asked to give up: what was decided, why, and how often it did not fit."""

from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Count

from db.models import Defeat
from db.queries.stats import Selection

COLUMNS = ("asked", "approved", "rejected", "pending", "doubtful", "doubtful_approved")


async def defeat_counts(chosen: Selection, by: str) -> list[dict[str, Any]]:
    """Requests of the period for each value of `by`. Columns: `key` and `COLUMNS`.

    What was withdrawn, since the customer went another way, counts nowhere.
    """
    rows = (
        _asked(chosen)
        .annotate(
            asked=Count("id"),
            approved=Count("id", _filter=Q(state="approved")),
            rejected=Count("id", _filter=Q(state="rejected")),
            pending=Count("id", _filter=Q(state="requested")),
            doubtful=Count("id", _filter=Q(suspicious=True)),
            doubtful_approved=Count("id", _filter=Q(suspicious=True, state="approved")),
        )
        .group_by(by)
        .order_by(by)
    )
    return [
        {"key": row[by], **{name: row[name] for name in COLUMNS}}
        for row in await rows.values(by, *COLUMNS)
    ]


async def defeat_reasons(chosen: Selection) -> dict[str, int]:
    """How often each reason was given."""
    rows = _asked(chosen).annotate(n=Count("id")).group_by("reason")
    return {str(row["reason"]): row["n"] for row in await rows.values("reason", "n")}


def _asked(chosen: Selection) -> Any:
    rows = Defeat.filter(requested_at__gte=chosen.since, requested_at__lt=chosen.until)
    if chosen.dealer_codes is not None:
        rows = rows.filter(dealer_code__in=list(chosen.dealer_codes))
    if chosen.staff:
        rows = rows.filter(requested_by=f"staff:{chosen.staff}")
    return rows.exclude(state="withdrawn")
