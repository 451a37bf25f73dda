"""Draws the rows that figures are counted from, worked out from all that is known of a lead.

The same SQL on both databases, so that a figure is the same whoever caused it to be drawn.
PostgreSQL is told once for both tables, SQLite table by table.
"""

import json
from collections.abc import Collection
from functools import cache

from db import sql
from db.profiles import CONTACTS

NO_PROMISE = ("N", "O", "L", "F")
"""Levels that do not say when somebody buys."""

_LEADS = "(SELECT o.id FROM lead o WHERE o.customer_id {these})"
_REACHED = ", ".join(f"'{result}'" for result in CONTACTS)
_PROMISED = f"""(SELECT {{what}} FROM grade_record g WHERE g.lead_id = l.id
    AND g.level NOT IN ({", ".join(f"'{level}'" for level in NO_PROMISE)})
    ORDER BY g.id LIMIT 1)"""  # noqa: S608
_SPAN = {
    "postgres": "(CAST(extract(epoch FROM ({until} - {since})) AS double precision) / 86400)",
    "sqlite": "(julianday({until}) - julianday({since}))",
}

_HAPPENED = f"""
  LEFT JOIN (
    SELECT h.lead_id,
           min(CASE WHEN h.what <> 'note' THEN h.at END) AS tried_at,
           min(CASE WHEN h.what IN ({_REACHED}) THEN h.at END) AS contacted_at,
           min(CASE WHEN h.due IS NOT NULL THEN h.due WHEN h.what = 'appointment' THEN h.at END)
             AS visit_due_at,
           min(CASE WHEN h.what IN ('visited', 'test_drive') THEN h.at END) AS visited_at,
           min(CASE WHEN h.what = 'test_drive' THEN h.at END) AS test_drove_at,
           min(CASE WHEN h.what IN ('ordered', 'delivered') THEN h.at END) AS ordered_at,
           min(CASE WHEN h.what = 'delivered' THEN h.at END) AS delivered_at
      FROM (SELECT f.lead_id, f.result AS what, f.occurred_at AS at, f.appointment_at AS due
              FROM follow_up f WHERE f.lead_id IN {_LEADS} AND f.undone_at IS NULL
            UNION ALL SELECT p.lead_id, 'booked', NULL, p.start_at
              FROM appointment p WHERE p.lead_id IN {_LEADS} AND p.state <> 'held'
            UNION ALL SELECT p.lead_id, 'test_drive', p.start_at, NULL
              FROM appointment p WHERE p.lead_id IN {_LEADS} AND p.state = 'kept'
            UNION ALL SELECT d.id, 'delivered', d.closed_at, NULL
              FROM lead d WHERE d.customer_id {{these}} AND d.state = 'delivered') h
     GROUP BY h.lead_id) h ON h.lead_id = l.id"""  # noqa: S608

_LEAD = {
    "lead_id": "l.id",
    "customer_id": "l.customer_id",
    "dealer_code": "coalesce(l.dealer_id, '')",
    "staff_id": """coalesce((SELECT a.staff_id FROM assignment a WHERE a.lead_id = l.id
        ORDER BY a.id DESC LIMIT 1), '')""",
    "source": "l.source",
    "model_code": "coalesce(l.model_code, '')",
    "pool": "c.pool",
    "state": "l.state",
    "opened_at": "l.opened_at",
    "assigned_at": "(SELECT min(a.assigned_at) FROM assignment a WHERE a.lead_id = l.id)",
    "tried_at": "h.tried_at",
    "contacted_at": "h.contacted_at",
    "visit_due_at": "h.visit_due_at",
    "visited_at": "h.visited_at",
    "test_drove_at": "h.test_drove_at",
    "ordered_at": "h.ordered_at",
    "delivered_at": "h.delivered_at",
    "decided_at": "CASE WHEN l.state = 'defeated' THEN l.closed_at ELSE h.ordered_at END",
    "promised_level": f"coalesce({_PROMISED.format(what='g.level')}, '')",
    "promised_at": _PROMISED.format(what="g.at"),
    "order_days": "{span}",
}
_FROM_LEAD = f"""
  FROM lead l JOIN customer c ON c.id = l.customer_id {_HAPPENED}
 WHERE l.customer_id {{these}}"""

