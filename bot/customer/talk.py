"""The bot's own conversation with a customer: understand, decide, carry out, answer, remember.

What was said, what is done about it, the answer and the conversation's memory are one
transaction, so that a crash or a second delivery never leaves half of it.
"""

from dataclasses import replace
from datetime import timedelta

from bot.conversation import Turn
from bot.customer import lines, places
from bot.customer.answers import Asked, answer_to
from bot.customer.on_file import Situation, booked_by, seeded, situation
from bot.customer.places import Position
from bot.customer.wishes import Wish, orders_of
from bot.customer.wording import within
from bot.understanding.customer_turn import Message, read_turn
from bot.wechat.xml import TEXT_LIMIT_BYTES
from db.models import ChatSession
from db.phone_vault import CannotDecrypt
from db.queries.callers import Caller, caller
from domain.commands import HearCustomer, SaveSession
from domain.conversation import Booked, Heard, Question, Step, Talk
from domain.errors import AlreadyBooked, SlotTaken
from domain.listening import listen
from domain.next_step import next_step
from domain.phone import mask_in_text
from handlers.policies import policy_for
from texts import faq

CHANNEL = "oa"
TRIES = 3
"""How often a step is decided anew when somebody else was quicker."""
FIND_DEALER = "find_dealer"


async def converse(
    turn: Turn, text: str, form: str, here: Position | None = None, label: str = ""
) -> None:
    """Answer one message of a customer; `here` is the place they sent, `label` its name."""
    message = read_turn(text, turn.now, turn.catalogue)
    lat, lng = here or (None, None)
    signals = message.signals.kinds
    heard = HearCustomer(turn.openid, form, mask_in_text(text or label), signals, lat, lng)
    for attempt in range(1, TRIES + 1):
        try:
            await _answer(turn, message, heard, here)
        except (SlotTaken, AlreadyBooked):
            if attempt == TRIES:
                raise
        else:
            return


async def _answer(
    turn: Turn, message: Message, heard: HearCustomer, here: Position | None
) -> None:
    known = await caller(turn.openid)
    idle = timedelta(minutes=(await policy_for(None)).bot.idle_minutes)
    before = seeded(await _remembered(turn, idle), known)
    booked = await booked_by(known, turn.now)
    listened = await _heard(turn, message, before, here)
    talk = listen(before, listened, booked, turn.now)
    now = await situation(known, talk, here, booked, turn.now, turn.tz)
    step = next_step(before, talk, listened, now.known)
    wish = _wish(turn, before, talk, step, message, known, booked, idle)
    text = await _words(turn, message, talk, step, now)
    save = SaveSession(CHANNEL, turn.openid, step.talk.as_json())
    first, *others = await orders_of(wish, heard)
    await turn.answer(first, text, also=[*others, save])


async def _remembered(turn: Turn, idle: timedelta) -> Talk:
    """The conversation so far; what lies idle too long is over."""
    row = await ChatSession.get_or_none(channel=CHANNEL, peer=turn.openid)
    if row is None or turn.now - row.updated_at > idle:
        return Talk()
    talk = Talk.from_json(row.state)
    return talk if _opened(turn, talk.phone) or not talk.phone else replace(talk, phone="")


async def _heard(turn: Turn, message: Message, talk: Talk, here: Position | None) -> Heard:
    """The message with what only the organisation's data tell of it; the number is sealed."""
    heard = message.heard
    places_asked = talk.asks in {Question.CITY, Question.DEALER} or heard.corrects
    dealer = ""
    if places_asked or heard.intent in {FIND_DEALER, "test_drive"}:
        dealer = await places.named(message.text, heard.city or talk.city)
    return replace(
        heard,
        dealer=dealer,
        phone=turn.phones.encrypt(message.phone) if message.phone else "",
        place=here is not None,
        faq=bool(faq.find_answer(message.text)),
    )


def _wish(
    turn: Turn,
    before: Talk,
    talk: Talk,
    step: Step,
    message: Message,
    known: Caller,
    booked: Booked | None,
    idle: timedelta,
) -> Wish:
    return Wish(
        openid=turn.openid,
        talk=talk,
        step=step,
        message=message,
        caller=known,
        booked=booked,
        phone=_opened(turn, talk.phone),
        key=f"message-{turn.row.id}",
        now=turn.now,
        idle=idle,
    )


def _opened(turn: Turn, sealed: str) -> str:
    """The number again; one sealed with a secret we no longer have is asked for anew."""
    try:
        return turn.phones.decrypt(sealed) if sealed else ""
    except CannotDecrypt:
        return ""


async def _words(turn: Turn, message: Message, talk: Talk, step: Step, now: Situation) -> str:
    told = []
    if step.answers:
        models = message.heard.models or ((talk.model,) if talk.model else ())
        asked = Asked(
            message.text,
            models,
            bool(message.heard.models),
            talk.city,
            now.places,
            now.near,
            turn.now,
            turn.tz,
        )
        told.append(await answer_to(step.answers, asked))
    told.append(await lines.said(step.lines, now.places, turn.now))
    return within("\n".join(text for text in told if text), TEXT_LIMIT_BYTES)
