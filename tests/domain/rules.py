"""What the tests of the rules share: the delivered policy and short ways to say a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.policy import DEFAULT_DOCUMENT, Policy, check_overrides, merge

TZ = "Asia/Shanghai"
POLICY = Policy.from_document(DEFAULT_DOCUMENT)
SPLIT_WEEK = {
    day: [["09:00", "12:00"], ["13:30", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")
}


def china(text: str) -> datetime:
    """`china("2026-11-23 10:00")`: that moment, on a Chinese clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TZ))


def policy_with(overrides: dict[str, Any]) -> Policy:
    """The delivered policy under overrides that a PUT would accept."""
    check_overrides(overrides)
    return Policy.from_document(merge(DEFAULT_DOCUMENT, overrides))
