"""Every order Leadloop understands. An order may be refused (`domain.errors`); a fact may not.

Ids are database ids; `by` names who ordered it, as it will stand in the timeline:
`staff:USERID`, `customer`, `api:KEYNAME` or `system`.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Command:
    """Base of all orders."""


# ── capture ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Person:
    """Who is interested, by at least one identity. `phone` is already normalised."""

    name: str = ""
    phone: str | None = None
    city: str = ""
    openid: str | None = None
    unionid: str | None = None


@dataclass(frozen=True, slots=True)
class Interest:
    """What they want. `signals` are what the source understood of `message` (grading kinds)."""

    model: str | None = None
    dealer_code: str | None = None
    purchase_window_days: int | None = None
    message: str = ""
    budget: int | None = None
    finance: bool | None = None
    trade_in: bool | None = None
    signals: tuple[str, ...] = ()
    wished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A receipt as the source obtained it. `purposes`: contact, share_with_dealer, marketing."""

    purposes: tuple[str, ...]
    version: str
    channel: str
    obtained_at: datetime


@dataclass(frozen=True, slots=True)
class IngestLead(Command):
    """Take one lead in. (source, external_id) makes it idempotent."""

    source: str
    external_id: str
    occurred_at: datetime
    person: Person
    interest: Interest
    consent: ConsentGiven
    by: str
    met_by: str | None = None
    """The member of staff who has the customer before them, and so keeps the lead."""


@dataclass(frozen=True, slots=True)
class MeetCustomer(Command):
    """Somebody followed, scanned or left on the official account: traffic, not yet a lead."""

    openid: str
    happened: str  # followed | scanned | unfollowed | revoked
    scene: str = ""
    unionid: str | None = None


@dataclass(frozen=True, slots=True)
class HearCustomer(Command):
    """A customer's message, noted on their leads. `text` has its phone numbers masked."""

    openid: str
    kind: str  # text | voice | image | location | menu …
    text: str
    signals: tuple[str, ...] = ()
    lat: float | None = None
    lng: float | None = None


@dataclass(frozen=True, slots=True)
class SetConsent(Command):
    """A customer opts out of everything (`wanted` False) or back in, on the official account."""

    openid: str
    wanted: bool
    text: str


# ── the adviser's work ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AcceptLead(Command):
    """接单. With `assignment_id` it came from that assignment's card, which may be an old one."""

    lead_id: int
    userid: str
    by: str
    assignment_id: int | None = None


@dataclass(frozen=True, slots=True)
class TransferLead(Command):
    """Hand the lead to a named adviser, to a dealer, or (neither given) to the next best here."""

    lead_id: int
    reason: str
    by: str
    userid: str | None = None
    dealer_code: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimLead(Command):
    """An adviser takes a lead out of the dealer's open sea."""

    lead_id: int
    userid: str
    by: str


@dataclass(frozen=True, slots=True)
class LogFollowUp(Command):
    """One thing done for a lead. Times are aware; `occurred_at` is when the contact happened."""

    lead_id: int
    by: str
    result: str
    way: str
    occurred_at: datetime
    userid: str | None = None
    note: str = ""
    level: str | None = None
    next_follow_up_at: datetime | None = None
    appointment_at: datetime | None = None
    model: str | None = None
    deposit: int | None = None
    slots: dict[str, object] = field(default_factory=dict)
    reason: str = ""
    """Why the lead shall rest, for a manager who must agree."""
    confirm_key: str = ""
    """Repeat on a card what was recorded, before whoever did it; the same key asks once."""


@dataclass(frozen=True, slots=True)
class UndoFollowUp(Command):
    """撤销: as if it had not been logged. Within the policy's minutes, newest first."""

    follow_up_id: int
    by: str


@dataclass(frozen=True, slots=True)
class RequestDefeat(Command):
    """Ask to give the lead up; approval follows unless the policy needs none."""

    lead_id: int
    by: str
    reason: str
    competitor: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReviewDefeat(Command):
    """A manager decides on a requested defeat. Refused, `pass_to` goes on with the lead."""

    defeat_id: int
    by: str
    approve: bool
    pass_to: str | None = None


