"""What a manager must agree to, and whom it concerns."""

from collections.abc import Mapping
from typing import Literal

from domain.policy import Policy

Kind = Literal["transfer", "dormant"]

ASKS_FIRST: Mapping[str, frozenset[str]] = {
    "transfer": frozenset({"adviser"}),
    "dormant": frozenset({"adviser", "dcc"}),
}
"""Whose orders of a kind need a manager's agreement, where the policy wants one.

Handing leads on is a DCC clerk's work; letting them rest is nobody's who is measured by them.
"""

REVIEWERS = frozenset({"store_manager", "region_manager"})
"""Who decides, for the store or the region."""

AS_IF_DEFEATED: Mapping[str, str] = {
    "cannot_reach": "wrong_number",
    "no_calls": "refuses_contact",
    "no_need": "no_need",
    "other": "other",
}
"""The defeat whose evidence a reason to rest is held against; any other is about timing."""


def asks_first(kind: Kind, role: str, policy: Policy) -> bool:
    """Whether an order of this kind waits for a manager, when somebody of that role gives it."""
    wanted = {"transfer": policy.transfer, "dormant": policy.dormant}[kind]
    return wanted.needs_approval and role in ASKS_FIRST[kind]


def claim_behind(reason: str) -> str:
    """What a reason to rest says about the customer, as a reason of the defeat tree."""
    return AS_IF_DEFEATED.get(reason, "timing")
