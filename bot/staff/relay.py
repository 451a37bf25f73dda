"""Staff talk to customers: `@12 您好`, or plainly while one conversation is open."""

import re

from bot.conversation import Turn
from bot.events import ImageMessage, InboundEvent, TextMessage, VoiceMessage
from bot.staff.words import talk_name, talk_ref
from bot.understanding.adviser import understand_adviser
from db.models import ChatSession, Lead, Staff
from db.queries.talks import HandoffFace, handoff_face, handoffs_of
from domain.commands import FocusLead
from domain.service_commands import AnswerTicket, EndHandoff, RelayToCustomer
from texts import staff as words

LONGEST_BYTES = 1900  # what WeChat takes in one message, less the speaker's name
_ADDRESSED = re.compile(r"[@＠]\s*(?P<handoff>[Hh]?)(?P<number>\d{1,18})(?!\d)[\s,，:：]*")
_TICKET = re.compile(r"[#＃]\s*[Tt](?P<number>\d{1,18})(?!\d)[\s,，:：]*")
_ABOUT_A_LEAD = ("#", "＃")


async def takes(event: InboundEvent, staff: Staff, turn: Turn) -> bool:
    """Carry what is meant for a customer. False: it is for us."""
    if isinstance(event, TextMessage):
        return await _takes_text(event.content.strip(), staff, turn)
    if not isinstance(event, ImageMessage | VoiceMessage):
        return False
    open_talks = await handoffs_of(staff.userid)
    if not open_talks:
        return False
    if len(open_talks) > 1:
        await _ask_which(turn, open_talks)
        return True
    kind = "image" if isinstance(event, ImageMessage) else "voice"
    await _say(turn, staff, "", handoff_id=open_talks[0].id, kind=kind, media_id=event.media_id)
    return True


async def _takes_text(text: str, staff: Staff, turn: Turn) -> bool:
    if ticket := _TICKET.match(text):
        await _answer_ticket(turn, staff, int(ticket["number"]), text[ticket.end() :])
        return True
    if addressed := _ADDRESSED.match(text):
        await _addressed(turn, staff, addressed, text[addressed.end() :])
        return True
    if words.is_relay_word("end", text):
        await _end_the_one(turn, staff)
        return True
    if words.command_of(text) or text.startswith(_ABOUT_A_LEAD):
        return False
    return await _plain(turn, staff, text)


async def _plain(turn: Turn, staff: Staff, text: str) -> bool:
    """Words without an address: to the one customer there is, unless we asked something."""
    open_talks = await handoffs_of(staff.userid)
    if not open_talks:
        return False
    if len(open_talks) > 1:
        if understand_adviser(text, turn.now, turn.catalogue).label != "note":
            return False
        await _ask_which(turn, open_talks)
        return True
    if await _was_asked_since(staff, open_talks[0]):
        return False
    await _say(turn, staff, text, handoff_id=open_talks[0].id)
    return True


async def _was_asked_since(staff: Staff, talk: HandoffFace) -> bool:
    session = await ChatSession.get_or_none(channel="wecom", peer=staff.userid)
    asked = session is not None and session.state.get("awaits") == "appointment"
    return asked and session is not None and session.updated_at >= talk.last_message_at


async def _addressed(turn: Turn, staff: Staff, who: re.Match[str], text: str) -> None:
    number, shown = int(who["number"]), who.group().strip(" ,，:：")
    talk = await handoff_face(number) if who["handoff"] else None
    lead = None if who["handoff"] else await Lead.get_or_none(id=number)
    if talk is None and lead is None:
        await turn.tell(words.say("no_such_handoff", ref=shown))
    elif not text:
        await turn.tell(words.say("relay_empty", number=shown))
    elif words.is_relay_word("end", text):
        await _end_of(turn, staff, number, talk)
    elif lead:
        await _say(turn, staff, text, lead_id=lead.id)
    else:
        await _say(turn, staff, text, handoff_id=number)


async def _say(
    turn: Turn,
    staff: Staff,
    text: str,
    *,
    lead_id: int | None = None,
    handoff_id: int | None = None,
    kind: str = "text",
    media_id: str = "",
) -> None:
    if len(text.encode()) > LONGEST_BYTES:
        await turn.tell(words.say("relay_too_long"))
        return
    order = RelayToCustomer(staff.userid, kind, text, lead_id, handoff_id, media_id)
    focus = [FocusLead(staff.userid, lead_id)] if lead_id else []
    await turn.do(order, *focus)


async def _end_the_one(turn: Turn, staff: Staff) -> None:
    open_talks = await handoffs_of(staff.userid)
    if not open_talks:
        await turn.tell(words.say("relay_nobody"))
    elif len(open_talks) > 1:
        await _ask_which(turn, open_talks)
    else:
        await _end(turn, staff, open_talks[0])


async def _end_of(turn: Turn, staff: Staff, number: int, talk: HandoffFace | None) -> None:
    mine = await handoffs_of(staff.userid)
    found = talk or next((t for t in mine if t.number == number), None)
    if found is None or found.id not in {t.id for t in mine}:
        await turn.tell(words.refused("handoff_over"))
    else:
        await _end(turn, staff, found)


async def _end(turn: Turn, staff: Staff, talk: HandoffFace) -> None:
    text = words.say("relay_ended", name=talk_name(talk))
    await turn.do(EndHandoff(talk.id, f"staff:{staff.userid}"), then=lambda _: text)


async def _ask_which(turn: Turn, talks: list[HandoffFace]) -> None:
    listed = words.say("list_comma").join(talk_name(talk) for talk in talks)
    text = words.say("relay_several", count=len(talks), list=listed, number=talk_ref(talks[0]))
    await turn.tell(text)


async def _answer_ticket(turn: Turn, staff: Staff, number: int, text: str) -> None:
    word = words.begins_relay_word("ticket_done", text)
    rest = text.removeprefix(word).strip(" ,，。.:：") if word else text.strip()
    if not word and not rest:
        await turn.tell(words.say("relay_empty", number=f"#T{number}"))
        return
    told = words.say("ticket_closed" if word else "ticket_answered", number=number)
    order = AnswerTicket(number, staff.userid, rest, bool(word))
    await turn.do(order, then=lambda _: told)