@dataclass(frozen=True, slots=True)
class ReopenLead(Command):
    """Bring a closed lead back into work."""

    lead_id: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class FocusLead(Command):
    """The adviser turned to this lead: free text is about it until they turn to another."""

    userid: str
    lead_id: int


@dataclass(frozen=True, slots=True)
class SetDuty(Command):
    """上岗 / 休息."""

    userid: str
    on_duty: bool
    by: str


# ── time ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CheckClock(Command):
    """A timer fell due: look at the facts and do what the policy says."""

    timer_id: int


@dataclass(frozen=True, slots=True)
class ComparePools(Command):
    """Go on with the round of `day` (local date) that compares every customer's pool."""

    day: str
    limit: int


@dataclass(frozen=True, slots=True)
class WriteDigests(Command):
    """Write the day's summaries of one kind: morning, evening or manager."""

    kind: str


@dataclass(frozen=True, slots=True)
class DrainDealerQueue(Command):
    """Give waiting leads of a dealer to advisers on duty, oldest first, at most `limit`."""

    dealer_code: str
    limit: int = 20


# ── deliveries ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class RecordDelivery(Command):
    """WeChat took a notice (`outcome` delivered) or it will never arrive (`failed`).

    `settled`: the card was sent when its question was settled already; a send cannot grey out
    buttons, only an update can.
    """

    outbox_id: int
    outcome: str
    way: str
    task_id: str | None = None
    response_code: str | None = None
    detail: str = ""
    settled: bool = False


# ── organisation and rules ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PutRegion(Command):
    """Create or replace a region."""

    code: str
    name: str
    parent_code: str | None = None


@dataclass(frozen=True, slots=True)
class PutDealer(Command):
    """Create or replace a dealer. `hours` and `models` as in the API."""

    code: str
    name: str
    region: str | None
    city: str
    address: str = ""
    lat: float | None = None
    lng: float | None = None
    phone: str = ""
    hours: object = "always"
    models: object = "all"
    open: bool = True
    quota: int = 0
    quality: float = 1.0


@dataclass(frozen=True, slots=True)
class PutStaff(Command):
    """Create or replace a member of staff. Inactive staff lose their leads to colleagues.

    `wecom`: whether they are in WeCom; None leaves it as it is, and who is new is.
    """

    userid: str
    name: str
    role: str
    dealer_code: str | None = None
    region_code: str | None = None
    on_duty: bool = True
    capacity: int = 60
    shifts: object = None
    leave: tuple[tuple[str, str], ...] = ()
    active: bool = True
    wecom: bool | None = None


@dataclass(frozen=True, slots=True)
class PutModel(Command):
    """Create or replace a car line."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    price_low: int | None = None
    price_high: int | None = None
    energy: str = "ice"
    on_sale: bool = True
    highlights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PutPolicy(Command):
    """Replace the overrides of one scope: `brand`, `region:CODE` or `dealer:CODE`.

    With `version`, the one that was edited (0: there was none), another one since refuses it.
    """

    scope: str
    overrides: dict[str, object]
    by: str
    version: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CreateApiKey(Command):
    """Register a key by its hash; the key itself is shown once and not kept."""

    name: str
    key_hash: str
    scopes: tuple[str, ...]
    by: str = ""


# ── conversations ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SaveSession(Command):
    """What a conversation waits for next; empty when nothing. `channel`: oa or wecom."""

    channel: str
    peer: str
    state: dict[str, object]


@dataclass(frozen=True, slots=True)
class ForgetIdleTalks(Command):
    """End the conversations of customers that nobody has gone on with."""


@dataclass(frozen=True, slots=True)
class AlertOps(Command):
    """Something the people who run Leadloop must see. `name` is a notice, `key` says it once."""

    name: str
    key: str
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MergeNotices(Command):
    """One message too many for a member's minute: it and those that wait become one digest."""

    userid: str
    outbox_id: int
    wait_s: float
