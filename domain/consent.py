"""Consent is a receipt: which purposes a customer agreed to, and which still hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import InvalidInput

CONTACT = "contact"
SHARE_WITH_DEALER = "share_with_dealer"
MARKETING = "marketing"
PURPOSES = frozenset({CONTACT, SHARE_WITH_DEALER, MARKETING})


class InvalidConsent(InvalidInput):
    """Purposes that do not exist; `errors` holds (location, message)."""

    code = "invalid_consent"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was agreed to, in which wording, where and when, and for which dealer."""

    purposes: frozenset[str]
    version: str
    channel: str
    at: datetime
    dealer_code: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Agreement taken back; without purposes, all of it."""

    at: datetime
    purposes: frozenset[str] = PURPOSES


def parse_purposes(given: object) -> frozenset[str]:
    """From a list of purposes or text like "contact;marketing"; raises `InvalidConsent`.

    No purpose at all is a valid answer: the customer agreed to nothing.
    """
    if isinstance(given, str):
        given = [part for part in given.split(";") if part.strip()]
    if not isinstance(given, Iterable):
        raise InvalidConsent([("purposes", "must be a list")])
    purposes = [item.strip() if isinstance(item, str) else item for item in given]
    faults = [
        (f"purposes.{index}", f"must be one of {', '.join(sorted(PURPOSES))}")
        for index, purpose in enumerate(purposes)
        if not isinstance(purpose, str) or purpose not in PURPOSES
    ]
    if faults:
        raise InvalidConsent(faults)
    return frozenset(purposes)


def in_force(receipts: Sequence[Receipt], withdrawals: Sequence[Withdrawal]) -> frozenset[str]:
    """Purposes agreed to and not taken back since; at one instant the withdrawal wins."""
    return frozenset(
        purpose
        for receipt in receipts
        for purpose in receipt.purposes
        if not any(purpose in taken.purposes and taken.at >= receipt.at for taken in withdrawals)
    )


def may_contact(purposes: Iterable[str]) -> bool:
    return CONTACT in frozenset(purposes)


def may_dispatch(purposes: Iterable[str]) -> bool:
    """Whether a dealer may be given the lead, to contact the customer."""
    return {CONTACT, SHARE_WITH_DEALER} <= frozenset(purposes)


def may_market(purposes: Iterable[str]) -> bool:
    return MARKETING in frozenset(purposes)
