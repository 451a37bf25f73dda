"""What a customer wants: the main intent of one message and the slots it fills."""

from datetime import datetime

from bot.understanding.catalogue import Catalogue
from bot.understanding.customer_intent import intent_of
from bot.understanding.customer_reading import read_message
from bot.understanding.customer_slots import slots_of
from bot.understanding.result import Understanding


def understand_customer(text: str, now: datetime, catalogue: Catalogue) -> Understanding:
    """The intent and slots of the outer contract, section 6.

    `now` is the aware time the message was written at. Any string is accepted: what nobody can
    understand is `other`.
    """
    reading = read_message(text, now, catalogue)
    intent = intent_of(reading)
    return Understanding(intent, slots_of(reading, intent, now))
