"""What campaigns have brought, counted from the rows; the same rows give the same numbers."""

from collections import defaultdict
from typing import Any

from db import sql
from db.models import Campaign, CampaignVersion, Enrolment, Touch

_ARMS = ("touched", "held_out")


async def page(before_id: int | None, limit: int) -> list[Campaign]:
    """Campaigns from below `before_id` on, newest first."""
    rows = Campaign.all() if before_id is None else Campaign.filter(id__lt=before_id)
    return await rows.order_by("-id").limit(limit)


async def find(code: str) -> Campaign | None:
    """The campaign of this code."""
    return await Campaign.get_or_none(code=code)


async def document(campaign_id: int, version: int) -> dict[str, object] | None:
    """A flow as it was written."""
    written = await CampaignVersion.get_or_none(campaign_id=campaign_id, version=version)
    return written.document if written else None


async def parts_of(customer_id: int) -> list[dict[str, Any]]:
    """Every campaign this customer was in, the oldest first, with what was sent to them."""
    joined = await Enrolment.filter(customer_id=customer_id).order_by("id")
    rows = await Campaign.filter(id__in=[row.campaign_id for row in joined])
    codes = {row.id: row.code for row in rows}
    sent: dict[int, list[Touch]] = defaultdict(list)
    for touch in await Touch.filter(customer_id=customer_id).order_by("id"):
        sent[touch.enrolment_id].append(touch)
    return [
        {
            "code": codes.get(row.campaign_id, ""),
            "joined_at": row.joined_at,
            "arm": row.arm,
            "state": row.state,
            "touches": [_told(touch) for touch in sent[row.id]],
        }
        for row in joined
    ]


def _told(touch: Touch) -> dict[str, Any]:
    return {"at": touch.at, "channel": touch.channel, "state": touch.state}


async def figures(campaign_id: int) -> dict[str, Any]:
    """People and outcomes by arm, touches by step and way, endings, and credited labels.

    Whoever became one with another customer in the same campaign counts once.
    """
    people = await sql.rows(
        """SELECT arm, state, reason, COUNT(*) AS n FROM enrolment
           WHERE campaign_id = $1 AND reason <> 'merged' GROUP BY arm, state, reason""",
        campaign_id,
    )
    outcomes = await sql.rows(
        """SELECT o.arm, o.kind, COUNT(*) AS n FROM outcome o
           JOIN enrolment e ON e.id = o.enrolment_id AND e.reason <> 'merged'
           WHERE o.campaign_id = $1 GROUP BY o.arm, o.kind""",
        campaign_id,
    )
    return {
        "arms": {arm: _arm(arm, people, outcomes) for arm in _ARMS},
        "states": _sums(people, "state"),
        "endings": _sums([row for row in people if row["state"] == "over"], "reason"),
        "steps": await _steps(campaign_id),
        "labels": await _labels(campaign_id),
    }


def _arm(arm: str, people: list[dict[str, Any]], outcomes: list[dict[str, Any]]) -> dict[str, int]:
    mine = [row for row in outcomes if row["arm"] == arm]
    joined = sum(int(row["n"]) for row in people if row["arm"] == arm)
    return {"people": joined, **_sums(mine, "kind")}


def _sums(rows: list[dict[str, Any]], column: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row[column]] += int(row["n"])
    return dict(sums)


async def _steps(campaign_id: int) -> list[dict[str, Any]]:
    rows = await sql.rows(
        """SELECT step, channel, state, COUNT(*) AS n, COUNT(answered_at) AS answered
           FROM touch WHERE campaign_id = $1
           GROUP BY step, channel, state ORDER BY step, channel, state""",
        campaign_id,
    )
    return [{**row, "n": int(row["n"]), "answered": int(row["answered"])} for row in rows]


async def _labels(campaign_id: int) -> dict[str, dict[str, int]]:
    """By kind: how many were credited to this campaign, by attribution."""
    rows = await sql.rows(
        """SELECT kind, label, COUNT(*) AS n FROM outcome
           WHERE campaign_id = $1 AND credit_key IS NOT NULL GROUP BY kind, label""",
        campaign_id,
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["kind"]][row["label"] or ""] = int(row["n"])
    return dict(found)
