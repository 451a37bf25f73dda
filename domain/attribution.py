"""Whose merit a lead is: new, won back from a defeat, or converted from stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.lead import LeadState, is_open

Attribution = Literal["new", "won_back", "converted"]

_STOCK_LEVEL = "C"


@dataclass(frozen=True, slots=True)
class PriorLead:
    """An earlier lead of the same customer, at whatever dealer. `closed_at` None: still open."""

    state: str
    level: str
    closed_at: datetime | None = None


def attribution_of(
    prior: Sequence[PriorLead], outcome: Literal["created", "reactivated"]
) -> Attribution:
    """The label of a lead that was just created, or of the closed one just reactivated.

    For "created", `prior` are the customer's other leads; for "reactivated", the lead as it was
    closed (others may be among them). The newest decides; an open one is newer than any closed.
    Merged and duplicate intakes keep the label the lead has; leads given to another customer's
    file (lapsed) say nothing.
    """
    known = [lead for lead in prior if lead.state != LeadState.LAPSED]
    considered = [lead for lead in known if outcome == "created" or not is_open(lead.state)]
    if not considered:
        return "new" if outcome == "created" else "converted"
    newest = max(considered, key=_recency)
    if newest.state in (LeadState.DEFEATED, LeadState.INVALID):
        return "won_back"
    if outcome == "reactivated" or not is_open(newest.state) or newest.level == _STOCK_LEVEL:
        return "converted"
    return "new"


def _recency(lead: PriorLead) -> tuple[bool, float]:
    if is_open(lead.state):
        return True, 0.0
    return False, lead.closed_at.timestamp() if lead.closed_at else 0.0
