"""One inbound message on its way through the routes, and how a route answers."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.customer.replies import PASSIVE, reply_key
from bot.customer.saying import Saying
from bot.customer.second_opinion import SecondOpinion
from bot.hands import Hands
from bot.hearing import Ears
from bot.passive import PassiveReply
from bot.understanding.catalogue import Catalogue
from db.phone_vault import PhoneVault
from db.queue_rows import RowRef
from domain.commands import Command
from handlers.bus import Bus
from handlers.tx import Notice

Words = Callable[[Any], str]
Told = str | Saying | Callable[[Any], str | Saying]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a route knows of the message it handles; `row` is finished with its one transaction.

    `now` is in the brand's time zone: a stated hour means that zone's.
    """

    bus: Bus
    row: RowRef
    now: datetime
    tz: str
    catalogue: Catalogue
    phones: PhoneVault
    userid: str = ""
    openid: str = ""
    passive: PassiveReply | None = None
    public_url: str = ""
    second_opinion: SecondOpinion | None = None
    hands: Hands | None = None
    undo_minutes: float = 10
    ears: Ears | None = None

    # staff ──────────────────────────────────────────────────────────────────────────────────

    async def tell(self, text: str) -> None:
        """Answer a member of staff without changing anything."""
        await self.bus.say([self._to_staff(text)] if text else [], cause=self.row)

    async def do(self, *commands: Command, then: Words | None = None) -> list[Any]:
        """Carry out the orders as one; `then` words the answer from their results."""

        def reply(results: list[Any]) -> Iterable[Notice]:
            text = then(results) if then else ""
            return [self._to_staff(text)] if text else []

        return await self.bus.execute_all(commands, cause=self.row, reply=reply)

    def _to_staff(self, text: str) -> Notice:
        key = reply_key(self.row.id)
        return Notice("said", key, {"text": text}, staff=self.userid, lane="urgent")

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """While somebody outside is asked, others are answered."""
        async with self.hands.freed() if self.hands else nullcontext():
            yield

    # customers ──────────────────────────────────────────────────────────────────────────────

    async def answer(self, command: Command, told: Told, also: Sequence[Command] = ()) -> None:
        """Carry out an order and answer the customer, in words found from the results if asked.

        The order's result is the customer's id, or knows it as `customer_id`.
        """

        carried: Mapping[str, object] | None = None

        def reply(results: list[Any]) -> Iterable[Notice]:
            nonlocal carried
            carried = None
            said = told(results) if callable(told) else told
            data = said.as_data() if isinstance(said, Saying) else {"text": said}
            if not data["text"]:
                return []
            left = PASSIVE if self.passive and self.passive.promise() else ""
            carried = data if left else None
            key = reply_key(self.row.id)
            customer = int(getattr(results[0], "customer_id", results[0]))
            return [Notice("said", key, data, customer=customer, lane="urgent", left=left)]

        await self.bus.execute_all([command, *also], cause=self.row, reply=reply)
        if self.passive and carried is not None:
            self.passive.keep(carried)
