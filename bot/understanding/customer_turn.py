"""One message of a conversation, read once: intent, slots, short answers and signs of interest."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.understanding.catalogue import Catalogue
from bot.understanding.customer_intent import intent_of
from bot.understanding.customer_reading import Reading, read_message
from bot.understanding.customer_reply import read_reply
from bot.understanding.customer_slots import is_off, slots_of
from bot.understanding.result import Understanding
from bot.understanding.signals import LeadSignals, signals_of
from domain.conversation import Heard, When

TEST_DRIVE = "test_drive"


@dataclass(frozen=True, slots=True)
class Message:
    """`phone` is in clear and must be sealed before it is kept anywhere."""

    text: str
    heard: Heard
    slots: dict[str, object] = field(default_factory=dict)
    signals: LeadSignals = field(default_factory=LeadSignals)

    @property
    def phone(self) -> str:
        return str(self.slots.get("phone", ""))

    @property
    def understood(self) -> Understanding:
        """Intent and slots as in the outer contract, section 6."""
        return Understanding(self.heard.intent, self.slots)


def read_turn(text: str, now: datetime, catalogue: Catalogue) -> Message:
    """Read one message; any string is accepted."""
    reading = read_message(text, now, catalogue)
    intent = intent_of(reading)
    slots = slots_of(reading, intent, now)
    reply = read_reply(text)
    moves = reading.says("reschedule")
    drives = intent == TEST_DRIVE and not moves
    models = slots.get("models", ())
    heard = Heard(
        intent=intent,
        models=tuple(models) if isinstance(models, list | tuple) else (),
        city=str(slots.get("city", "")),
        when=_when(reading),
        name=str(slots.get("name", "")),
        choice=reply.choice,
        yes=reply.yes,
        no=reply.no,
        never_mind=reply.never_mind
        or (intent == TEST_DRIVE and reading.says("!drive", "drive_off")),
        corrects=reply.corrects,
        reschedules=moves,
        cancels=reply.cancels or (drives and reading.says("cancel")),
        why=reply.why,
        window_days=_whole(slots.get("purchase_window_days")),
        budget=_whole(slots.get("budget")),
        finance=bool(slots.get("finance")),
        trade_in=bool(slots.get("trade_in")),
        cannot_come=drives and reading.says("cant_come") and not reading.says("cancel"),
    )
    return Message(text, heard, slots, signals_of(reading, intent, now))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _when(reading: Reading) -> When | None:
    """The first time that is not named to be given up."""
    for time in reading.times:
        if time.at and not is_off(reading, time):
            return When(time.at, time.since, time.until, time.said_day)
    return None
