"""Figures of leads given up: by dealer or adviser, with how many did not fit what is on file."""

from typing import Any

from aiohttp import web
from pydantic import Field

from api.fields import View, iso
from api.routing import Call, Routes, answer
from api.stats import StatsQuery, selection, share
from db.queries.defeat_stats import COLUMNS, defeat_counts, defeat_reasons

routes = Routes("stats")


class Defeats(View):
    """Requests to give a lead up. `doubtful`: the evidence spoke against the stated reason."""

    key: str
    asked: int
    approved: int
    rejected: int
    pending: int
    doubtful: int
    doubtful_approved: int
    doubtful_share: float | None
    rejected_share: float | None


class DefeatStats(View):
    """Requests of the period, in all and by dealer, or by adviser where a dealer is given."""

    since: str = Field(serialization_alias="from")
    until: str = Field(serialization_alias="to")
    total: Defeats
    by: str
    groups: list[Defeats]
    reasons: dict[str, int]


@routes.get("/stats/defeats", scope="leads:read", answers={200: DefeatStats})
async def get_defeat_stats(call: Call, query: StatsQuery) -> web.StreamResponse:
    """Who gives up how often, why, and how often that was doubtful or refused."""
    chosen = await selection(call, query)
    by = "staff" if query.dealer or query.staff or chosen.staff else "dealer"
    column = "requested_by" if by == "staff" else "dealer_code"
    groups = [_named(row) for row in await defeat_counts(chosen, column)]
    total = {name: sum(int(row[name]) for row in groups) for name in COLUMNS}
    return answer(
        DefeatStats(
            since=iso(chosen.since),
            until=iso(chosen.until),
            total=_defeats({"key": "total", **total}),
            by=by,
            groups=[_defeats(row) for row in groups],
            reasons=await defeat_reasons(chosen),
        )
    )


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """A member is known by their userid; who else asked, as the timeline calls them."""
    return {**row, "key": str(row["key"]).removeprefix("staff:")}


def _defeats(row: dict[str, Any]) -> Defeats:
    decided = row["approved"] + row["rejected"]
    return Defeats(
        **row,
        doubtful_share=share(row["doubtful"], row["asked"]),
        rejected_share=share(row["rejected"], decided),
    )
