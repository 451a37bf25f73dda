"""A customer's conversation with the bot: what it remembers, hears, knows, and does next.

`domain.next_step` has the rules. Everything here is plain data, so that a conversation can be
put away after each message and goes on after a restart as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self


class Task(StrEnum):
    """What the customer and the bot are about to get done."""

    NONE = ""
    DRIVE = "drive"  # book a test drive
    MOVE = "move"  # another time for one that is booked
    CONTACT = "contact"  # leave a number, an adviser calls
    PLACE = "place"  # the number is left; which town it is for is not known yet


class Question(StrEnum):
    """What the bot has asked and waits for."""

    NONE = ""
    MODEL = "model"
    CITY = "city"
    DEALER = "dealer"
    TIME = "time"
    CONSENT = "consent"
    PHONE = "phone"
    CONFIRM = "confirm"
    MOVE_OR_CANCEL = "move_or_cancel"
    WANT_DRIVE = "want_drive"  # an offer: whoever says nothing to it declines
    WANT_CONTACT = "want_contact"
    AFTER_ALL = "after_all"  # they kept their number; whoever says nothing more keeps it


OFFERS = frozenset({Question.WANT_DRIVE, Question.WANT_CONTACT, Question.AFTER_ALL})


@dataclass(frozen=True, slots=True)
class When:
    """A time the customer named. A day or part of one lies between `since` and `until`.

    `said_day` is False when only the clock was named and the day is a guess.
    """

    at: datetime
    since: datetime | None = None
    until: datetime | None = None
    said_day: bool = True

    @property
    def is_exact(self) -> bool:
        return self.since is None

    def on(self, day: date) -> When:
        """The same clock time on another day."""
        moved = timedelta(days=(day - self.at.date()).days)
        return replace(
            self,
            at=self.at + moved,
            since=self.since + moved if self.since else None,
            until=self.until + moved if self.until else None,
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """One message, understood. `dealer` is one the customer named; `choice` a number, from 1."""

    intent: str = "other"
    models: tuple[str, ...] = ()
    city: str = ""
    dealer: str = ""
    when: When | None = None
    phone: str = ""  # sealed
    name: str = ""
    choice: int = 0
    yes: bool = False
    no: bool = False
    never_mind: bool = False
    corrects: bool = False
    reschedules: bool = False
    cancels: bool = False
    cannot_come: bool = False
    place: bool = False  # they sent where they are
    faq: str = ""  # the entry of the FAQ that answers it
    why: bool = False  # they ask what for
    agrees: bool = False  # the very word of agreement, whatever was asked
    why_number: bool = False  # they ask what the number is for
    keeps_number: bool = False  # they would rather not leave a number
    whatever: bool = False  # any of what is offered will do
    as_before: bool = False  # the time they had before
    bare: bool = False  # names something and asks nothing
    nods: bool = False  # takes note, and says no more
    here: bool = False  # it is about the store that was spoken of
    asks_mine: bool = False  # they ask about their own test drive
    about: str = ""  # what of a store: hours, weekend, phone, route
    detail: str = ""  # what of a car, in their word
    features: tuple[str, ...] = ()  # what a car should be, if they look for one
    advice: bool = False  # which car suits them
    window_days: int = 0
    budget: int = 0
    finance: bool = False
    trade_in: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """What a conversation remembers between two messages. `phone` is sealed, never in clear."""

    task: Task = Task.NONE
    asks: Question = Question.NONE
    topic: str = ""  # a question of the customer that waits for a model or a city
    model: str = ""
    city: str = ""
    dealer: str = ""
    when: When | None = None
    offered: tuple[str, ...] = ()  # what "1", "2" stand for: dealers, or times in ISO
    held: str = ""  # DEALER|MODEL|ISO of the place that is held
    phone: str = ""
    name: str = ""
    agreed_at: datetime | None = None
    window_days: int = 0  # what they said of buying, for the lead to come
    budget: int = 0
    finance: bool = False
    trade_in: bool = False
    missed: int = 0  # messages in a row that did not answer the open question
    told: tuple[str, ...] = ()  # what was answered and offered of late, see `domain.rewording`
    shown: str = ""  # the store that was told of last
    purpose_told: bool = False  # what the number is for has been said

    def as_json(self) -> dict[str, Any]:
        """Only what is set."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: _plain(value) for name, value in found.items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What was put away; whatever an older version wrote and we cannot read is forgotten."""
        known = {f.name for f in fields(cls)}
        try:
            return cls(**{k: _read(k, v) for k, v in data.items() if k in known})
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()


@dataclass(frozen=True, slots=True)
class Booked:
    """A test drive that lies ahead."""

    id: int
    model: str
    dealer: str
    start_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is on file and on offer, for the conversation as it stands.

    `dealers` are open ones that sell the model where the customer is, best first; `slots` are
    free starts at the chosen dealer, best first.
    """

    has_phone: bool = False
    may_share: bool = False
    ask_news: bool = False  # neither agreed to hear of news and offers nor opted out
    position: bool = False
    dealers: tuple[str, ...] = ()
    slots: tuple[datetime, ...] = ()
    booked: Booked | None = None
    unplaced: bool = False  # a lead of theirs has no dealer yet
    lacks: str = ""  # the dealer they chose or belong to, if it does not sell the model


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say: a key of the customer's texts, and what fills it."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict)


class Order(StrEnum):
    """What has to be done besides answering."""

    HOLD = "hold"
    GIVE_BACK = "give_back"
    LEAD = "lead"
    PLACE = "place"
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next: the conversation from now on, what to answer, say and do.

    `answers` is a question of the customer to be answered from catalogue and organisation,
    before the lines; `again` if they have read that answer already.
    """

    talk: Talk
    answers: str = ""
    again: bool = False
    lines: tuple[Line, ...] = ()
    orders: tuple[Order, ...] = ()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, When):
        found = {f.name: getattr(value, f.name) for f in fields(value)}
        return {name: _plain(one) for name, one in found.items() if one is not None}
    return list(value) if isinstance(value, tuple) else value


def _read(name: str, value: Any) -> Any:
    match name:
        case "task":
            return Task(value)
        case "asks":
            return Question(value)
        case "agreed_at":
            return datetime.fromisoformat(value)
        case "when":
            times = {k: datetime.fromisoformat(v) for k, v in value.items() if k != "said_day"}
            return When(said_day=bool(value["said_day"]), **times)
        case "offered" | "told":
            return tuple(str(one) for one in value)
        case "missed" | "window_days" | "budget":
            return int(value)
        case "finance" | "trade_in" | "purpose_told":
            return bool(value)
    return str(value)
