"""No page's query grows with the number of leads: at 20,000 each finds its rows by index."""

from __future__ import annotations

from typing import Any

import pytest
from tortoise.connection import get_connection

from db import sql
from tests.api.conftest import Api, a_lead, signed_in

LEADS = 20_000
STORES = 20
BIG = (
    "lead",
    "customer",
    "identity",
    "assignment",
    "follow_up",
    "timeline_event",
    "touchpoint",
    "defeat",
)
PAGES = (
    "me",
    "me/todo",
    "me/todo?whose=all",
    "me/calendar?from=2026-11-23",
    "me/calendar?from=2026-11-23&whose=all",
    "me/sea",
    "me/approvals",
    "me/numbers",
    "me/search?q=李雷",
    "me/search?q=8000",
    "me/search?q=13800138000",
    "me/leads/{lead}",
    "leads/{lead}",
    "leads/{lead}/timeline",
)


async def fill() -> None:
    """A brand some years old: closed leads of 20 stores, each with its whole history."""
    series = f"SELECT value AS n FROM generate_series(1, {LEADS})"
    json, day, from_day = "'{}'", "'2025-11-24 02:00:00+00:00'", ""
    if sql.dialect() == "sqlite":
        series = (
            f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM s WHERE n < {LEADS})"
            " SELECT n FROM s"
        )
    else:
        series = f"SELECT n FROM generate_series(1, {LEADS}) AS t(n)"
        json, from_day = "'{}'::jsonb", "::timestamptz"
    at, lists = f"{day}{from_day}", json.replace("{}", "[]")
    lead, customer = "1000 + n", "1000 + n"
    store = f"CASE n % {STORES} WHEN 0 THEN 'CC01' WHEN 1 THEN 'CC02' ELSE 'CD01' END"
    who = f"CASE n % {STORES} WHEN 0 THEN 'wangfang' WHEN 1 THEN 'lina' ELSE 'zhouwei' END"
    yes = "1" if sql.dialect() == "sqlite" else "true"
    rows = {
        "customer (id, name, city, pool, link, pool_reason, scene, created_at, updated_at)": (
            f"{customer}, '客户' || n, '', 'out', 'none', {json}, '', {at}, {at}"
        ),
        "identity (id, customer_id, kind, value, cipher, last_four, subscribed, created_at)": (
            f"{customer}, {customer}, 'phone', 'hash-' || n, NULL,"
            f" substr('0000' || n % 10000, -4), {yes}, {at}"
            if sql.dialect() == "sqlite"
            else f"{customer}, {customer}, 'phone', 'hash-' || n, NULL,"
            f" lpad((n % 10000)::text, 4, '0'), {yes}, {at}"
        ),
        "lead (id, customer_id, dealer_id, state, source, attribution, city, message, level,"
        " score, reasons, signals, lowered_steps, recycles, opened_at, last_active_at,"
        " closed_at, updated_at, version)": (
            f"{lead}, {customer}, {store}, 'defeated', 'x', 'new', '', '', 'F',"
            f" 0, {lists}, {lists}, 0, 0, {at}, {at}, {at}, {at}, 1"
        ),
        "assignment (id, lead_id, staff_id, dealer_code, why, assigned_at,"
        " first_response_due_at, first_response_at, next_follow_up_at, missed_cycles,"
        " ended_at, end_reason)": (
            f"{lead}, {lead}, {who}, {store}, {json}, {at}, {at}, {at}, {at}, 0, {at}, 'defeated'"
        ),
        "follow_up (id, lead_id, staff_id, result, way, note, occurred_at, logged_at,"
        " appointment_at, slots, before)": (
            f"{lead}, {lead}, {who}, 'connected', 'phone', '', {at}, {at}, {at}, {json}, {json}"
        ),
        "touchpoint (id, lead_id, source, external_id, occurred_at, outcome, data, created_at)": (
            f"{lead}, {lead}, 'x', 'x-' || n, {at}, 'created', {json}, {at}"
        ),
        "timeline_event (id, lead_id, customer_id, at, kind, actor, data)": (
            f"{lead}, {lead}, {customer}, {at}, 'captured', 'customer', {json}"
        ),
        "defeat (id, lead_id, requested_by, requested_at, reason, competitor, note, state,"
        " suspicion)": (
            f"{lead}, {lead}, 'staff:' || {who}, {at}, 'price', '', '', 'approved', {json}"
        ),
    }
    for table, values in rows.items():
        await sql.rows(f"INSERT INTO {table} SELECT {values} FROM ({series}) AS numbers")


class Watched:
    """Every statement of the open database, with its values."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: dict[str, list[Any]] = {}
        client = type(get_connection("default"))
        for name in ("execute_query", "execute_query_dict"):
            self._watch(monkeypatch, client, name)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, client: type, name: str) -> None:
        real = getattr(client, name)

        async def watched(this: Any, query: str, values: Any = None, **more: Any) -> Any:
            if query.lstrip().upper().startswith("SELECT"):
                self.seen[query] = list(values or [])
            return await real(this, query, values, **more)

        monkeypatch.setattr(client, name, watched)


async def scans(query: str, values: list[Any]) -> list[str]:
    """Big tables that the database would read from end to end."""
    connection = get_connection("default")
    if "1=0" in query:
        return []  # an empty list to look in: nothing is read
    if sql.dialect() == "sqlite":
        plan = await connection.execute_query_dict(f"EXPLAIN QUERY PLAN {query}", values)
        steps = [row["detail"] for row in plan]
        return [s for s in steps if s.startswith("SCAN") and "USING" not in s and _is_big(s)]
    plan = await connection.execute_query_dict(f"EXPLAIN {query}", values)
    steps = [row["QUERY PLAN"] for row in plan]
    return [s for s in steps if "Seq Scan on" in s and _is_big(s)]


def _is_big(step: str) -> bool:
    return any(word.strip('"') in BIG for word in step.split())


@pytest.mark.timeout(180)
async def test_every_page_finds_its_rows_by_index(
    desk: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, lead = await desk.post("/api/v1/leads", a_lead())
    await fill()
    await sql.rows("ANALYZE")
    watched = Watched(monkeypatch)
    for userid in ("wangfang", "manager"):
        page = await signed_in(desk, userid)
        for path in PAGES:
            status, _ = await page.get(path.format(lead=lead["lead_id"]))
            assert status == 200 or (userid, path) == ("wangfang", "me/approvals")
        status, _ = await page.post("me/walk-ins/check", {"phone": "13800138000"})
        assert status == 200
    statements = dict(watched.seen)
    assert len(statements) > 30

    found = [(query, scan) for query, v in statements.items() if (scan := await scans(query, v))]

    assert found == []
