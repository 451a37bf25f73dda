"""What became of a notice: on the lead's timeline, and on the card it was."""

from collections.abc import Iterable
from datetime import timedelta

from db.errors import TransactionConflict
from db.models import Card, Lead, OutboxJob
from db.models.queues import RowState
from db.tries import unanswered
from domain.commands import MergeNotices, RecordDelivery
from domain.errors import NothingToMerge
from domain.phone import mask_in_text
from handlers import pushes
from handlers.tx import SYSTEM, Notice, Tx, to_ms

MERGEABLE = (
    "lead_card",
    "lead_again",
    "overdue",
    "recycled",
    "level_lowered",
    "brand_takes_over",
    "customer_spoke",
)
"""Notices that may be told in one message together when there are too many."""
MOST_MERGED = 200
MERGED: dict[str, object] = {"outcome": "merged"}


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
        if command.settled:
            pushes.refresh(tx, card)
    if command.outcome == "delivered" and job.customer_id and job.staff_id is None:
        _note_said(tx, job, command.way)
    tx.watch(job)  # whoever records holds its lease
    job.result = _result(command.outcome, command.way, command.detail)


def tell(tx: Tx, notices: Iterable[Notice]) -> None:
    """Write notices to the outbox; of one that leaves with this commit also how it left."""
    for notice in notices:
        job = tx.notify(notice)
        if notice.left:
            job.state, job.done_at_ms = RowState.DONE, to_ms(tx.now)
            job.result = _result("delivered", notice.left, "")
            _note_said(tx, job, notice.left)


def _result(outcome: str, way: str, detail: str) -> dict[str, object]:
    return {"outcome": outcome, "way": way, "detail": detail}


def _note_said(tx: Tx, job: OutboxJob, way: str) -> None:
    """What the customer was told, on the timeline of all their leads."""
    sealed, userid = job.data.get("sealed"), job.data.get("userid")
    text = tx.phones.decrypt(str(sealed)) if sealed else str(job.data.get("text", ""))
    form = str(job.data.get("form", "text"))
    actor = f"staff:{userid}" if userid else "bot"
    said = mask_in_text(text)
    tx.note("message_out", actor, customer_id=job.customer_id, text=said, form=form, way=way)


def _leads_brought(job: OutboxJob) -> list[int]:
    """The leads that this notice brings to their adviser for the first time."""
    if job.name == "lead_card" and job.lead_id:
        return [job.lead_id]
    return list(job.data.get("lead_ids", [])) if job.name == "digest" else []  # type: ignore[call-overload]


async def merge_notices(command: MergeNotices, tx: Tx) -> int:
    """Put the notice that is too much, and those that wait, into the member's next digest.

    Returns how many the digest stands for. Raises `NothingToMerge` when this one is alone.
    """
    of_member = OutboxJob.filter(staff_id=command.userid, state=RowState.READY)
    waiting = of_member.filter(name__in=list(MERGEABLE)).order_by("id").limit(MOST_MERGED)
    too_much = await tx.get(OutboxJob, command.outbox_id)
    surplus = [too_much, *_surely_unsent(await waiting)]
    digest = next(iter(_surely_unsent(await of_member.filter(name="digest"))), None)
    if digest is None and len(surplus) == 1:
        raise NothingToMerge(f"one notice waits for {command.userid}")
    too_much.result = MERGED
    await _take_out([job.id for job in surplus[1:]])
    brought = [job.lead_id for job in surplus if job.name == "lead_card"]
    others = [job.lead_id for job in surplus if job.name != "lead_card"]
    count = len(surplus)
    if digest:
        brought, others = digest.data["lead_ids"] + brought, digest.data["other_ids"] + others  # type: ignore[operator]
        count += int(str(digest.data["count"]))
        await _take_out([digest.id])
    data: dict[str, object] = {"lead_ids": brought, "other_ids": others, "count": count}
    hold = timedelta(seconds=command.wait_s)
    key = f"digest:{command.userid}:{tx.mark}"
    tx.notify(Notice("digest", key, data, staff=command.userid, lane="urgent", hold=hold))
    return count


def _surely_unsent(jobs: Iterable[OutboxJob]) -> list[OutboxJob]:
    """Those that cannot have come already, so that nothing is told twice."""
    return [job for job in jobs if not unanswered(job.tries)]


async def _take_out(ids: list[int]) -> None:
    """Mark waiting notices as told elsewhere: they do not count against the member's minute."""
    waiting = OutboxJob.filter(id__in=ids, state=RowState.READY)
    if await waiting.update(state=RowState.DONE, done_at_ms=0, result=MERGED) < len(ids):
        raise TransactionConflict("a notice was claimed in between")
