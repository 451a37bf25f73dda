"""What a customer wants: the main intent of one message and the slots it fills."""

from datetime import datetime

from bot.understanding.catalogue import Catalogue
from bot.understanding.customer_plans import purchase_window
from bot.understanding.customer_reading import Reading, Token, read_message
from bot.understanding.customer_rules import main_intent
from bot.understanding.result import Understanding
from texts import lexicon


def understand_customer(text: str, now: datetime, catalogue: Catalogue) -> Understanding:
    """The intent and slots of the outer contract, section 6; absent slots are absent keys.

    `now` is the aware time the message was written at. Any string is accepted: what nobody can
    understand is `other`.
    """
    reading = read_message(text, now, catalogue)
    intent = main_intent(reading)
    slots: dict[str, object] = {
        "models": models_of_interest(reading, intent),
        "phone": reading.phones[0].digits if reading.phones else None,
        "name": _name(reading),
        "city": _city(reading),
        "time": wished_time(reading, intent),
        "purchase_window_days": purchase_window(reading.text, now),
        "budget": _budget(reading),
        "finance": reading.says("finance") or None,
        "trade_in": reading.says("trade_in") or intent == "trade_in" or None,
    }
    return Understanding(intent, {name: value for name, value in slots.items() if value})


def models_of_interest(reading: Reading, intent: str) -> list[str]:
    """Codes in the order they are named; the car that is broken is not one they want."""
    wanted = reading.by_concept.get("model", [])
    if intent == "complaint" or (intent == "after_sales" and reading.says("fault", "got_car")):
        return []
    return list(dict.fromkeys(token.value for token in wanted))


def wished_time(reading: Reading, intent: str) -> datetime | None:
    """When they want to come or be called; None for times of something else."""
    if not (intent in _with_time() or reading.says("visit", "drive")):
        return None
    if reading.says("cancel", "cant_come") and not reading.says("reschedule"):
        return None
    if intent == "after_sales" and not reading.says("appointment", "visit", "service"):
        return None
    for time in reading.times:
        exact = time.kind in {"moment", "part", "after"}
        if (exact or intent != "other") and not _is_impossible(reading, time.end):
            return time.at
    return None


def _with_time() -> frozenset[str]:
    return frozenset(lexicon.load("customer_grammar")["time"]["intents"])


def _is_impossible(reading: Reading, end: int) -> bool:
    """ "周六不行": the time is named only to be ruled out."""
    return reading.text.startswith(
        tuple(lexicon.load("customer_grammar")["time"]["impossible"]), end
    )


def _name(reading: Reading) -> str | None:
    token = _first(reading, "name")
    return reading.source.original(token.start, token.end) if token else None


def _city(reading: Reading) -> str | None:
    token = _first(reading, "city")
    return token.value if token else None


def _budget(reading: Reading) -> int | None:
    return reading.budget.amount if reading.budget else None


def _first(reading: Reading, concept: str) -> Token | None:
    return next(iter(reading.by_concept.get(concept, [])), None)
