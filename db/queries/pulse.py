"""How the system does right now, in reads that stay cheap however much is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from tortoise.functions import Count, Min

from db import sql
from db.models import Assignment, Dealer, QueuePause, Staff
from db.models.queues import RowState
from db.queue_rows import TABLE_OF

MINUTE_MS = 60_000
FIRST_LOOK = 20_000
"""How many of the newest rows count for the rates as long as no earlier look is known."""


@dataclass(frozen=True, slots=True)
class QueuePulse:
    """One queue now. The rates are rows of the last minute.

    `held` of the ready wait until their receiver, which fails, may be asked again.
    """

    name: str
    ready: int
    held: int
    scheduled: int
    active: int
    failed: int
    oldest_ready_seconds: float
    in_per_minute: int
    out_per_minute: int
    paused: bool


@dataclass(frozen=True, slots=True)
class Late:
    """Leads of a dealer whose first contact is overdue."""

    dealer_code: str
    count: int
    oldest_due_at: datetime


@dataclass(frozen=True, slots=True)
class DealerName:
    """A dealer and the region it is in, as people call them."""

    name: str
    region_code: str
    region: str


def _count(table: str, queue: str, condition: str) -> str:
    return f"(SELECT COUNT(*) FROM {table} WHERE queue = '{queue}' AND {condition})"  # noqa: S608


_HELD = {
    "webhooks": """(SELECT COUNT(*) FROM webhook_delivery d
            JOIN webhook w ON w.id = d.webhook_id AND w.held_until_ms > $1
           WHERE d.state = 0 AND d.due_at_ms <= $1)"""
}
_NOW = " UNION ALL ".join(
    f"""SELECT '{queue}' AS queue,
          {_count(table, queue, "state = 0 AND due_at_ms <= $1")} AS ready,
          {_HELD.get(queue, "0")} AS held,
          {_count(table, queue, "state = 1 AND lease_until_ms <= $1")} AS lost,
          {_count(table, queue, "state = 0 AND due_at_ms > $1")} AS scheduled,
          {_count(table, queue, "state = 1 AND lease_until_ms > $1")} AS active,
          {_count(table, queue, f"state = {RowState.DEAD}")} AS failed,
          (SELECT MIN(due_at_ms) FROM {table} WHERE queue = '{queue}' AND state = 0
             AND due_at_ms <= $1) AS oldest_ms"""  # noqa: S608  # fixed words only
    for queue, table in TABLE_OF.items()
)


async def highest_ids() -> dict[str, int]:
    """The newest row of each queue table: to be handed to a look a minute later."""
    found = {}
    for table in dict.fromkeys(TABLE_OF.values()):
        rows = await sql.rows(f"SELECT COALESCE(MAX(id), 0) AS id FROM {table}")  # noqa: S608
        found[table] = int(rows[0]["id"])
    return found


async def queue_pulse(now_ms: int, floors: Mapping[str, int]) -> list[QueuePulse]:
    """Every queue. `floors`: ids by table below which no row is younger than a minute."""
    paused = {row.queue for row in await QueuePause.all()}
    came, left = await _came(now_ms, floors), await _left(now_ms)
    return [
        QueuePulse(
            name=row["queue"],
            ready=row["ready"] + row["lost"],
            held=row["held"],
            scheduled=row["scheduled"],
            active=row["active"],
            failed=row["failed"],
            oldest_ready_seconds=max(0, now_ms - (row["oldest_ms"] or now_ms)) / 1000,
            in_per_minute=came.get(row["queue"], 0),
            out_per_minute=left.get(row["queue"], 0),
            paused=row["queue"] in paused,
        )
        for row in await sql.rows(_NOW, now_ms)
    ]


async def _came(now_ms: int, floors: Mapping[str, int]) -> dict[str, int]:
    came = {}
    for table, floor in floors.items():
        rows = await sql.rows(
            f"""SELECT queue, COUNT(*) AS n FROM {table}
                WHERE id > $1 AND created_at_ms > $2 GROUP BY queue""",  # noqa: S608
            floor,
            now_ms - MINUTE_MS,
        )
        came.update({row["queue"]: int(row["n"]) for row in rows})
    return came


async def _left(now_ms: int) -> dict[str, int]:
    left = {}
    for table in dict.fromkeys(TABLE_OF.values()):
        rows = await sql.rows(
            f"""SELECT queue, COUNT(*) AS n FROM {table}
                WHERE state = {RowState.DONE} AND done_at_ms > $1 GROUP BY queue""",  # noqa: S608
            now_ms - MINUTE_MS,
        )
        left.update({row["queue"]: int(row["n"]) for row in rows})
    return left


async def callbacks(now_ms: int, floor: int) -> dict[str, tuple[int, int]]:
    """By app: callbacks of the last minute, and when the last came (epoch ms)."""
    rows = await sql.rows(
        """SELECT app, SUM(CASE WHEN created_at_ms > $2 THEN 1 ELSE 0 END) AS n,
                  MAX(created_at_ms) AS last_ms FROM inbox WHERE id > $1 GROUP BY app""",
        floor,
        now_ms - MINUTE_MS,
    )
    return {row["app"]: (int(row["n"]), int(row["last_ms"])) for row in rows}


_MEASURES = {
    "leads": ("lead row", "row.opened_at", "row.dealer_id"),
    "pushed": (
        "timeline_event row JOIN lead ON lead.id = row.lead_id AND row.kind = 'pushed'",
        "row.at",
        "lead.dealer_id",
    ),
    "answered": ("assignment row", "row.first_response_at", "row.dealer_code"),
}
MEASURES = tuple(_MEASURES)
"""Leads opened, cards that reached an adviser, first contacts."""


async def by_hour(measure: str, since: datetime, until: datetime) -> dict[str, dict[int, int]]:
    """How often it happened from `since` on, by dealer ("" for none yet) and hour (0, 1 …)."""
    rows, at, dealer = _MEASURES[measure]
    seconds = (
        f"EXTRACT(EPOCH FROM {at} - $1)"
        if sql.dialect() == "postgres"
        else f"strftime('%s', {at}) - strftime('%s', $1)"
    )
    found: dict[str, dict[int, int]] = {}
    for row in await sql.rows(
        f"""SELECT {dealer} AS code, CAST(FLOOR(({seconds}) / 3600.0) AS INTEGER) AS hour,
              COUNT(*) AS n FROM {rows} WHERE {at} >= $1 AND {at} < $2 GROUP BY 1, 2""",  # noqa: S608
        sql.moment(since),
        sql.moment(until),
    ):
        found.setdefault(str(row["code"] or ""), {})[int(row["hour"])] = int(row["n"])
    return found


async def members_written_to(since_ms: int) -> tuple[int, int]:
    """Messages that WeCom took for members since then, and how many members there are."""
    sent = await sql.rows(
        f"""SELECT COUNT(*) AS n FROM outbox WHERE state = {RowState.DONE} AND done_at_ms >= $1
            AND kind = 'notice' AND staff_id IS NOT NULL AND name <> 'refresh_card'""",  # noqa: S608
        since_ms,
    )
    return int(sent[0]["n"]), await Staff.filter(active=True).count()


async def late_leads(now: datetime) -> list[Late]:
    """Dealers with leads nobody has contacted in time, most first."""
    waiting = Assignment.filter(
        ended_at__isnull=True, first_response_at__isnull=True, first_response_due_at__lte=now
    )
    counted = waiting.annotate(n=Count("id"), oldest=Min("first_response_due_at"))
    rows = await counted.group_by("dealer_code").values("dealer_code", "n", "oldest")
    late = [Late(row["dealer_code"], int(row["n"]), row["oldest"]) for row in rows]
    return sorted(late, key=lambda each: (-each.count, each.dealer_code))


async def dealer_names(codes: Collection[str] | None = None) -> dict[str, DealerName]:
    """These dealers by code, or every one."""
    dealers = Dealer.all() if codes is None else Dealer.filter(code__in=list(codes))
    rows = await dealers.values("code", "name", "region_id", "region__name")
    return {
        row["code"]: DealerName(row["name"], row["region_id"] or "", row["region__name"] or "")
        for row in rows
    }
