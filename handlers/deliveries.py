"""What became of a notice: on the lead's timeline, and on the card it was."""

from db.models import Card, Lead, OutboxJob
from domain.commands import RecordDelivery
from handlers.tx import SYSTEM, Tx

PUSHES = frozenset({"lead_card", "lead_digest"})
"""Notices that bring a lead to its adviser."""


async def record_delivery(command: RecordDelivery, tx: Tx) -> None:
    """Keep how a notice left, and the code that may still update its card."""
    job = await tx.get(OutboxJob, command.outbox_id)
    job.result = {"outcome": command.outcome, "way": command.way, "detail": command.detail}
    if command.task_id and command.response_code:
        card = await tx.get(Card, command.task_id)
        card.response_code, card.code_at = command.response_code, tx.now
    if job.name in PUSHES and job.lead_id and command.outcome != "obsolete":
        lead = await tx.get(Lead, job.lead_id)
        kind = "pushed" if command.outcome == "delivered" else "push_failed"
        tx.note(kind, SYSTEM, lead=lead, userid=job.staff_id, way=command.way)
