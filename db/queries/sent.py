"""What one member of the staff was sent of late."""

from db.models import OutboxJob
from db.models.queues import RowState
from db.tries import unanswered


async def sent_beside(job: OutboxJob, since_ms: int) -> list[int]:
    """When this job's member was sent anything else since then (epoch ms, oldest first).

    What was sent and not answered counts too: if it came, WeCom has counted it.
    """
    others = OutboxJob.filter(staff_id=job.staff_id).exclude(id=job.id)
    others = others.exclude(name="refresh_card")
    ended = others.filter(done_at_ms__gte=since_ms, state=RowState.DONE)
    sent = [
        int(at)
        for at, result in await ended.values_list("done_at_ms", "result")
        if (result or {}).get("outcome") == "delivered"
    ]
    failed = others.filter(done_at_ms__isnull=True, tries__isnull=False)
    for story in await failed.values_list("tries", flat=True):
        sent += [at for at in unanswered(story)[-1:] if at >= since_ms]
    return sorted(sent)
