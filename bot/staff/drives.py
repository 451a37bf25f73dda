"""What an adviser reads of a customer's test drive, at each step and when it is due."""

from bot.staff.look import Look, Message
from bot.staff.words import lead_name
from db.models import OutboxJob
from db.queries.appointments import find_appointment
from db.queries.faces import lead_face
from domain.appointment import TAKES_A_PLACE
from texts import staff as words

ONLY_WHILE_IT_STANDS = frozenset({"soon", "over"})


async def test_drive(job: OutboxJob, look: Look) -> Message | None:
    """One step of a test drive, as it stands now."""
    drive = await find_appointment(int(str(job.data["appointment_id"])))
    lead = await lead_face(int(str(job.data["lead_id"])))
    happened = str(job.data["happened"])
    if drive is None or lead is None:
        return None
    if happened in ONLY_WHILE_IT_STANDS and drive.state not in TAKES_A_PLACE:
        return None
    text = words.notice(
        f"drive_{happened}",
        lead=lead_name(lead),
        number=lead.id,
        model=drive.model,
        at=look.at(drive.start_at),
    )
    return Message.text(text)
