"""Orders about test drives. Times are aware.

They are refused with `SlotTaken`, `AlreadyBooked` or `WrongState` (`domain.errors`).
"""

from dataclasses import dataclass
from datetime import datetime

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class HoldTestDrive(Command):
    """Keep a place free while the customer makes up their mind; replaces their earlier hold."""

    openid: str
    dealer_code: str
    model: str
    start_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class GiveBackHold(Command):
    """The customer does not want the place that is held for them."""

    openid: str


@dataclass(frozen=True, slots=True)
class BookTestDrive(Command):
    """Book a test drive, on the customer's own hold if they have one at that time.

    By the customer (`openid`) or for a lead (`lead_id`). A customer without an open lead at the
    dealer gets one; `key` makes that idempotent.
    """

    dealer_code: str
    model: str
    start_at: datetime
    by: str
    key: str
    openid: str | None = None
    lead_id: int | None = None


@dataclass(frozen=True, slots=True)
class MoveTestDrive(Command):
    """Another time at the same dealer."""

    appointment_id: int
    start_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class CancelTestDrive(Command):
    """It will not take place; its place is free again."""

    appointment_id: int
    by: str


@dataclass(frozen=True, slots=True)
class KeepTestDrive(Command):
    """What became of it: the customer came (`kept`), or did not."""

    appointment_id: int
    kept: bool
    by: str
