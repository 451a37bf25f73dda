"""A customer and a person: asking for one, talking through the bot, going back to the bot."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.conversation import Turn
from bot.customer.frequent import frequent
from bot.customer.places import Position
from db.queries.callers import Caller
from db.queries.talks import is_adviser_named
from domain.commands import HearCustomer
from domain.errors import HandoffOver
from domain.phone import mask_in_text
from domain.service_commands import AskForPerson, EndHandoff, RelayToStaff
from texts import customer as words
from texts.labels import role_text

CALLS_BY_NAME = frozenset({"other", "greet"})
"""Intents behind which "王芳在吗" may stand."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer sent, in any form, as it is carried to a person."""

    text: str
    kind: str
    city: str = ""
    media_id: str = ""
    here: Position | None = None
    asks_again: bool = False  # it only asks for a person


class Where(NamedTuple):
    """The town and the dealer a conversation is about, as far as known."""

    city: str = ""
    dealer: str = ""


async def ask(turn: Turn, text: str, kind: str, where: Where) -> None:
    """Connect the customer to whoever serves them, and say who that is."""
    order = AskForPerson(turn.openid, text, kind, *where)
    await turn.answer(order, lambda results: connection_text(results[0], turn))


async def is_wanted(known: Caller, intent: str, text: str) -> bool:
    """Whether they ask for a person: by the word, or by the name of the one they know."""
    if intent == "human":
        entry = await frequent(text)
        return entry is None or not entry.instead_of_person
    return intent in CALLS_BY_NAME and await is_adviser_named(known, text)


async def takes(turn: Turn, known: Caller, said: Said) -> bool:
    """While a person talks to the customer, the bot only carries. False: nobody does."""
    if known.handoff_id is None:
        return False
    try:
        if words.is_whole("end", said.text):
            await _end(turn, known.handoff_id, said.text, said.kind)
        else:
            lat, lng = said.here or (None, None)
            relay = RelayToStaff(
                turn.openid,
                said.kind,
                said.text,
                said.city,
                said.media_id,
                lat,
                lng,
                asks_again=said.asks_again,
            )
            await turn.answer(relay, lambda results: connection_text(results[0], turn))
    except HandoffOver:
        return False  # it ended a moment ago
    return True


async def _end(turn: Turn, handoff_id: int, text: str, kind: str) -> None:
    heard = HearCustomer(turn.openid, kind, mask_in_text(text))
    await turn.answer(heard, words.say("handoff_ended"), also=[EndHandoff(handoff_id, "customer")])


def connection_text(connection: Any, turn: Turn) -> str:
    """What the bot says to that; nothing while a person speaks."""
    if connection.outcome == "relayed":
        return ""
    opens = connection.opens_at
    at = words.moment(opens.astimezone(turn.now.tzinfo), turn.now.date()) if opens else ""
    key = f"person_{connection.outcome}"
    if connection.outcome == "message_left" and opens:
        key = "person_message_left_until"
    return words.say(key, role=role_text(connection.role), name=connection.name, opens=at)
