"""Codes of an authenticator app (RFC 6238): six digits that change every thirty seconds."""

import hmac
from base64 import b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
ISSUER = "Leadloop"
_AROUND = (0, -1, 1)
"""Steps beside the present one that count: clocks of phones are not exact."""


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of one time step."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 0xF
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_at(moment: datetime) -> int:
    """The time step of a moment."""
    return int(moment.timestamp()) // STEP_S


def matching_step(secret: bytes, code: str, now: datetime, after: int) -> int | None:
    """The step whose code this is, later than `after`; None for a wrong or a used code."""
    given = code.encode("utf-8", "surrogatepass")
    steps = [step_at(now) + shift for shift in _AROUND]
    good = [s for s in steps if hmac.compare_digest(code_at(secret, s).encode(), given)]
    return next((step for step in good if step > after), None)


def in_base32(secret: bytes) -> str:
    """The secret as people type it."""
    return b32encode(secret).decode().rstrip("=")


def address_of(secret: bytes, userid: str) -> str:
    """What the app reads from a picture."""
    query = urlencode({"secret": in_base32(secret), "issuer": ISSUER})
    return f"otpauth://totp/{ISSUER}:{quote(userid, safe='')}?{query}"
