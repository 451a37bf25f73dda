"""What became of a notice: on the lead's timeline, and on the card it was."""

from datetime import timedelta

from db.errors import TransactionConflict
from db.models import Card, Lead, OutboxJob
from db.models.queues import RowState
from domain.commands import MergeNotices, RecordDelivery
from handlers.tx import SYSTEM, Notice, Tx

MERGEABLE = ("lead_card", "lead_again", "overdue", "recycled", "level_lowered", "customer_spoke")
"""Notices that may be told in one message together when there are too many."""
MOST_MERGED = 200


async def record_delivery(command: RecordDelivery, tx: Tx) -> None:
    """Keep how a notice left, and the code that may still update its card."""
    job = await tx.see(OutboxJob, command.outbox_id)
    kind = "pushed" if command.outcome == "delivered" else "push_failed"
    if command.outcome != "obsolete":
        for lead_id in _leads_brought(job):
            lead = await tx.see(Lead, lead_id)
            tx.note(kind, SYSTEM, lead=lead, userid=job.staff_id, way=command.way)
    if command.task_id and command.response_code:
        card = await tx.get(Card, command.task_id)
        card.response_code, card.code_at = command.response_code, tx.now
    job = await tx.get(OutboxJob, command.outbox_id)
    job.result = {"outcome": command.outcome, "way": command.way, "detail": command.detail}


def _leads_brought(job: OutboxJob) -> list[int]:
    """The leads that this notice brings to their adviser for the first time."""
    if job.name == "lead_card" and job.lead_id:
        return [job.lead_id]
    return list(job.data.get("lead_ids", [])) if job.name == "digest" else []  # type: ignore[call-overload]


async def merge_notices(command: MergeNotices, tx: Tx) -> int:
    """Turn a member's waiting notices into one digest, due when they may be written to again."""
    waiting = OutboxJob.filter(
        staff_id=command.userid, state=RowState.READY, name__in=list(MERGEABLE)
    )
    jobs = await waiting.order_by("id").limit(MOST_MERGED)
    if len(jobs) < 2:
        return 0
    ids = [job.id for job in jobs]
    merged = OutboxJob.filter(id__in=ids, state=RowState.READY)
    # `done_at_ms` 0: they were not sent, so they do not count against the member's minute.
    done = await merged.update(state=RowState.DONE, done_at_ms=0, result={"outcome": "merged"})
    if done < len(ids):
        raise TransactionConflict("a notice was claimed in between")
    brought = [job.lead_id for job in jobs if job.name == "lead_card"]
    others = [job.lead_id for job in jobs if job.name != "lead_card"]
    data: dict[str, object] = {"lead_ids": brought, "other_ids": others, "count": len(jobs)}
    key = f"digest:{command.userid}:{ids[0]}-{ids[-1]}"
    hold = timedelta(seconds=command.wait_s)
    tx.notify(Notice("digest", key, data, staff=command.userid, lane="urgent", hold=hold))
    return len(jobs)
