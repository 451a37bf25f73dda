"""Opaque cursors: where the next page of a list begins."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from api.fields import clean
from domain.errors import InvalidInput

T = TypeVar("T")
LARGEST_ID = 2**63 - 1


def encode(*parts: object) -> str:
    """A cursor that holds these parts."""
    text = "|".join(
        part.isoformat() if isinstance(part, datetime) else str(part) for part in parts
    )
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def id_before(cursor: str | None) -> int | None:
    """The id below which the page begins; None at the start. Raises `InvalidInput`."""
    return _decoded(cursor, lambda text: _id(text)) if cursor else None


def text_after(cursor: str | None) -> str | None:
    """The key after which the page begins; None at the start. Raises `InvalidInput`."""
    return _decoded(cursor, clean) if cursor else None


def moment_and_id(cursor: str | None) -> tuple[datetime, int] | None:
    """The line after which the page begins; None at the start. Raises `InvalidInput`."""
    return _decoded(cursor, _moment_and_id) if cursor else None


def _decoded(cursor: str, read: Callable[[str], T]) -> T:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return read(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (ValueError, binascii.Error):
        raise InvalidInput([("cursor", "is not a cursor of this list")]) from None


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > LARGEST_ID:
        raise ValueError("not an id")
    return int(text)


def _moment_and_id(text: str) -> tuple[datetime, int]:
    moment, _, row_id = text.partition("|")
    at = datetime.fromisoformat(moment)
    if at.tzinfo is None:
        raise ValueError("not a moment")
    return at, _id(row_id)
