"""A message that WeChat cannot tell from its repetition: that it leaves is written down before.

A run that ends without telling how may have sent it or not. With this it is known which.
"""

from db.errors import LeaseLost
from db.models import OutboxJob
from db.models.queues import RowState
from db.queue_rows import RowRef
from db.tries import unanswered_since_retry


async def leaves_now(job: OutboxJob, ref: RowRef) -> None:
    """Call it right before WeChat is asked. Raises `LeaseLost` when the row is no longer ours."""
    ours = OutboxJob.filter(id=ref.id, state=RowState.LEASED, lease_until_ms=ref.lease)
    if not await ours.update(result={"outcome": "sending", "run": job.attempts}):
        raise LeaseLost(ref.encode())


def may_have_left(job: OutboxJob) -> bool:
    """Whether an earlier run had begun to send it, and nobody knows what came of that."""
    marked = job.result or {}
    return marked.get("run") in unanswered_since_retry(job.tries)
