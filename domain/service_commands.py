"""Orders about serving a customer: a person to talk to, tickets, and what WeChat lets us send.

Like all orders they may be refused (`domain.errors`). `text` is what somebody said, as it stands:
handlers seal it where it travels and mask it where it stays.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.commands import Command

# ── a person to talk to ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AskForPerson(Command):
    """人工: connect this customer to whoever serves them.

    `city` and `dealer` are those the conversation is about; who has a dealer keeps theirs.
    """

    openid: str
    text: str
    kind: str = "text"
    city: str = ""
    dealer: str = ""


@dataclass(frozen=True, slots=True)
class RelayToStaff(Command):
    """A customer said something to the person they talk to. Refused when nobody is there.

    `asks_again`: it was once more for a person, which leaves nobody a message.
    """

    openid: str
    kind: str  # text | voice | image | location …
    text: str
    city: str = ""
    media_id: str = ""
    lat: float | None = None
    lng: float | None = None
    asks_again: bool = False


@dataclass(frozen=True, slots=True)
class RelayToCustomer(Command):
    """A member of staff says something to a customer: of a lead, or of an open hand-off."""

    userid: str
    kind: str  # text | image | voice
    text: str
    lead_id: int | None = None
    handoff_id: int | None = None
    media_id: str = ""


@dataclass(frozen=True, slots=True)
class EndHandoff(Command):
    """结束: the customer is the bot's again. `by` is `customer` or `staff:USERID`."""

    handoff_id: int
    by: str
    text: str = ""


# ── tickets ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class OpenTicket(Command):
    """A customer needs service or complains. `kind`: complaint, rescue or maintenance.

    `city` and `dealer` are those the conversation is about; who has a dealer keeps theirs.
    """

    openid: str
    kind: str
    text: str
    form: str = "text"
    city: str = ""
    dealer: str = ""


@dataclass(frozen=True, slots=True)
class AnswerTicket(Command):
    """Staff answer a ticket; `done` closes it."""

    ticket_id: int
    userid: str
    text: str
    done: bool


# ── what WeChat lets us send ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CloseWindows(Command):
    """WeChat refused a message (45015, 45047): nothing may be sent until the customer acts again.

    `known_at` is when the refused message left; what the customer did since then counts.
    """

    customer_id: int
    known_at: datetime


@dataclass(frozen=True, slots=True)
class NoteSubscription(Command):
    """A customer allowed one more subscription message (订阅通知), or wants none any more."""

    openid: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class SpendSubscription(Command):
    """A subscription message left, or WeChat says that none is allowed (`all_gone`)."""

    customer_id: int
    all_gone: bool = False


@dataclass(frozen=True, slots=True)
class TellSender(Command):
    """A message to a customer did not arrive as it should: whoever meant it hears of it.

    `reason`: window, quota, opted_out, unreachable, unknown or template (it went as one).
    """

    outbox_id: int
    reason: str


# ── those who leave ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ForgetFollower(Command):
    """A customer left the official account: what it told us of them goes."""

    openid: str


@dataclass(frozen=True, slots=True)
class EraseFollower(Command):
    """A customer withdrew what WeChat may tell of them, or closed their account."""

    openid: str