# A contact keeps its date when no date was missed since the contact before it. One that was made
# in time and typed late keeps it too: what was noted as missed in between is none.
_KEPT = f"""
  LEFT JOIN (
    SELECT t.assignment_id, count(*) AS kept FROM (
      SELECT f.assignment_id, f.lead_id, f.occurred_at AS at,
             lag(f.logged_at) OVER (PARTITION BY f.assignment_id
                                      ORDER BY f.occurred_at, f.id) AS before
        FROM follow_up f
       WHERE f.lead_id IN {_LEADS} AND f.undone_at IS NULL AND f.result <> 'note') t
     WHERE t.before IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM timeline_event m WHERE m.lead_id = t.lead_id AND m.kind = 'follow_up_missed'
          AND m.at > t.before AND m.at <= t.at)
     GROUP BY t.assignment_id) k ON k.assignment_id = a.id
  LEFT JOIN (
    SELECT b.id AS assignment_id, count(*) AS missed
      FROM assignment b JOIN timeline_event m ON m.lead_id = b.lead_id
     WHERE b.lead_id IN {_LEADS} AND m.kind = 'follow_up_missed'
       AND m.at >= b.assigned_at AND (b.ended_at IS NULL OR m.at <= b.ended_at)
       AND NOT EXISTS (
         SELECT 1 FROM follow_up f WHERE f.lead_id = b.lead_id AND f.assignment_id = b.id
            AND f.undone_at IS NULL AND f.result <> 'note'
            AND f.occurred_at < m.at AND f.logged_at > m.at)
     GROUP BY b.id) m ON m.assignment_id = a.id"""  # noqa: S608
_ASSIGNMENT = {
    "assignment_id": "a.id",
    "lead_id": "a.lead_id",
    "dealer_code": "a.dealer_code",
    "staff_id": "a.staff_id",
    "source": "f.source",
    "model_code": "f.model_code",
    "pool": "f.pool",
    "promised_level": "f.promised_level",
    "state": "f.state",
    "opened_at": "f.opened_at",
    "assigned_at": "a.assigned_at",
    "due_at": "a.first_response_due_at",
    "responded_at": "a.first_response_at",
    "ended_at": "a.ended_at",
    "kept": "coalesce(k.kept, 0)",
    "missed": "coalesce(m.missed, 0)",
}
_FROM_ASSIGNMENT = f"""
  FROM assignment a JOIN {{drawn}} f ON f.lead_id = a.lead_id {_KEPT}
 WHERE a.lead_id IN {_LEADS}"""

_ONE, _RANGE = "= $1", "BETWEEN $1 AND $2"
_SOME = {"postgres": "= ANY($1::bigint[])", "sqlite": "IN (SELECT value FROM json_each($1))"}
_DIFFER = {"postgres": "IS DISTINCT FROM", "sqlite": "IS NOT"}


async def draw(customer_ids: Collection[int]) -> None:
    """Draw the figures of these customers' leads anew, in the running transaction."""
    if len(customer_ids) == 1:
        await _draw(_ONE, *customer_ids)
    elif customer_ids:
        ids = sorted(customer_ids)
        await _draw(_SOME[sql.dialect()], ids if sql.dialect() == "postgres" else json.dumps(ids))


async def draw_range(first: int, last: int) -> int:
    """Draw those of all customers with ids from `first` to `last`, in one transaction.

    Returns how many were not as they should be.
    """
    return await _draw(_RANGE, first, last)


async def _draw(these: str, *values: object) -> int:
    mended = 0
    for statement in statements(these, sql.dialect()):
        mended += len(await sql.rows(statement, *values))
    return mended


@cache
def statements(these: str, dialect: str) -> tuple[str, ...]:
    """Leads first: assignments take from them what they have in common."""
    span = _SPAN[dialect].format(until="h.ordered_at", since=_PROMISED.format(what="g.at"))
    lead = {**_LEAD, "order_days": span}
    draw_leads = f"SELECT {_named(lead)} {_FROM_LEAD.format(these=these)}"
    if dialect == "sqlite":
        return (
            _upsert("lead_figure", lead, draw_leads, dialect),
            _upsert("assignment_figure", _ASSIGNMENT, _assignments(these, "lead_figure"), dialect),
        )
    return (
        f"""WITH drawn AS MATERIALIZED ({draw_leads}),
 lead_rows AS ({_upsert("lead_figure", lead, "SELECT * FROM drawn", dialect)}),
 assignment_rows AS (
   {_upsert("assignment_figure", _ASSIGNMENT, _assignments(these, "drawn"), dialect)})
SELECT * FROM lead_rows UNION ALL SELECT * FROM assignment_rows""",  # noqa: S608
    )


def _assignments(these: str, drawn: str) -> str:
    return f"SELECT {_named(_ASSIGNMENT)} {_FROM_ASSIGNMENT.format(these=these, drawn=drawn)}"


def _named(columns: dict[str, str]) -> str:
    return ", ".join(f"{what} AS {name}" for name, what in columns.items())


def _upsert(table: str, columns: dict[str, str], selected: str, dialect: str) -> str:
    key, *kept = columns
    return f"""
INSERT INTO {table} ({", ".join(columns)}) {selected}
ON CONFLICT ({key}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in kept)}
 WHERE ({", ".join(f"{table}.{name}" for name in kept)})
       {_DIFFER[dialect]} ({", ".join(f"excluded.{name}" for name in kept)})
RETURNING {key}"""
