"""Service after the sale: tickets with a receipt, and where the car is."""

from typing import Any

from bot.conversation import Turn
from bot.customer.handoff import Said, Where
from bot.understanding.customer_turn import Message
from bot.understanding.result import Understanding
from db.queries.callers import Caller
from db.queries.talks import order_of, unplaced_ticket
from domain.commands import HearCustomer
from domain.conversation import Talk
from domain.phone import mask_in_text
from domain.service_commands import OpenTicket
from texts import customer as words

RECEIPT = {key: f"ticket_{key}" for key in ("complaint", "rescue", "maintenance")}


def where_of(known: Caller, message: Message) -> Where:
    """The town they name, else what the conversation has come to."""
    talk = Talk.from_json(known.talk)
    city = message.heard.city
    dealer = "" if city and city != talk.city else talk.dealer or talk.shown
    return Where(city or talk.city, dealer)


async def takes(turn: Turn, understood: Understanding, said: Said, where: Where) -> bool:
    """Answer what is about a car somebody has or has ordered. False: it is not."""
    kind = _kind(understood, said.text)
    if kind is None and said.city:
        kind = await unplaced_ticket(turn.openid)
    if kind:
        order = OpenTicket(turn.openid, kind, said.text, said.kind, *where)
        await turn.answer(order, lambda results: _receipt(results[0], turn))
        return True
    return await _where_is_it(turn, said.text, said.kind)


def _kind(understood: Understanding, text: str) -> str | None:
    if understood.label == "complaint":
        return "complaint"
    if understood.label != "after_sales" or words.speaks_of("phone_number", text):
        return None
    return "rescue" if words.speaks_of("rescue", text) else "maintenance"


def _receipt(receipt: Any, turn: Turn) -> str:
    if not receipt.fresh:
        return words.say("ticket_more", number=receipt.number)
    if not receipt.dealer:  # who answers, and when, is not known yet
        noted = words.say(f"{RECEIPT[receipt.kind]}_noted", number=receipt.number)
        return noted + words.say("ticket_city")
    due = words.moment(receipt.due_at.astimezone(turn.now.tzinfo), turn.now.date())
    told = words.say(RECEIPT[receipt.kind], number=receipt.number, store=receipt.dealer, due=due)
    if receipt.phone and receipt.kind == "rescue":
        told += words.say("ticket_phone", phone=receipt.phone)
    return told


async def _where_is_it(turn: Turn, text: str, form: str) -> bool:
    """ "到哪了": from the order's state; a question about delivery times in general is not it."""
    certain = words.speaks_of("where_is", text)
    if not certain and not words.speaks_of("when_mine", text):
        return False
    order = await order_of(turn.openid)
    if order is None and not certain:
        return False
    key = f"order_{order.state}" if order else "order_none"
    model = (order.model if order else "") or words.say("order_car")
    name = (order.adviser if order else "") or words.say("order_adviser")
    heard = HearCustomer(turn.openid, form, mask_in_text(text))
    await turn.answer(heard, words.say(key, model=model, name=name))
    return True
