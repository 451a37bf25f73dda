"""A message to a customer did not arrive as meant: whoever meant it is told, nothing is silent."""

from db.models import Assignment, Lead, OutboxJob
from domain.service_commands import TellSender
from handlers.tx import Notice, Tx

URGENT = "urgent"


async def tell_sender(command: TellSender, tx: Tx) -> None:
    """Tell the member of staff who wrote it; for the bot's own words, the customer's adviser.

    The bot's unsent words ask for one call an hour, however many there are.
    """
    job = await tx.see(OutboxJob, command.outbox_id)
    data: dict[str, object] = {"outbox_id": job.id, "reason": command.reason}
    userid = job.data.get("userid")
    if userid:
        key, staff = f"unsent:{job.id}:{command.reason}", str(userid)
    else:
        hour = f"{tx.now:%Y%m%d%H}"
        key, staff = f"please_call:{job.customer_id}:{hour}", await _adviser_of(job)
    if staff and (userid or command.reason != "opted_out"):
        name = "unsent" if userid else "please_call"
        notice = Notice(name, key, data, staff=staff, customer=job.customer_id, lane=URGENT)
        tx.notify(notice)


async def _adviser_of(job: OutboxJob) -> str:
    leads = Lead.filter(customer_id=job.customer_id, open_key__isnull=False)
    ids = [int(str(i)) for i in await leads.values_list("id", flat=True)]
    held = await Assignment.filter(open_lead_id__in=ids).order_by("-id").first() if ids else None
    return held.staff_id if held else ""
