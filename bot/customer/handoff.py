"""A customer and a person: asking for one, talking through the bot, going back to the bot."""

from typing import Any

from bot.conversation import Turn
from db.queries.talks import HandoffFace, handoff_with
from domain.commands import HearCustomer
from domain.errors import HandoffOver
from domain.phone import mask_in_text
from domain.service_commands import AskForPerson, EndHandoff, RelayToStaff
from texts import customer as words
from texts.labels import role_text


async def ask(turn: Turn, text: str, kind: str, city: str = "") -> None:
    """Connect the customer to whoever serves them, and say who that is."""
    order = AskForPerson(turn.openid, text, kind, city)
    await turn.answer(order, lambda results: connection_text(results[0], turn))


async def takes(turn: Turn, text: str, kind: str, city: str = "", media_id: str = "") -> bool:
    """While a person talks to the customer, the bot only carries. False: nobody does."""
    talk = await handoff_with(turn.openid)
    if talk is None:
        return False
    try:
        if words.is_whole("end", text):
            await _end(turn, talk, text, kind)
        else:
            relay = RelayToStaff(turn.openid, kind, text, city, media_id)
            await turn.answer(relay, lambda results: connection_text(results[0], turn))
    except HandoffOver:
        return False  # it ended a moment ago
    return True


async def _end(turn: Turn, talk: HandoffFace, text: str, kind: str) -> None:
    heard = HearCustomer(turn.openid, kind, mask_in_text(text))
    await turn.answer(heard, words.say("handoff_ended"), also=[EndHandoff(talk.id, "customer")])


def connection_text(connection: Any, turn: Turn) -> str:
    """What the bot says to that; nothing while a person speaks."""
    if connection.outcome == "relayed":
        return ""
    opens = connection.opens_at
    waits = opens is not None and opens > turn.now
    at = words.moment(opens.astimezone(turn.now.tzinfo), turn.now.date()) if opens else ""
    key = f"person_{connection.outcome}"
    if connection.outcome == "message_left" and waits:
        key = "person_message_left_until"
    return words.say(key, role=role_text(connection.role), name=connection.name, opens=at)
