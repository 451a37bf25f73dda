"""Who said what kind of thing, and which route answers it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.conversation import Turn
from bot.customer import routes as customer
from bot.customer.second_opinion import SecondOpinion
from bot.events import InboundEvent
from bot.hands import Hands
from bot.hearing import Ears
from bot.middlewares import answering_refusals
from bot.oa import parse as oa_parse
from bot.passive import PassiveReply
from bot.staff import routes as staff
from bot.understanding.catalogue import Catalogue
from bot.wecom import parse as wecom_parse
from db.models import InboxMessage
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef
from handlers.bus import Bus

Route = Callable[[InboundEvent, Turn], Awaitable[None]]
_PARSERS = {"oa": oa_parse.parse, "wecom": wecom_parse.parse}


class Names(Protocol):
    """Gives the catalogue of model names as it is now."""

    async def __call__(self) -> Catalogue: ...


class Router:
    """Handles inbox rows: at once from their callback, or later from the worker."""

    def __init__(
        self,
        bus: Bus,
        phones: PhoneVault,
        clock: Callable[[], datetime],
        catalogue: Names,
        tz: str,
        public_url: str,
        hands: Hands,
        ears: Ears | None = None,
        second_opinion: SecondOpinion | None = None,
    ) -> None:
        self._bus = bus
        self._phones = phones
        self._clock = clock
        self._catalogue = catalogue
        self._tz = tz
        self._public_url = public_url
        self._ears = ears
        self._hands = hands
        self._second_opinion = second_opinion
        self._zone = ZoneInfo(tz)

    async def handle(self, ref: RowRef) -> None:
        """Handle a stored message that nobody answered in its callback."""
        row = await InboxMessage.get(id=ref.id)
        event = _PARSERS[row.app](self._phones.open(row.payload), row.app)
        await self._dispatch(ref, event)

    async def handle_now(self, ref: RowRef, event: InboundEvent, passive: PassiveReply) -> None:
        """Handle a message inside its own callback, which carries the answer if it can."""
        await self._dispatch(ref, event, passive)

    async def _dispatch(
        self, ref: RowRef, event: InboundEvent, passive: PassiveReply | None = None
    ) -> None:
        is_staff = event.app == "wecom"
        turn = Turn(
            bus=self._bus,
            row=ref,
            now=self._clock().astimezone(self._zone),
            tz=self._tz,
            catalogue=await self._catalogue(),
            phones=self._phones,
            userid=event.sender if is_staff else "",
            openid="" if is_staff else event.sender,
            passive=passive,
            public_url=self._public_url,
            ears=self._ears,
            second_opinion=self._second_opinion,
            hands=self._hands if passive else None,
        )
        route = staff.route_of(event) if is_staff else customer.route_of(event)
        await answering_refusals(route, event, turn)
