"""What fills the slots of a customer's message, from its reading and its main intent."""

from collections.abc import Callable
from datetime import datetime

from bot.understanding.customer_grammar import grammar, pattern
from bot.understanding.customer_reading import Reading
from bot.understanding.customer_window import purchase_window, says_nothing_else
from bot.understanding.customer_words import Token
from bot.understanding.times import TimeMention


def slots_of(reading: Reading, intent: str, now: datetime) -> dict[str, object]:
    """The slots of the outer contract, section 6; absent ones are absent keys."""
    found = {name: fill(reading, intent, now) for name, fill in _SLOTS.items()}
    return {name: value for name, value in found.items() if value}


def models_of_interest(reading: Reading, intent: str, now: datetime) -> list[str]:
    """Codes in the order they are named; the car that is broken is not one they want."""
    broken = intent == "after_sales" and reading.says("fault", "got_car")
    if intent == "complaint" or broken:
        return []
    return list(dict.fromkeys(token.value for token in reading.by_concept.get("model", [])))


def wished_time(reading: Reading, intent: str, now: datetime) -> datetime | None:
    """When they want to come or be called; None for times of something else."""
    if not (intent in grammar("time")["intents"] or reading.says("visit", "drive")):
        return None
    if reading.says("cancel", "cant_come") and not reading.says("reschedule"):
        return None
    if intent == "after_sales" and not reading.says("appointment", "visit", "service"):
        return None
    for time in reading.times:
        rest = reading.text[: time.start] + reading.text[time.end :]
        if not is_off(reading, time) and (intent != "other" or says_nothing_else(rest)):
            return time.at
    return None


def is_off(reading: Reading, time: TimeMention) -> bool:
    """ "周六不行", "不是九点", "周六的试驾改一下": a time named to be given up."""
    data, text = grammar("time"), reading.text
    moved = reading.says("reschedule") and text.startswith(tuple(data["moved"]), time.end)
    denied = pattern("time", "denied").search(text[: time.start]) is not None
    return moved or denied or text.startswith(tuple(data["impossible"]), time.end)


def window_of(reading: Reading, intent: str, now: datetime) -> int | None:
    """Days within which they want to buy; who has trouble with a car is not buying one."""
    return None if intent in _TROUBLE else purchase_window(reading.text, now)


_TROUBLE = {"complaint", "after_sales"}


def _phone(reading: Reading, intent: str, now: datetime) -> str | None:
    return reading.phones[0].digits if reading.phones else None


def _name(reading: Reading, intent: str, now: datetime) -> str | None:
    token = _first(reading, "name")
    return reading.source.original(token.start, token.end) if token else None


def _city(reading: Reading, intent: str, now: datetime) -> str | None:
    token = _first(reading, "city")
    return token.value if token else None


def _budget(reading: Reading, intent: str, now: datetime) -> int | None:
    return reading.budget.amount if reading.budget and intent not in _TROUBLE else None


def _finance(reading: Reading, intent: str, now: datetime) -> bool:
    return reading.says("finance")


def _trade_in(reading: Reading, intent: str, now: datetime) -> bool:
    return reading.says("trade_in") or intent == "trade_in"


def _first(reading: Reading, concept: str) -> Token | None:
    return next(iter(reading.by_concept.get(concept, [])), None)


_SLOTS: dict[str, Callable[[Reading, str, datetime], object]] = {
    "models": models_of_interest,
    "phone": _phone,
    "name": _name,
    "city": _city,
    "time": wished_time,
    "purchase_window_days": window_of,
    "budget": _budget,
    "finance": _finance,
    "trade_in": _trade_in,
}
