"""A voice message that could not be made out is kept where it belongs."""

from db.models import Lead
from domain.voice_commands import KeepVoice
from handlers import dispatch
from handlers.tx import Tx


async def keep_voice(command: KeepVoice, tx: Tx) -> bool:
    """Note it on the lead the adviser turned to, while they hold it. Returns whether it was."""
    lead = await tx.get(Lead, command.lead_id)
    held = await dispatch.running_assignment(tx, lead)
    if held is None or held.staff_id != command.userid:
        return False
    tx.note("voice_note", f"staff:{command.userid}", lead=lead, media_id=command.media_id)
    return True
