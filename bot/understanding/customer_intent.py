"""The main intent of a message: what the rules say, and what the examples say to that."""

from collections.abc import Iterator

from bot.understanding.customer_reading import Reading
from bot.understanding.customer_rules import main_intent
from bot.understanding.hunch import Named, second_opinion

_KINDS = {
    "model": "model",
    "owned": "model",
    "declined": "model",
    "rival": "rival",
    "time": "time",
    "city": "city",
    "phone": "phone",
}


def intent_of(reading: Reading) -> str:
    """The intent a person answering would act on."""
    return second_opinion("customer", reading.text, named_things(reading), main_intent(reading))


def named_things(reading: Reading) -> Iterator[Named]:
    """What the examples know by its kind only: cars, times, towns, phones."""
    for token in reading.tokens:
        if token.concept in _KINDS:
            yield Named(_KINDS[token.concept], token.start, token.end)
