"""Giving a lead up: which reasons there are, what must have been tried, who must agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, cast
from zoneinfo import ZoneInfo

from domain.policy import Policy
from domain.reasons import Reason

Resistance = Literal["weak", "strong", "none"]

ONE_TRY_IS_ENOUGH = frozenset({"wrong_number", "invalid"})
NOTHING_TO_TRY = frozenset({"duplicate"})


def reason_codes(policy: Policy) -> tuple[str, ...]:
    """Codes of the reason tree, in the policy's order."""
    return tuple(policy.defeat.reasons)


def resistance(reason: str, policy: Policy) -> Resistance:
    """How hard the customer said no: weak (nurture), strong (out) or none (clerical).

    A reason the tree does not know is weak: nobody is put out by a typing error.
    """
    return cast(Resistance, policy.defeat.reasons.get(reason, "weak"))


def missing_for_defeat(
    attempts: Sequence[datetime], policy: Policy, tz: str, reason: str | None = None
) -> list[Reason]:
    """What is still missing before the lead may be given up; empty when it may.

    Attempts are times of contact tries. A dead number shows at the first try, a duplicate without.
    """
    tries, days = policy.defeat.min_attempts, policy.defeat.min_days
    if reason in ONE_TRY_IS_ENOUGH:
        tries, days = min(tries, 1), min(days, 1)
    elif reason in NOTHING_TO_TRY:
        tries, days = 0, 0
    zone = ZoneInfo(tz)
    on_days = len({attempt.astimezone(zone).date() for attempt in attempts})
    missing = []
    if len(attempts) < tries:
        missing.append(Reason.of("too_few_attempts", have=len(attempts), need=tries))
    if on_days < days:
        missing.append(Reason.of("too_few_days", have=on_days, need=days))
    return missing


def needs_approval(policy: Policy) -> bool:
    """Whether a manager must agree before a lead is given up."""
    return policy.defeat.needs_approval
