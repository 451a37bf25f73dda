"""What an adviser reads when a customer changes hands between the brand and the dealer."""

from collections.abc import Awaitable, Callable

from bot.staff.look import Look, Message
from bot.staff.words import lead_name, local_day
from db.models import Customer, OutboxJob
from db.queries.faces import LeadFace, lead_face
from db.queries.story import story_of
from texts import staff as words
from texts.labels import reason_text, timeline_text

Renderer = Callable[[OutboxJob, Look], Awaitable[Message | None]]
BYTES = 1900  # WeCom cuts a text at 2048 without a word
LINE = 60  # characters of one line of the story
CARD_LINES = 3
CARD_LINE = 24


async def story_lines(lead: LeadFace, look: Look, length: int = LINE) -> list[str]:
    """The story so far, a line each, the oldest first; empty where the brand never spoke."""
    told = await story_of(lead.customer_id, look.now)
    lines = []
    for event in told:
        day = local_day(event.at, look.tz)
        text = timeline_text(event.kind, event.data, look.now, look.tz)
        lines.append(words.notice("story_line", month=day.month, day=day.day, text=text[:length]))
    return lines


async def story_on_card(lead: LeadFace, look: Look) -> str:
    """As much of the story as a card has room for: the newest of it."""
    return "\n".join((await story_lines(lead, look, CARD_LINE))[-CARD_LINES:])


async def brands_turn(customer_id: int) -> str:
    """Words for an adviser whose lead is over, where the brand goes on with the customer."""
    goes_on = await Customer.exists(id=customer_id, link="brand")
    return words.notice("brands_turn") if goes_on else ""


async def _handed_to_you(job: OutboxJob, look: Look) -> Message | None:
    lead = await lead_face(int(str(job.data["lead_id"])))
    if lead is None:
        return None
    head = words.notice("handed_to_you", lead=lead_name(lead), model=lead.model)
    text = head
    for line in await story_lines(lead, look):
        if len(f"{text}\n{line}".encode()) > BYTES:
            break
        text = f"{text}\n{line}"
    return Message.text(text)


async def _brand_takes_over(job: OutboxJob, look: Look) -> Message | None:
    lead = await lead_face(int(str(job.data["lead_id"])))
    customer = await Customer.get_or_none(id=lead.customer_id) if lead else None
    if lead is None or customer is None or customer.link != "brand":
        return None
    why = reason_text(customer.pool_reason, look.now, look.tz)
    return Message.text(words.notice("brand_takes_over", lead=lead_name(lead), why=why))


LINKS: dict[str, Renderer] = {
    "handed_to_you": _handed_to_you,
    "brand_takes_over": _brand_takes_over,
}
"""Notices of hand-overs."""
