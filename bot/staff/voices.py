"""A voice message is a sentence, where it can be made out; else it is kept, and that is said."""

from bot.conversation import Turn
from bot.events import VoiceMessage
from bot.hearing import NotHeard
from bot.staff import sentences
from bot.staff.words import lead_name
from db.models import Staff
from db.queries.faces import lead_face
from domain.voice_commands import KeepVoice
from texts import staff as words


async def spoken(event: VoiceMessage, staff: Staff, turn: Turn) -> None:
    """Take it as if it had been written."""
    if turn.ears is None:
        await _keep(event, staff, turn, "voice_off")
        return
    try:
        text = await turn.ears.hear(event.media_id, event.format)
    except NotHeard:
        await _keep(event, staff, turn, "voice_unheard")
        return
    await sentences.said(text, staff, turn)


async def _keep(event: VoiceMessage, staff: Staff, turn: Turn, why: str) -> None:
    lead = await lead_face(staff.focus_lead_id) if staff.focus_lead_id else None
    if lead is None:
        await turn.tell(words.say(why))
        return
    keep = KeepVoice(staff.userid, lead.id, event.media_id)
    where = words.say("voice_kept_on", lead=lead_name(lead))
    hint = words.say(why)
    await turn.do(keep, then=lambda results: f"{where}{hint}" if results[0] else hint)
