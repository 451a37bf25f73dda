"""The invariants, checked from the rows alone: what must never be, whatever the market does.

Written apart from the product's own rules on purpose: a rule that is wrong in both places would
have to be wrong twice.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from db import sql
from db.models import Enrolment, OutboxJob
from market.product import Product
from market.seasons import ZONE

WEEK = timedelta(days=7)
FRESH = timedelta(days=3)
QUIET_FROM, QUIET_UNTIL = time(21), time(9)
KEPT = 200


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be: what, when, and the ids of one example."""

    rule: str
    at: datetime
    what: str


@dataclass(slots=True)
class Watch:
    """Everything found so far. `looks` counts how often which rule was looked at."""

    product: Product
    found: list[Violation] = field(default_factory=list)
    count: int = 0
    looks: dict[str, int] = field(default_factory=dict)
    _pushed: set[int] = field(default_factory=set)
    _touches: set[str] = field(default_factory=set)

    def _broken(self, rule: str, what: object) -> None:
        self.count += 1
        if len(self.found) < KEPT:
            self.found.append(Violation(rule, self.product.clock.now, str(what)))

    def _looked(self, rule: str, times: int = 1) -> None:
        self.looks[rule] = self.looks.get(rule, 0) + times

    # as it leaves ───────────────────────────────────────────────────────────────────────────

    async def leaving(self, job: OutboxJob) -> None:
        """A message is leaving: was it allowed to, and did it leave before?"""
        if job.name == "lead_card":
            self._looked("a card is pushed once")
            assignment_id = int(str(job.data["assignment_id"]))
            if assignment_id in self._pushed:
                self._broken("a card is pushed once", f"assignment {assignment_id}")
            self._pushed.add(assignment_id)
        elif job.name in ("touch", "touch_task"):
            await self._touch(job)

    async def _touch(self, job: OutboxJob) -> None:
        rule = "a touch keeps the rules"
        self._looked(rule)
        if job.dedupe_key in self._touches:
            self._broken("a touch is sent once", job.dedupe_key)
        self._touches.add(job.dedupe_key)
        local = self.product.clock.now.astimezone(ZONE).time()
        if local >= QUIET_FROM or local < QUIET_UNTIL:
            self._broken(rule, f"quiet hours: job {job.id} at {local}")
        enrolment_id, customer_id = await _of_touch(job)
        enrolment = await Enrolment.get(id=enrolment_id)
        if enrolment.arm != "touched":
            self._broken(rule, f"held out: enrolment {enrolment.id}")
        now = self.product.clock.now
        for words, wrong in _WRONG_TOUCHES.items():
            since = now - (WEEK if words == "twice in a week" else FRESH)
            if await _found(wrong, customer_id, sql.moment(since), sql.moment(now)):
                self._broken(rule, f"{words}: customer {customer_id}, job {job.id}")

    # at rest ────────────────────────────────────────────────────────────────────────────────

    async def at_rest(self) -> None:
        """All rows, at a moment when nothing is due."""
        now_ms = self.product.clock.ms()
        for rule, query in _AT_REST.items():
            rows = await _found(query, now_ms)
            self._looked(rule)
            for row in rows:
                self._broken(rule, row)

    async def pools(self) -> None:
        """Every customer's pool, worked out again from the facts."""
        self._looked("every customer is in the pool the facts say")
        for customer_id in await self.product.compare_pools():
            self._broken("every customer is in the pool the facts say", customer_id)


async def _found(query: str, *values: object) -> list[dict[str, Any]]:
    """Rows; of the values, so many as the query speaks of."""
    spoken_of = max(map(int, re.findall(r"\$(\d)", query)), default=0)
    return await sql.rows(query, *values[:spoken_of])


async def _of_touch(job: OutboxJob) -> tuple[int, int]:
    if job.name == "touch":
        return int(str(job.data["enrolment_id"])), job.customer_id or 0
    rows = await sql.rows(
        "SELECT enrolment_id, customer_id FROM touch WHERE id = $1", int(job.dedupe_key[11:])
    )
    return rows[0]["enrolment_id"], rows[0]["customer_id"]


