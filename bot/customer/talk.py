"""The bot's own conversation with a customer: understand, decide, carry out, answer, remember.

What was said, what is done about it, the answer and the conversation's memory are one
transaction, so that a crash or a second delivery never leaves half of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.conversation import Told, Turn
from bot.customer import lines, places
from bot.customer.answers import Asked, answer_to
from bot.customer.frequent import frequent
from bot.customer.on_file import Situation, booked_by, seeded, situation
from bot.customer.places import Position
from bot.customer.saying import Saying
from bot.customer.wishes import Wish, orders_of
from bot.understanding.customer_turn import Message
from db.links import drive_path
from db.phone_vault import CannotDecrypt
from db.queries.callers import Caller, caller
from domain.appointment_commands import BookTestDrive, MoveTestDrive
from domain.commands import Command, HearCustomer, SaveSession
from domain.conversation import Booked, Heard, Question, Step, Talk
from domain.errors import AlreadyBooked, SlotTaken
from domain.listening import listen
from domain.next_step import next_step
from domain.phone import mask_in_text
from domain.talk_tasks import without_booking
from handlers.policies import policy_for

CHANNEL = "oa"
HAS_A_PAGE = (BookTestDrive, MoveTestDrive)
TRIES = 3
"""How often a step is decided anew when somebody else was quicker."""
NAMES_A_STORE = frozenset({"find_dealer", "test_drive", "other"})
TELLS_OF_STORES = frozenset({"find_dealer", "sells"})


async def converse(
    turn: Turn,
    known: Caller,
    message: Message,
    form: str,
    here: Position | None = None,
    label: str = "",
) -> None:
    """Answer one message of a customer; `here` is the place they sent, `label` its name."""
    lat, lng = here or (None, None)
    signals = message.signals.kinds
    heard = HearCustomer(turn.openid, form, mask_in_text(message.text or label), signals, lat, lng)
    has_one = False
    for attempt in range(1, TRIES + 1):
        try:
            await _answer(turn, known, message, heard, here, has_one=has_one)
        except SlotTaken:
            if attempt == TRIES:
                raise
        except AlreadyBooked:  # under the number they gave: only the lead's intake could tell
            has_one = True
        else:
            return
        known = await caller(turn.openid, turn.now)


async def _answer(
    turn: Turn,
    known: Caller,
    message: Message,
    heard: HearCustomer,
    here: Position | None,
    *,
    has_one: bool,
) -> None:
    idle = timedelta(minutes=(await policy_for(None)).bot.idle_minutes)
    before = seeded(_remembered(turn, known, idle), known)
    booked = await booked_by(known, turn.now)
    listened = await _heard(turn, message, before, here)
    talk = listen(before, listened, booked, turn.now)
    now = await situation(known, talk, here, booked, turn.now, turn.tz)
    step = next_step(before, talk, listened, now.known)
    step = without_booking(step) if has_one else step
    wish = _wish(turn, before, talk, step, message, known, booked, idle)
    told = await _words(turn, message.text, listened, talk, step, now)
    save = SaveSession(CHANNEL, turn.openid, _put_away(step, now).as_json())
    first, *others = await orders_of(wish, heard)
    await turn.answer(
        first, _with_page(turn, told, [first, *others], booked), also=[*others, save]
    )


def _with_page(turn: Turn, told: Saying, orders: Sequence[Command], booked: Booked | None) -> Told:
    """An article about a test drive gets the address of its page, once the drive is there."""
    if told.article is None or told.article.url:
        return told
    made = next((n for n, order in enumerate(orders) if isinstance(order, HAS_A_PAGE)), None)

    def worded(results: list[int]) -> Saying:
        drive = results[made] if made is not None else booked.id if booked else 0
        return told.leading_to(f"{turn.public_url}{drive_path(turn.phones, drive)}")

    return worded


def _remembered(turn: Turn, known: Caller, idle: timedelta) -> Talk:
    """The conversation so far; what lies idle too long is over."""
    if known.talked_at is None or turn.now - known.talked_at > idle:
        return Talk()
    talk = Talk.from_json(known.talk)
    return talk if _opened(turn, talk.phone) or not talk.phone else replace(talk, phone="")


async def _heard(turn: Turn, message: Message, talk: Talk, here: Position | None) -> Heard:
    """The message with what only the organisation's data tell of it; the number is sealed."""
    heard = message.heard
    places_asked = talk.asks in {Question.CITY, Question.DEALER} or heard.corrects
    dealer = ""
    if places_asked or heard.intent in NAMES_A_STORE:
        dealer = await places.named(message.text, heard.city or talk.city)
    entry = await frequent(message.text)
    return replace(
        heard,
        dealer=dealer,
        phone=turn.phones.encrypt(message.phone) if message.phone else "",
        place=here is not None,
        faq=entry.keywords[0] if entry else "",
    )


def _put_away(step: Step, now: Situation) -> Talk:
    """The conversation to be remembered, with the store that was just told of."""
    told_of = step.answers in TELLS_OF_STORES and now.places
    return replace(step.talk, shown=now.places[0].dealer.code) if told_of else step.talk


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


async def _words(
    turn: Turn, text: str, heard: Heard, talk: Talk, step: Step, now: Situation
) -> Saying:
    said = await lines.said(step.lines, lines.Now(now.places, turn.now, turn.tz))
    if not step.answers:
        return said
    asked = Asked(
        text=text,
        heard=heard,
        models=heard.models or ((talk.model,) if talk.model else ()),
        budget=talk.budget,
        city=talk.city,
        dealer=talk.dealer or talk.shown,
        places=now.places,
        near=now.near,
        again=step.again,
        now=turn.now,
        tz=turn.tz,
    )
    answer = await answer_to(step.answers, asked)
    return said.after(answer.text) if step.lines else answer
