"""Addresses that only who was given them knows: a page of somebody's test drive."""

import hmac

from db.phone_vault import PhoneVault

_LETTERS = 32  # 128 bits


def drive_path(phones: PhoneVault, appointment_id: int) -> str:
    """The path of a test drive's page; who knows its number still cannot make it up."""
    return f"/drive/{appointment_id}-{_marks(phones, appointment_id)[0]}"


def drive_of(phones: PhoneVault, key: str) -> int | None:
    """The test drive behind the last part of such a path, or None."""
    number, _, mark = key.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 18 and mark.isascii()):
        return None
    known = _marks(phones, int(number))
    return int(number) if any(hmac.compare_digest(one, mark) for one in known) else None


def _marks(phones: PhoneVault, appointment_id: int) -> list[str]:
    return [mark[:_LETTERS] for mark in phones.hashes(f"drive page {appointment_id}")]