_WRONG_TOUCHES = {
    "twice in a week": """SELECT 1 FROM touch WHERE customer_id = $1 AND at > $2 AND at <= $3
        GROUP BY customer_id HAVING COUNT(*) > 1""",
    "opted out": """SELECT 1 FROM customer
        WHERE id = $1 AND opted_out_at IS NOT NULL""",
    "no consent": """SELECT 1 FROM customer c WHERE c.id = $1 AND NOT EXISTS (
        SELECT 1 FROM consent s WHERE s.customer_id = c.id AND s.purpose = 'marketing'
          AND s.withdrawn_at IS NULL)""",
    "the dealer leads": """SELECT 1 FROM customer
        WHERE id = $1 AND link <> 'brand'""",
    "in active follow-up": """SELECT 1 FROM lead l
        JOIN assignment a ON a.open_lead_id = l.id
        JOIN follow_up f ON f.lead_id = l.id AND f.undone_at IS NULL AND f.result <> 'note'
        WHERE l.customer_id = $1 AND f.occurred_at > $2 AND f.occurred_at <= $3""",
}
"""What is wrong with a touch → the query that finds it ($1 customer, $2 since, $3 now)."""

_AT_REST = {
    "every customer is in one pool": """SELECT c.id AS customer FROM customer c
        WHERE c.merged_into_id IS NULL AND (SELECT COUNT(*) FROM pool_move m
          WHERE m.customer_id = c.id AND m.left_at IS NULL AND m.pool = c.pool) <> 1""",
    "one link leads": """SELECT id AS customer, link FROM customer
        WHERE link NOT IN ('brand', 'dealer', 'none')""",
    "who holds a lead is on file once": """SELECT l.id AS lead, l.state FROM lead l
        WHERE l.state IN ('assigned', 'accepted', 'ordered', 'defeat_requested')
          AND (SELECT COUNT(*) FROM assignment a
               WHERE a.lead_id = l.id AND a.ended_at IS NULL) <> 1""",
    "nobody holds what is over": """SELECT l.id AS lead, l.state FROM lead l
        JOIN assignment a ON a.lead_id = l.id AND a.ended_at IS NULL
        WHERE l.state NOT IN ('assigned', 'accepted', 'ordered', 'defeat_requested')""",
    "no held lead is without a clock": """SELECT l.id AS lead, l.state FROM lead l
        JOIN assignment a ON a.open_lead_id = l.id
        WHERE l.state IN ('assigned', 'accepted', 'ordered') AND NOT EXISTS (
          SELECT 1 FROM timer t WHERE t.assignment_id = a.id AND t.state = 0)""",
    "who waits has a reason": """SELECT id AS lead, state FROM lead
        WHERE open_key IS NOT NULL AND (
          (state = 'held' AND hold_reason IS NULL)
          OR (state = 'waiting' AND (waiting_since IS NULL OR hold_reason IS NULL)))""",
    "a requested defeat is open": """SELECT l.id AS lead FROM lead l
        WHERE l.state = 'defeat_requested' AND NOT EXISTS (
          SELECT 1 FROM defeat d WHERE d.open_lead_id = l.id AND d.state = 'requested')""",
    "open and closed are told apart": """SELECT id AS lead, state FROM lead
        WHERE (open_key IS NULL) <> (state IN
          ('delivered', 'defeated', 'dormant', 'invalid', 'lapsed'))""",
    "no clock runs for nobody": """SELECT t.id AS timer FROM timer t
        JOIN assignment a ON a.id = t.assignment_id
        WHERE t.state = 0 AND a.ended_at IS NOT NULL""",
    "no clock is behind": "SELECT id AS timer, kind FROM timer WHERE state = 0 AND due_at_ms < $1",
    "one clock of a kind": """SELECT assignment_id AS assignment, kind FROM timer
        WHERE state = 0 GROUP BY assignment_id, kind HAVING COUNT(*) > 1""",
    "no job is behind": "SELECT id AS job, name FROM outbox WHERE state = 0 AND due_at_ms < $1",
    "nothing is a dead letter": """SELECT id AS job, name, error FROM outbox
        WHERE state = 3""",
    "no clock died": "SELECT id AS timer, kind, error FROM timer WHERE state = 3",
    "times are in order": """SELECT id AS assignment FROM assignment
        WHERE (accepted_at < assigned_at OR first_response_at < assigned_at
          OR ended_at < assigned_at OR first_response_due_at < assigned_at)""",
}
"""Rule → the query that finds who breaks it; $1, if any, is now in milliseconds."""
