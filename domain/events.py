"""Every fact the loop can produce. Facts are past tense and cannot be refused.

They carry ids, not rows: a reaction reads what it needs when it runs, now or later.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all facts."""


@dataclass(frozen=True, slots=True)
class LeadEvent(Event):
    """Something happened to one lead."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class LeadOpened(LeadEvent):
    """A lead came in, or a closed one came back (`reactivated`). `met_by` keeps it.

    `cause` is what brought it: opened, or what the customer did (`touch:12`, message, scanned …).
    """

    reactivated: bool = False
    met_by: str | None = None
    cause: str = "opened"


@dataclass(frozen=True, slots=True)
class LeadTouched(LeadEvent):
    """A further interest met an open lead (撞单), or the customer did something."""

    cause: str  # touchpoint | message | appointment …
    touchpoint_id: int | None = None
    met_by: str | None = None


@dataclass(frozen=True, slots=True)
class LeadGraded(LeadEvent):
    """The level was worked out anew. `before` is the level until now."""

    level: str
    before: str


@dataclass(frozen=True, slots=True)
class LeadAssigned(LeadEvent):
    """An adviser holds the lead from now on."""

    assignment_id: int


@dataclass(frozen=True, slots=True)
class LeadAccepted(LeadEvent):
    """接单. `by_record`: a record was made at once, so nobody need ask for one."""

    assignment_id: int
    by_record: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentResumed(LeadEvent):
    """An assignment that had ended goes on: the adviser holds the lead as before."""

    assignment_id: int


@dataclass(frozen=True, slots=True)
class AssignmentEnded(LeadEvent):
    """The adviser no longer holds the lead: its card is closed, a place is free."""

    assignment_id: int
    dealer_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class FollowUpLogged(LeadEvent):
    """A contact or note was recorded."""

    follow_up_id: int


@dataclass(frozen=True, slots=True)
class FollowUpUndone(LeadEvent):
    """A record was taken back."""

    follow_up_id: int


@dataclass(frozen=True, slots=True)
class LeadOverdue(LeadEvent):
    """A clock passed a mark. `mark`: remind, escalate, manager, follow_up."""

    assignment_id: int
    mark: str


@dataclass(frozen=True, slots=True)
class LeadRecycled(LeadEvent):
    """Taken back from the adviser, to the dealer's sea or (`to_region`) to the region."""

    assignment_id: int
    to_region: bool


@dataclass(frozen=True, slots=True)
class LevelLowered(LeadEvent):
    """Missed follow-up cycles cost the lead one level."""

    level: str


@dataclass(frozen=True, slots=True)
class DefeatRequested(LeadEvent):
    """A defeat waits for the manager."""

    defeat_id: int


@dataclass(frozen=True, slots=True)
class DefeatReviewed(LeadEvent):
    """The manager decided."""

    defeat_id: int
    approved: bool


@dataclass(frozen=True, slots=True)
class DefeatWithdrawn(LeadEvent):
    """Nobody decided, and nobody has to any more."""

    defeat_id: int


@dataclass(frozen=True, slots=True)
class DefeatSampled(LeadEvent):
    """The brand is to call this given-up lead again."""

    defeat_id: int


@dataclass(frozen=True, slots=True)
class ApprovalAsked(LeadEvent):
    """A transfer or a rest waits for the manager."""

    approval_id: int


@dataclass(frozen=True, slots=True)
class ApprovalReviewed(LeadEvent):
    """The manager decided."""

    approval_id: int
    approved: bool


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawn(LeadEvent):
    """Nobody has to decide any more."""

    approval_id: int


@dataclass(frozen=True, slots=True)
class LeadClosed(LeadEvent):
    """The lead is over for now. `state`: defeated, dormant, invalid, delivered, lapsed."""

    state: str


@dataclass(frozen=True, slots=True)
class ConsentChanged(Event):
    """A customer gave or withdrew consent: held leads may go out, running ones must stop."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class CustomerActed(Event):
    """A known customer did something at the brand's door: message, menu, scanned or followed.

    `signals` are what a message revealed (grading kinds). A campaign looks here whether the
    customer answered a touch of its own.
    """

    customer_id: int
    act: str
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntentShown(Event):
    """A customer the brand leads shows intent; `act` and `signals` as in `CustomerActed`."""

    customer_id: int
    act: str
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TouchAnswered(Event):
    """A customer answered a touch of a campaign. `how`: replied, clicked, visited or declined.

    What follows names the touch as its reason: a new grade, a new pool, an adviser.
    """

    customer_id: int
    touch_id: int
    how: str


@dataclass(frozen=True, slots=True)
class AudienceOpened(Event):
    """A segment's members with ids above `after` are to join a campaign, a batch at a time."""

    campaign_id: int
    after: int


@dataclass(frozen=True, slots=True)
class HandedOver(Event):
    """Another link leads the conversation now (brand, dealer, none); `cause` set it going."""

    customer_id: int
    before: str
    link: str
    cause: str


@dataclass(frozen=True, slots=True)
class PoolMoved(Event):
    """The facts put a customer into another pool."""

    customer_id: int
    before: str
    pool: str


@dataclass(frozen=True, slots=True)
class CustomersMerged(Event):
    """Two customers turned out to be one person: `other_id` is now part of `customer_id`."""

    customer_id: int
    other_id: int


@dataclass(frozen=True, slots=True)
class CustomersParted(Event):
    """A merge was taken back: `other_id` is somebody of their own again."""

    customer_id: int
    other_id: int


@dataclass(frozen=True, slots=True)
class CustomerErased(Event):
    """A person was forgotten; the statistics stay."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class WebhookReplayed(Event):
    """A webhook is sent again what happened since then: events `after_id` < id ≤ `upto_id`."""

    webhook_id: int
    since: str
    after_id: int
    upto_id: int


@dataclass(frozen=True, slots=True)
class StaffCameOnDuty(Event):
    """Somebody can take leads again."""

    userid: str
    dealer_code: str


@dataclass(frozen=True, slots=True)
class StaffLeft(Event):
    """A member of staff is gone or moved: their leads need a new home."""

    userid: str
    dealer_code: str


@dataclass(frozen=True, slots=True)
class AppointmentChanged(LeadEvent):
    """A test drive of the lead was `happened`: booked, moved, cancelled, kept or missed."""

    appointment_id: int
    happened: str


# ── facts that only come true if nothing happens until then ──────────────────────────────────


@dataclass(frozen=True, slots=True)
class HandoffUnanswered(Event):
    """A customer has waited since `since_ms` for a person; `asked` were called so far."""

    handoff_id: int
    since_ms: int
    asked: int


@dataclass(frozen=True, slots=True)
class HandoffIdle(Event):
    """Neither side has said anything for a while."""

    handoff_id: int


@dataclass(frozen=True, slots=True)
class TicketLate(Event):
    """A ticket has passed its deadline without an answer; `step` counts whom it was taken to."""

    ticket_id: int
    step: int


@dataclass(frozen=True, slots=True)
class AppointmentNear(Event):
    """A test drive at `start_ms` comes near, or is over. `mark`: day_before, soon or over."""

    appointment_id: int
    start_ms: int
    mark: str
