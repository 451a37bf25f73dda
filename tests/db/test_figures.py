"""Figures counted by the database: those of the formulas, row by row; and parts make the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.engine import Database
from db.models import AssignmentFigure, Customer, Dealer, Defeat, Lead, LeadFigure, Region
from db.queries.analytics import COLUMNS, Asked, behind, counted, promises, reached
from db.queries.stats import Selection
from domain.kpi import KPIS, STAGES, Counted, total, windows_of
from domain.kpi_formula import Frame, holds
from domain.levels import STANDARD

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
FRAME = Frame(NOW, windows_of(STANDARD))
SINCE, UNTIL = NOW - timedelta(days=40), NOW - timedelta(days=1)
REGIONS = {"CC01": "NE", "CD01": "SW", "": ""}
MOST = 12

days = st.sampled_from([-1, 0, 1, 2, 8, 31, 41, 100])
moments = days.map(lambda n: NOW - timedelta(days=n))
maybe = st.none() | moments
shared = {
    "dealer_code": st.sampled_from(["CC01", "CD01", ""]),
    "staff_id": st.sampled_from(["wangfang", "zhouwei", ""]),
    "source": st.sampled_from(["dongchedi", "walk_in"]),
    "model_code": st.sampled_from(["tayron", ""]),
    "pool": st.sampled_from(["prospects", "out"]),
    "state": st.sampled_from(["accepted", "invalid", "defeated", "ordered", "lapsed"]),
    "promised_level": st.sampled_from(["H", "B", "C", ""]),
    "opened_at": moments,
}
LEAD_MOMENTS = (
    *("assigned_at", "tried_at", "contacted_at", "visit_due_at", "visited_at"),
    *("test_drove_at", "ordered_at", "delivered_at", "decided_at", "promised_at"),
)
leads = st.fixed_dictionaries(
    {
        **shared,
        **dict.fromkeys(LEAD_MOMENTS, maybe),
        "order_days": st.none() | st.sampled_from([0.5, 7.0, 7.5, 89.0]),
    }
)
assignments = st.fixed_dictionaries(
    {
        **shared,
        "assigned_at": moments,
        "due_at": moments,
        "responded_at": maybe,
        "ended_at": maybe,
        "kept": st.integers(0, 3),
        "missed": st.integers(0, 3),
    }
)
defeats = st.fixed_dictionaries(
    {
        "lead_id": st.integers(1, MOST),
        "requested_by": st.sampled_from(["staff:wangfang", "staff:zhouwei", "api:crm"]),
        "requested_at": moments,
        "reviewed_at": maybe,
        "state": st.sampled_from(["requested", "approved", "rejected", "withdrawn"]),
    }
)


@pytest.fixture
async def places(database: Database) -> None:
    for region, dealer in (("NE", "CC01"), ("SW", "CD01")):
        await Region.create(code=region, name=region)
        await Dealer.create(code=dealer, name=dealer, region_id=region, city="长春")
    customer = await Customer.create(created_at=NOW, updated_at=NOW)
    when = {"opened_at": NOW, "last_active_at": NOW, "updated_at": NOW}
    for number in range(1, MOST + 1):
        await Lead.create(
            id=number,
            customer_id=customer.id,
            state="lapsed",
            source="x",
            attribution="new",
            **when,
        )


async def fill(some: list[dict], others: list[dict], given_up: Sequence[dict] = ()) -> None:
    await LeadFigure.all().delete()
    await AssignmentFigure.all().delete()
    await Defeat.all().delete()
    await LeadFigure.bulk_create(
        [LeadFigure(lead_id=n, customer_id=n, **row) for n, row in enumerate(some, 1)]
    )
    await AssignmentFigure.bulk_create(
        [AssignmentFigure(assignment_id=n, lead_id=n, **row) for n, row in enumerate(others, 1)]
    )
    await Defeat.bulk_create(
        [Defeat(id=n, reason="price", **row) for n, row in enumerate(given_up, 1)]
    )


def of_defeats(some: list[dict], given_up: list[dict]) -> list[dict]:
    """Requests with what is known of their leads; whoever asked answers for it."""
    rows = []
    for defeat in given_up:
        if defeat["lead_id"] <= len(some):
            lead = some[defeat["lead_id"] - 1]
            kind, _, userid = defeat["requested_by"].partition(":")
            rows.append(
                {**lead, **defeat, "state": lead["state"], "review": defeat["state"]}
                | ({"staff_id": userid} if kind == "staff" else {})
            )
    return rows


def rows_of(at: str, rows: list[dict]) -> list[dict]:
    inside = [row for row in rows if row[at] is not None and SINCE <= row[at] < UNTIL]
    return [row for row in inside if row["state"] != "lapsed"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some=st.lists(leads, min_size=1, max_size=MOST),
    others=st.lists(assignments, min_size=1, max_size=8),
    given_up=st.lists(defeats, max_size=8),
    view=st.sampled_from(["cohort", "period"]),
    by=st.sampled_from(sorted(COLUMNS)),
)
async def test_the_database_counts_what_the_formulas_say(places, some, others, given_up, view, by):
    await fill(some, others, given_up)
    facts = {"lead": some, "assignment": others, "defeat": of_defeats(some, given_up)}
    asked = Asked(Selection(SINCE, UNTIL), view)

    whole = (await counted(asked, list(KPIS.values()), FRAME)).get("", {})
    parts = await counted(asked, list(KPIS.values()), FRAME, by)

    for kpi in KPIS.values():
        rows = rows_of("opened_at" if view == "cohort" else kpi.at, facts[kpi.unit])
        assert whole.get(kpi.code, Counted()) == total(kpi, rows, FRAME), kpi.code
        expected: dict[str, list[dict]] = defaultdict(list)
        for row in rows:
            key = REGIONS[row["dealer_code"]] if by == "region" else row[COLUMNS[by]]
            expected[key].append(row)
        found = {key: each[kpi.code] for key, each in parts.items() if kpi.code in each}
        assert found == {key: total(kpi, each, FRAME) for key, each in expected.items()}, kpi.code
        assert sum(found.values(), Counted()) == whole.get(kpi.code, Counted())
        missed = await behind(asked, kpi, FRAME, "missed", 50)
        all_rows = await behind(asked, kpi, FRAME, "all", 50)
        assert sum(row.whole for row in all_rows) == total(kpi, rows, FRAME).whole
        assert sum(row.whole - row.part for row in missed) == (
            total(kpi, rows, FRAME).whole - total(kpi, rows, FRAME).part
        )


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.lists(leads, min_size=1, max_size=MOST), by=st.sampled_from(sorted(COLUMNS)))
async def test_a_funnel_narrows_and_its_parts_make_the_whole(places, some, by):
    await fill(some, [])
    asked = Asked(Selection(SINCE, UNTIL))

    parts = (await reached(asked, FRAME, by)).values()

    rows = rows_of("opened_at", some)
    for stage, test in STAGES.items():
        together = sum(part[stage] for part in parts)
        assert together == sum(holds(test, row, FRAME) for row in rows), stage
    for promise in await promises(asked, FRAME):
        of_level = [row for row in rows if row["promised_level"] == promise.level]
        assert total(KPIS["level_calibration"], of_level, FRAME) == Counted(
            promise.kept, promise.judged
        )
