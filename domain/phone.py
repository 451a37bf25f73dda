"""Telephone numbers: one spelling to store, a mask to show, and none left in free text."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from domain.errors import InvalidInput

LONGEST = 32
_MAINLAND_MOBILE = re.compile(r"(?:(?:\+|00)?86|0)?(?P<number>1[3-9]\d{9})", re.ASCII)
_SPOKEN_AROUND = re.compile(r"[\s.\-‐-―()·]+")
_FULL_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("＋"): "+"}

# What people put between two digits. Dots only in the 138.0013.8000 form: prices have dots too.
_GAP = r"[\s\-‐-―－_·]{0,3}"
_PAREN = r"[\s\-‐-―－_·()（）]{0,3}"
_COUNTRY = rf"(?:(?:\+|00)?86{_PAREN}|0)?"
_MOBILE = rf"{_COUNTRY}(?:1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}|1[3-9][0-9]\.[0-9]{{4}}\.[0-9]{{4}})"
_AREA = rf"[(（]?(?:(?:\+|00)86{_PAREN}[1-9][0-9]{{1,2}}|0[1-9][0-9]{{1,2}})"
_LANDLINE = rf"{_AREA}{_PAREN}[2-9](?:{_GAP}[0-9]){{6,7}}"
_FOREIGN = rf"\+[1-9](?:{_PAREN}[0-9]){{6,14}}"
_IN_TEXT = re.compile(rf"(?<![0-9])(?:{_MOBILE}|{_LANDLINE}|{_FOREIGN})(?![0-9])")


class InvalidPhone(InvalidInput):
    """Not a telephone number anybody could call. The message does not repeat it."""

    code = "invalid_phone"

    def __init__(self, why: str) -> None:
        super().__init__([("phone", why)])


def parse_phone(text: object) -> str:
    """The stored spelling: eleven digits for a mainland mobile, else E.164 (+85291234567).

    Understands full-width digits, spaces, dashes, brackets and +86, 0086 or 86 in front.
    Raises `InvalidPhone`.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidPhone("is missing")
    if len(text) > LONGEST:
        raise InvalidPhone("is too long")
    digits = _SPOKEN_AROUND.sub("", unicodedata.normalize("NFKC", text))
    if mobile := _MAINLAND_MOBILE.fullmatch(digits):
        return mobile.group("number")
    if not re.fullmatch(r"\+?\d+", digits, re.ASCII):
        raise InvalidPhone("is not a telephone number")
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        raise InvalidPhone("is not a telephone number") from None
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone("is not a valid telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask(phone: str) -> str:
    """138****5678. Short numbers show their last two digits only."""
    if len(phone) < 8:
        return f"****{phone[-2:]}"
    return f"{phone[:3]}****{phone[-4:]}"


def mask_in_text(text: str) -> str:
    """`text` with every telephone number in it masked, however it is spaced or written.

    Longer runs of digits (order numbers, ids) stay.
    """
    # One character for one, so that positions in both texts agree.
    plain = text.translate(_FULL_WIDTH)
    parts, done = [], 0
    for found in _IN_TEXT.finditer(plain):
        digits = re.sub(r"[^0-9+]", "", found.group())
        mobile = _MAINLAND_MOBILE.fullmatch(digits)
        parts += [text[done : found.start()], mask(mobile["number"] if mobile else digits)]
        done = found.end()
    return "".join(parts) + text[done:]


def last_four(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-4:]
