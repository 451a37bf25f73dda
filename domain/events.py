"""Every fact the loop can produce. Facts are past tense and cannot be refused.

They carry ids, not rows: a reaction reads what it needs when it runs, now or later.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all facts."""


@dataclass(frozen=True, slots=True)
class LeadOpened(Event):
    """A lead came in, or a closed one came back (`reactivated`)."""

    lead_id: int
    reactivated: bool = False


@dataclass(frozen=True, slots=True)
class LeadTouched(Event):
    """A further interest met an open lead (撞单), or the customer did something."""

    lead_id: int
    cause: str  # touchpoint | message | appointment …
    touchpoint_id: int | None = None


@dataclass(frozen=True, slots=True)
class LeadGraded(Event):
    """The level was worked out anew. `before` is the level until now."""

    lead_id: int
    level: str
    before: str


@dataclass(frozen=True, slots=True)
class LeadAssigned(Event):
    """An adviser holds the lead from now on."""

    lead_id: int
    assignment_id: int


@dataclass(frozen=True, slots=True)
class LeadAccepted(Event):
    """接单."""

    lead_id: int
    assignment_id: int


@dataclass(frozen=True, slots=True)
class AssignmentEnded(Event):
    """The adviser no longer holds the lead: its card is closed, a place is free."""

    lead_id: int
    assignment_id: int
    dealer_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class FollowUpLogged(Event):
    """A contact or note was recorded."""

    lead_id: int
    follow_up_id: int


@dataclass(frozen=True, slots=True)
class FollowUpUndone(Event):
    """A record was taken back."""

    lead_id: int
    follow_up_id: int


@dataclass(frozen=True, slots=True)
class LeadOverdue(Event):
    """A clock passed a mark. `mark`: remind, escalate, manager, follow_up."""

    lead_id: int
    assignment_id: int
    mark: str


@dataclass(frozen=True, slots=True)
class LeadRecycled(Event):
    """Taken back from the adviser, to the dealer's sea or (`to_region`) to the region."""

    lead_id: int
    assignment_id: int
    to_region: bool


@dataclass(frozen=True, slots=True)
class LevelLowered(Event):
    """Missed follow-up cycles cost the lead one level."""

    lead_id: int
    level: str


@dataclass(frozen=True, slots=True)
class DefeatRequested(Event):
    """A defeat waits for the manager."""

    lead_id: int
    defeat_id: int


@dataclass(frozen=True, slots=True)
class DefeatReviewed(Event):
    """The manager decided."""

    lead_id: int
    defeat_id: int
    approved: bool


@dataclass(frozen=True, slots=True)
class LeadClosed(Event):
    """The lead is over for now. `state`: defeated, dormant, invalid, delivered, lapsed."""

    lead_id: int
    state: str


@dataclass(frozen=True, slots=True)
class ConsentChanged(Event):
    """A customer gave or withdrew consent: held leads may go out, running ones must stop."""

    customer_id: int
    opted_out: bool


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
