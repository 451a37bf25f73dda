"""What staff read of conversations and tickets: facts and words found at the moment of sending."""

from collections.abc import Awaitable, Callable

from bot.staff.look import Look, Message
from bot.staff.words import talk_name, talk_ref
from db.models import Assignment, Customer, OutboxJob
from db.queries.talks import HandoffFace, handoff_face, last_words, ticket_face
from domain.phone import mask_in_text
from handlers.policies import policy_for
from texts import customer as customer_words
from texts import staff as words

Renderer = Callable[[OutboxJob, Look], Awaitable[Message | None]]
BYTES = 2000  # WeCom cuts a text at 2048 without a word
WORDS_SHOWN = 200  # characters of what a customer said


async def _asked(job: OutboxJob, look: Look) -> Message | None:
    """The summary: who, which car, what they said of late, and how to answer."""
    talk = await _talk(job)
    if talk is None or not talk.is_open:
        return None
    said = "；".join(await last_words(talk.customer_id, look.now))[-WORDS_SHOWN:]
    return _text(
        "handoff_asked",
        talk,
        words=words.notice("handoff_words", words=said) if said else "",
        model=talk.model,
        minutes=f"{(await policy_for(None)).bot.answer_minutes:g}",
    )


async def _of_talk(job: OutboxJob, look: Look) -> Message | None:
    talk = await _talk(job)
    key = "_".join([job.name, *filter(None, [str(job.data.get("why", ""))])])
    return _text(key, talk, by=job.data.get("name", "")) if talk else None


async def _relayed(job: OutboxJob, look: Look) -> Message | None:
    talk = await _talk(job)
    if talk is None:
        return None
    form = str(job.data["form"])
    said = [] if form == "text" else [customer_words.form(form)]
    return _text("relay_in", talk, text=" ".join([*said, await _opened(job, look, talk)]).strip())


async def _message_left(job: OutboxJob, look: Look) -> Message | None:
    talk = await _talk(job)
    if talk is None:
        return None
    text = await _opened(job, look, talk)
    return _text("message_left" if text else "message_left_empty", talk, text=text)


async def _opened(job: OutboxJob, look: Look, talk: HandoffFace) -> str:
    """The customer's words; numbers in them stay masked until the lead is accepted."""
    sealed = str(job.data.get("sealed", ""))
    text = look.phones.decrypt(sealed) if sealed else ""
    held = await Assignment.get_or_none(open_lead_id=talk.number) if talk.number else None
    return mask_in_text(text) if held and held.accepted_at is None else text


async def _unsent(job: OutboxJob, look: Look) -> Message | None:
    key = f"unsent_{job.data['reason']}"
    return Message.text(words.notice(key, name=await _name(job)))


async def _please_call(job: OutboxJob, look: Look) -> Message | None:
    return Message.text(words.notice("please_call", name=await _name(job)))


async def _name(job: OutboxJob) -> str:
    """The customer as the message that did not arrive knew them."""
    meant = await OutboxJob.get_or_none(id=job.data["outbox_id"])
    handoff_id = meant.data.get("handoff_id") if meant else None
    talk = await handoff_face(int(str(handoff_id))) if handoff_id else None
    if talk:
        return talk_name(talk)
    customer = await Customer.get_or_none(id=job.customer_id)
    return customer.name if customer else ""


async def _ticket(job: OutboxJob, look: Look) -> Message | None:
    ticket = await ticket_face(int(str(job.data["ticket_id"])))
    if ticket is None:
        return None
    key = f"{job.name}_{ticket.kind}" if job.name == "ticket_opened" else job.name
    text = words.notice(
        key,
        ticket=ticket.id,
        store=ticket.dealer,
        name=ticket.name,
        text=ticket.text[-WORDS_SHOWN:],
        due=look.at(ticket.due_at),
    )
    return Message.text(text)


async def _talk(job: OutboxJob) -> HandoffFace | None:
    return await handoff_face(int(str(job.data["handoff_id"])))


def _text(key: str, talk: HandoffFace, **facts: object) -> Message:
    number, name = talk_ref(talk), talk.name
    text = words.notice(key, number=number, name=name, **facts)
    cut = text.encode()[:BYTES].decode(errors="ignore")
    return Message.text(cut if cut == text else f"{cut}…")


SERVICE: dict[str, Renderer] = {
    "handoff_asked": _asked,
    "handoff_passed": _of_talk,
    "handoff_taken": _of_talk,
    "handoff_missed": _of_talk,
    "handoff_over": _of_talk,
    "relay_in": _relayed,
    "relay_flood": _of_talk,
    "message_left": _message_left,
    "unsent": _unsent,
    "please_call": _please_call,
    "ticket_opened": _ticket,
    "ticket_more": _ticket,
    "ticket_late": _ticket,
}
"""Notices of conversations and tickets."""
