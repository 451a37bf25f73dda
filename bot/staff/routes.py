"""What dealer staff may press and say, and the order it becomes."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.conversation import Turn
from bot.events import ImageMessage, InboundEvent, TextMessage, VoiceMessage
from bot.staff import buttons, relay, sentences, voices
from bot.wecom.parse import AppLifecycle, CardClicked, EnteredAgent
from db.models import Dealer, Staff
from domain.commands import AlertOps
from handlers.policies import policy_for
from texts import staff as words

Route = Callable[[Any, Turn], Awaitable[None]]


def route_of(event: InboundEvent) -> Route:
    """The route for an event of the WeCom app."""
    if isinstance(event, AppLifecycle):
        return _tell_ops
    if not isinstance(event, TextMessage | VoiceMessage | ImageMessage | CardClicked):
        return _ignore if _is_quiet(event) else _unsupported
    return _for_staff_only


async def _for_staff_only(event: InboundEvent, turn: Turn) -> None:
    staff = await Staff.get_or_none(userid=turn.userid)
    if staff is None or not staff.active:
        await turn.tell(words.say("unknown_staff", userid=turn.userid))
        return
    dealer = await Dealer.get_or_none(code=staff.dealer_id) if staff.dealer_id else None
    turn = replace(turn, undo_minutes=(await policy_for(dealer)).bot.undo_minutes)
    if isinstance(event, CardClicked):
        await buttons.pressed(event, staff, turn)
    elif await relay.takes(event, staff, turn):
        return
    elif isinstance(event, TextMessage):
        await sentences.said(event.content.strip(), staff, turn)
    elif isinstance(event, VoiceMessage):
        await voices.spoken(event, staff, turn)
    else:
        await turn.tell(words.say("unsupported"))


async def _tell_ops(event: AppLifecycle, turn: Turn) -> None:
    """WeCom is about to limit the app: nobody at a dealer can do anything about that."""
    begins = event.effective_at.isoformat() if event.effective_at else None
    data: dict[str, object] = {"change": event.change, "effective_at": begins}
    await turn.do(AlertOps("app_lifecycle", f"lifecycle:{turn.row.id}", data))


async def _unsupported(event: InboundEvent, turn: Turn) -> None:
    await turn.tell(words.say("unsupported"))


async def _ignore(event: InboundEvent, turn: Turn) -> None:
    """Events of WeCom itself ask for no answer."""
    await turn.tell("")


def _is_quiet(event: InboundEvent) -> bool:
    kind = str(event.raw.get("MsgType", ""))
    return isinstance(event, EnteredAgent) or kind == "event" or event.sender in {"", "sys"}
