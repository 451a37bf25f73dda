"""Touches as rows: who is due, what is on its way, who was touched when."""

from dataclasses import dataclass
from datetime import datetime

from db import sql
from db.models import Touch
from db.models.queues import RowState

QUEUE = "campaign"


@dataclass(frozen=True, slots=True)
class Armed:
    """An enrolment whose next step is due; `armings` counts how often that came about."""

    id: int
    customer_id: int
    lead_id: int | None
    step: int
    armings: int


async def campaigns_due(now: datetime) -> set[int]:
    """The running campaigns in which somebody waits for a touch that is due."""
    rows = await sql.rows(
        """SELECT c.id FROM campaign c WHERE c.state = 'running' AND EXISTS (
             SELECT 1 FROM enrolment e
             WHERE e.campaign_id = c.id AND e.state = 'waiting' AND e.due_at <= $1)""",
        sql.moment(now),
    )
    return {row["id"] for row in rows}


async def arm_due(campaign_id: int, now: datetime, limit: int) -> list[Armed]:
    """Take up to `limit` enrolments of a campaign that are due, the longest waiting first."""
    lock = "FOR UPDATE OF e SKIP LOCKED" if sql.dialect() == "postgres" else ""
    rows = await sql.rows(
        f"""WITH due AS MATERIALIZED (
              SELECT e.id FROM enrolment e
              WHERE e.campaign_id = $1 AND e.state = 'waiting' AND e.due_at <= $2
              ORDER BY e.due_at LIMIT $3 {lock})
            UPDATE enrolment SET state = 'armed', armings = armings + 1
            WHERE id IN (SELECT id FROM due)
            RETURNING id, customer_id, lead_id, step, armings""",  # noqa: S608  # fixed words
        campaign_id,
        sql.moment(now),
        limit,
    )
    return [Armed(**row) for row in rows]


def job_key(enrolment_id: int, armings: int) -> str:
    """What the outbox calls the job of one arming."""
    return f"touch:{enrolment_id}:{armings}"


async def given_up(campaign_id: int, limit: int = 1000) -> list[int]:
    """Armed enrolments of a campaign whose job was discarded, or is no longer there."""
    rows = await sql.rows(
        f"""SELECT e.id FROM enrolment e
            LEFT JOIN outbox o ON o.dedupe_key = 'touch:' || e.id || ':' || e.armings
            WHERE e.campaign_id = $1 AND e.arm = 'touched' AND e.state = 'armed'
              AND (o.id IS NULL OR o.state = {RowState.DISCARDED:d})
            ORDER BY e.id LIMIT $2""",  # noqa: S608  # a number of ours
        campaign_id,
        limit,
    )
    return [row["id"] for row in rows]


async def on_their_way() -> int:
    """Touches handed to the outbox that have not ended yet."""
    rows = await sql.rows(
        """SELECT (SELECT COUNT(*) FROM outbox WHERE queue = $1 AND state = 0)
                + (SELECT COUNT(*) FROM outbox WHERE queue = $1 AND state = 1) AS n""",
        QUEUE,
    )
    return int(rows[0]["n"])


async def page(
    campaign_id: int, state: str | None, before_id: int | None, limit: int
) -> list[Touch]:
    """Touches of a campaign, newest first; `state` narrows them."""
    rows = Touch.filter(campaign_id=campaign_id)
    rows = rows if state is None else rows.filter(state=state)
    rows = rows if before_id is None else rows.filter(id__lt=before_id)
    return await rows.order_by("-id").limit(limit)


async def touched_since(customer_id: int, since: datetime) -> tuple[datetime, ...]:
    """When this customer was touched, by any campaign, also where it is not certain."""
    rows = Touch.filter(customer_id=customer_id, at__gt=since)
    return tuple(await rows.values_list("at", flat=True))  # type: ignore[arg-type]
