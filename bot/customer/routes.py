"""What customers do on the official account, and the order it becomes."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.conversation import Turn
from bot.customer import handoff, service, talk
from bot.customer.asides import overheard
from bot.customer.doors import welcome
from bot.customer.frequent import frequent
from bot.customer.handoff import Said
from bot.customer.second_opinion import is_unclear, with_opinion
from bot.events import (
    ImageMessage,
    InboundEvent,
    LinkMessage,
    LocationMessage,
    MenuClicked,
    TextMessage,
    VideoMessage,
)
from bot.events import VoiceMessage as Voice
from bot.oa.parse import (
    AuthorizationCancelled,
    AuthorizationRevoked,
    Followed,
    Scanned,
    SubscriptionsAnswered,
    Unfollowed,
)
from bot.understanding.customer_turn import Message, read_turn
from db.queries.callers import Caller, caller
from domain.appointment_commands import GiveBackHold
from domain.commands import HearCustomer, MeetCustomer, SaveSession, SetConsent
from domain.phone import mask_in_text
from domain.service_commands import EraseFollower, ForgetFollower, NoteSubscription
from texts import customer as words

Route = Callable[[Any, Turn], Awaitable[None]]


def route_of(event: InboundEvent) -> Route:
    """The route for an event of the official account."""
    return next((route for kind, route in _ROUTES if isinstance(event, kind)), _ignore)


async def _followed(event: Followed, turn: Turn) -> None:
    meet = MeetCustomer(turn.openid, "followed", event.scene)
    await turn.answer(meet, await welcome(event.scene))


async def _scanned(event: Scanned, turn: Turn) -> None:
    meet = MeetCustomer(turn.openid, "scanned", event.scene)
    await turn.answer(meet, await welcome(event.scene))


async def _left(event: InboundEvent, turn: Turn) -> None:
    await turn.answer(ForgetFollower(turn.openid), "")


async def _revoked(event: AuthorizationRevoked | AuthorizationCancelled, turn: Turn) -> None:
    await turn.do(EraseFollower(event.openid))


async def _subscriptions(event: SubscriptionsAnswered, turn: Turn) -> None:
    """Each yes allows one subscription message; there is nothing to say to it."""
    noted = [NoteSubscription(turn.openid, answer.accepted) for answer in event.answers]
    await turn.do(*noted)


async def _text(event: TextMessage, turn: Turn) -> None:
    await _said(event.content, "text", turn)


async def _voice(event: Voice, turn: Turn) -> None:
    await _said(event.recognition, "voice", turn, event.media_id)


async def _menu(event: MenuClicked, turn: Turn) -> None:
    await _said(event.key, "menu", turn)


async def _said(text: str, kind: str, turn: Turn, media_id: str = "") -> None:
    """Words in any form: silence first, then a person, then service, then the bot's own talk."""
    known = await caller(turn.openid, turn.now)
    message = await _read(text, turn, known)
    understood, where = message.understood, service.where_of(known, message)
    city = message.heard.city
    if understood.label in {"opt_out", "opt_in"}:
        await _consent(text, turn, known, wanted=understood.label == "opt_in")
    elif await handoff.takes(
        turn, known, Said(text, kind, city, media_id, asks_again=understood.label == "human")
    ):
        return
    elif await handoff.is_wanted(known, understood.label, text):
        await handoff.ask(turn, text, kind, where)
    elif not await _is_for_the_talk(message) and await service.takes(
        turn, understood, Said(text, kind, city), where
    ):
        return
    else:
        await talk.converse(turn, known, message, kind)


async def _read(text: str, turn: Turn, known: Caller) -> Message:
    """Read the message; what the grammar cannot, a language model may, if there is one."""
    message = read_turn(text, turn.now, turn.catalogue)
    asks = turn.second_opinion if known.handoff_id is None else None
    if asks is not None and await is_unclear(message, turn.catalogue):
        async with turn.waiting():
            opinion = await asks.of(text, turn.now, turn.catalogue)
        message = with_opinion(message, opinion) if opinion else message
    return replace(message, heard=overheard(text, message.heard, turn.catalogue))


async def _is_for_the_talk(message: Message) -> bool:
    """ "质保多久", "为什么要电话", "我约了几点" are questions, no trouble."""
    heard = message.heard
    if heard.asks_mine or heard.why_number or heard.keeps_number:
        return True
    return heard.intent == "after_sales" and await frequent(message.text) is not None


async def _consent(text: str, turn: Turn, known: Caller, *, wanted: bool) -> None:
    consent = SetConsent(turn.openid, wanted=wanted, text=mask_in_text(text))
    forget = SaveSession(talk.CHANNEL, turn.openid, {})
    agreed = "opted_in" if known.opted_out_at else "subscribed"
    key = agreed if wanted else "opted_out"
    await turn.answer(consent, words.say(key), also=[GiveBackHold(turn.openid), forget])


async def _location(event: LocationMessage, turn: Turn) -> None:
    here = (event.lat, event.lng)
    known = await caller(turn.openid, turn.now)
    if not await handoff.takes(turn, known, Said(event.label, "location", here=here)):
        nothing = read_turn("", turn.now, turn.catalogue)
        await talk.converse(turn, known, nothing, "location", here, event.label)


async def _image(event: ImageMessage, turn: Turn) -> None:
    await _unread("", "image", turn, event.media_id)


async def _video(event: VideoMessage, turn: Turn) -> None:
    await _unread("", "video", turn)


async def _link(event: LinkMessage, turn: Turn) -> None:
    await _unread(f"{event.title} {event.url}".strip(), "link", turn)


async def _unread(text: str, kind: str, turn: Turn, media_id: str = "") -> None:
    """What the bot cannot read is still heard, and seen by a person who talks to them."""
    known = await caller(turn.openid, turn.now)
    if not await handoff.takes(turn, known, Said(text, kind, media_id=media_id)):
        await turn.answer(HearCustomer(turn.openid, kind, text), words.say("other"))


async def apologise(turn: Turn, event: InboundEvent) -> None:
    """What they wanted was refused, and nobody foresaw it: better said than silent."""
    said = event.content if isinstance(event, TextMessage) else ""
    heard = HearCustomer(turn.openid, "text", mask_in_text(said))
    await turn.answer(heard, words.say("not_done"))


async def _ignore(event: InboundEvent, turn: Turn) -> None:
    """Stored and acknowledged; nothing to say."""
    await turn.tell("")


_ROUTES: tuple[tuple[type[InboundEvent], Route], ...] = (
    (Followed, _followed),
    (Scanned, _scanned),
    (Unfollowed, _left),
    (AuthorizationRevoked, _revoked),
    (AuthorizationCancelled, _revoked),
    (SubscriptionsAnswered, _subscriptions),
    (TextMessage, _text),
    (Voice, _voice),
    (MenuClicked, _menu),
    (LocationMessage, _location),
    (ImageMessage, _image),
    (VideoMessage, _video),
    (LinkMessage, _link),
)
