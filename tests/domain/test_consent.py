"""Consent is a receipt, and a withdrawal ends it at once."""

from datetime import timedelta

import pytest

from domain.consent import (
    PURPOSES,
    InvalidConsent,
    Receipt,
    Withdrawal,
    in_force,
    may_contact,
    may_dispatch,
    may_market,
    parse_purposes,
)
from tests.domain.rules import china

NOON = china("2026-11-23 12:00")
LATER = NOON + timedelta(minutes=1)


def receipt(*purposes: str, at: object = NOON) -> Receipt:
    return Receipt(frozenset(purposes), "2026-01", "form", at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "purposes"),
    [
        (["contact"], {"contact"}),
        (["contact", "contact", "marketing"], {"contact", "marketing"}),
        ("contact;share_with_dealer", {"contact", "share_with_dealer"}),
        (" contact ; marketing ;", {"contact", "marketing"}),
        ([], set()),
        ("", set()),
    ],
)
def test_purposes_are_read_from_lists_and_columns(given: object, purposes: set[str]) -> None:
    assert parse_purposes(given) == purposes


@pytest.mark.parametrize(
    ("given", "locs"),
    [
        (["contact", "sell"], ["purposes.1"]),
        ("contact;;Marketing", ["purposes.1"]),
        ([None, 7, ["contact"]], ["purposes.0", "purposes.1", "purposes.2"]),
        (None, ["purposes"]),
        (True, ["purposes"]),
    ],
)
def test_unknown_purposes_are_refused(given: object, locs: list[str]) -> None:
    with pytest.raises(InvalidConsent) as refused:
        parse_purposes(given)
    assert [loc for loc, _ in refused.value.errors] == locs


def test_receipts_add_up() -> None:
    receipts = [receipt("contact"), receipt("marketing", at=LATER)]
    assert in_force(receipts, []) == {"contact", "marketing"}
    assert in_force([], []) == frozenset()


def test_a_withdrawal_ends_what_was_given_before_it() -> None:
    everything = receipt(*PURPOSES)
    assert in_force([everything], [Withdrawal(LATER)]) == frozenset()
    assert in_force([everything], [Withdrawal(LATER, frozenset({"marketing"}))]) == {
        "contact",
        "share_with_dealer",
    }


def test_at_one_instant_the_withdrawal_wins() -> None:
    assert in_force([receipt("contact")], [Withdrawal(NOON)]) == frozenset()


def test_consent_given_anew_counts_again() -> None:
    assert in_force([receipt("contact", at=LATER)], [Withdrawal(NOON)]) == {"contact"}


@pytest.mark.parametrize(
    ("purposes", "allowed"),
    [
        ({"contact", "share_with_dealer"}, (True, True, False)),
        ({"contact"}, (True, False, False)),
        ({"share_with_dealer"}, (False, False, False)),
        ({"marketing"}, (False, False, True)),
        (set(), (False, False, False)),
    ],
)
def test_each_act_needs_its_own_purpose(
    purposes: set[str], allowed: tuple[bool, bool, bool]
) -> None:
    assert (may_contact(purposes), may_dispatch(purposes), may_market(purposes)) == allowed
