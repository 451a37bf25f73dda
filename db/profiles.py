"""Draws customers' profiles: one row each, worked out from all that is known of them.

One statement on both databases, so that a profile is the same whoever caused it to be drawn.
"""

from collections.abc import Iterable
from functools import cache

from db import sql

CONTACTS = (
    "connected",
    "refused",
    "appointment",
    "visited",
    "test_drive",
    "quoted",
    "ordered",
    "delivered",
)
"""Results of follow-ups in which the customer was reached."""

_TRIES = (*CONTACTS, "unreachable", "wrong_number")


def _last(column: str, *results: str) -> tuple[str, str]:
    listed = ", ".join(f"'{result}'" for result in results)
    return column, f"max(CASE WHEN h.what IN ({listed}) THEN h.at END)"


_HAPPENED = dict(
    (
        _last("tried_at", *_TRIES),
        _last("contacted_at", *CONTACTS),
        _last("visited_at", "visited", "test_drive"),
        _last("test_drove_at", "test_drive"),
        _last("quoted_at", "quoted"),
        _last("ordered_at", "ordered"),
        _last("delivered_at", "delivered"),
        _last("touched_at", "touch"),
    )
)

_COLUMNS = {
    "customer_id": "c.id",
    "pool": "c.pool",
    "link": "c.link",
    "city": "coalesce(nullif(c.city, ''), nullif(l.city, ''))",
    "has_phone": "coalesce(i.phone, 0) = 1",
    "follows": "coalesce(i.follows, 0) = 1",
    "opted_out": "c.opted_out_at IS NOT NULL",
    "may_contact": "coalesce(g.contact, 0) = 1",
    "may_share": "coalesce(g.share, 0) = 1",
    "may_market": "coalesce(g.market, 0) = 1",
    "leads": "(SELECT count(*) FROM lead n WHERE n.customer_id = c.id AND n.state <> 'lapsed')",
    "lead_id": "l.id",
    "state": "l.state",
    "level": "l.level",
    "score": "l.score",
    "source": "l.source",
    "attribution": "l.attribution",
    "model_code": "l.model_code",
    "dealer_code": "l.dealer_id",
    "budget": "l.budget",
    "window_days": "l.purchase_window_days",
    "defeat_reason": """CASE WHEN l.state IN ('defeated', 'invalid') THEN (
        SELECT d.reason FROM defeat d WHERE d.lead_id = l.id ORDER BY d.id DESC LIMIT 1) END""",
    "opened_at": "l.opened_at",
    "active_at": "l.last_active_at",
    "closed_at": "l.closed_at",
    "created_at": "c.created_at",
    "heard_at": "c.last_message_at",
    **{column: f"h.{column}" for column in _HAPPENED},
}

# `{these}` limits every part to the customers drawn, so that one costs only its own rows.
_HAPPENINGS = """
    SELECT a.customer_id, f.result AS what, f.occurred_at AS at
      FROM lead a JOIN follow_up f ON f.lead_id = a.id
     WHERE a.customer_id {these} AND f.undone_at IS NULL
    UNION ALL SELECT customer_id, 'delivered', closed_at
      FROM lead WHERE customer_id {these} AND state = 'delivered'
    UNION ALL SELECT customer_id, 'test_drive', start_at
      FROM appointment WHERE customer_id {these} AND state = 'kept'
    UNION ALL SELECT customer_id, 'touch', at
      FROM timeline_event WHERE customer_id {these} AND kind = 'touch'"""

_DRAWN = f"""
SELECT {", ".join(_COLUMNS.values())}
  FROM customer c
  LEFT JOIN lead l ON l.customer_id = c.id AND l.customer_id {{these}} AND l.id = (
    SELECT n.id FROM lead n WHERE n.customer_id = c.id AND n.state <> 'lapsed'
     ORDER BY (n.open_key IS NULL), n.last_active_at DESC, n.id DESC LIMIT 1)
  LEFT JOIN (
    SELECT customer_id, max(CASE WHEN kind = 'phone' THEN 1 ELSE 0 END) AS phone,
           max(CASE WHEN kind = 'openid' AND subscribed THEN 1 ELSE 0 END) AS follows
      FROM identity WHERE customer_id {{these}} GROUP BY customer_id) i ON i.customer_id = c.id
  LEFT JOIN (
    SELECT r.customer_id, max(CASE WHEN r.purpose = 'contact' THEN 1 ELSE 0 END) AS contact,
           max(CASE WHEN r.purpose = 'share_with_dealer' THEN 1 ELSE 0 END) AS share,
           max(CASE WHEN r.purpose = 'marketing' THEN 1 ELSE 0 END) AS market
      FROM consent r JOIN customer o ON o.id = r.customer_id
     WHERE r.customer_id {{these}} AND o.id {{these}} AND r.withdrawn_at IS NULL
       AND (o.opted_out_at IS NULL OR r.obtained_at > o.opted_out_at)
     GROUP BY r.customer_id) g ON g.customer_id = c.id
  LEFT JOIN (
    SELECT h.customer_id, {", ".join(f"{what} AS {name}" for name, what in _HAPPENED.items())}
      FROM ({_HAPPENINGS}) h GROUP BY h.customer_id) h ON h.customer_id = c.id
 WHERE c.id {{these}} AND c.merged_into_id IS NULL AND c.erased_at IS NULL"""  # noqa: S608

_KEPT = [name for name in _COLUMNS if name != "customer_id"]
_DRAW = f"""
INSERT INTO customer_profile ({", ".join(_COLUMNS)}) {_DRAWN}
ON CONFLICT (customer_id) DO UPDATE SET {", ".join(f"{n} = excluded.{n}" for n in _KEPT)}
 WHERE ({", ".join(f"customer_profile.{n}" for n in _KEPT)})
       {{differ}} ({", ".join(f"excluded.{n}" for n in _KEPT)})
RETURNING customer_id"""
_ONE, _RANGE = "= $1", "BETWEEN $1 AND $2"
_DIFFER = {"postgres": "IS DISTINCT FROM", "sqlite": "IS NOT"}

_LOCK = "SELECT id FROM customer WHERE id BETWEEN $1 AND $2 ORDER BY id FOR NO KEY UPDATE"
_FORGET = """
DELETE FROM customer_profile WHERE customer_id = $1 AND EXISTS (
  SELECT 1 FROM customer c WHERE c.id = $1
     AND (c.merged_into_id IS NOT NULL OR c.erased_at IS NOT NULL))"""


async def draw(customer_ids: Iterable[int]) -> None:
    """Draw these customers' profiles anew, in the running transaction.

    Those of customers who were merged away or erased go.
    """
    statement = _statement(_ONE, sql.dialect())
    for customer_id in sorted(customer_ids):
        if not await sql.rows(statement, customer_id):
            await sql.rows(_FORGET, customer_id)


async def draw_range(first: int, last: int) -> int:
    """Draw the profiles of all customers with ids from `first` to `last`, in one transaction.

    Returns how many were not as they should be. Nothing happens to these customers meanwhile.
    """
    if sql.dialect() == "postgres":
        await sql.rows(_LOCK, first, last)
    return len(await sql.rows(_statement(_RANGE, sql.dialect()), first, last))


@cache
def _statement(these: str, dialect: str) -> str:
    return _DRAW.format(these=these, differ=_DIFFER[dialect])
