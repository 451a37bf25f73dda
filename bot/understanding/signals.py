"""What the free text of a lead tells the grading: asked for what, wished when, buys by when."""

from dataclasses import dataclass
from datetime import datetime

from bot.understanding.catalogue import Catalogue
from bot.understanding.customer_intent import intent_of
from bot.understanding.customer_reading import Reading, read_message
from bot.understanding.customer_slots import models_of_interest, window_of, wished_time

GRADED = ("asked_price", "asked_finance", "asked_delivery", "asked_test_drive", "trade_in")
"""The names under which the grade knows these signs."""


@dataclass(frozen=True, slots=True)
class LeadSignals:
    """Signs of intention in one message; all of them may be there at once.

    `wished_at` is the aware time they want to come or be called at, `purchase_window_days` the
    days within which they say they will buy, `models` the codes of the models of interest.
    """

    asked_price: bool = False
    asked_finance: bool = False
    asked_delivery: bool = False
    asked_test_drive: bool = False
    trade_in: bool = False
    wished_at: datetime | None = None
    purchase_window_days: int | None = None
    models: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The grading signals that are there, by name."""
        return tuple(kind for kind in GRADED if getattr(self, kind))


def lead_signals(message: str, now: datetime, catalogue: Catalogue) -> LeadSignals:
    """Read the message of a lead as it came in at `now` (aware); any string is accepted."""
    reading = read_message(message, now, catalogue)
    return signals_of(reading, intent_of(reading), now)


def signals_of(reading: Reading, intent: str, now: datetime) -> LeadSignals:
    """The same of a message that has been read already."""
    return LeadSignals(
        asked_price=intent == "ask_price" or reading.says("price", "discount"),
        asked_finance=reading.says("finance"),
        asked_delivery=reading.says("stock"),
        asked_test_drive=_wants_test_drive(reading, intent),
        trade_in=intent == "trade_in" or reading.says("trade_in"),
        wished_at=wished_time(reading, intent, now),
        purchase_window_days=window_of(reading, intent, now),
        models=tuple(models_of_interest(reading, intent, now)),
    )


def _wants_test_drive(reading: Reading, intent: str) -> bool:
    """The intent is also that of who cancels a test drive or does not want one."""
    gives_up = reading.says("!drive", "drive_off", "cancel", "cant_come")
    return not gives_up and (intent == "test_drive" or reading.says("drive"))
