"""Which pool a customer is in, and which link leads: a pure function of facts, so always known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.lead import LeadState, is_open
from domain.levels import NOT_GRADED, STANDARD, LevelTable, is_qualified
from domain.reasons import Reason

Pool = Literal["traffic", "leads", "nurture", "prospects", "owners", "out"]
Link = Literal["brand", "dealer", "none"]
POOLS: tuple[Pool, ...] = ("traffic", "leads", "nurture", "prospects", "owners", "out")


@dataclass(frozen=True, slots=True)
class LeadStanding:
    """One lead of the customer. `resistance` of its defeat: weak, strong or none.

    `neglected`: missed follow-up cycles cost it a level, and no contact has made up for it since.
    """

    state: str
    level: str = NOT_GRADED
    resistance: str | None = None
    neglected: bool = False


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """One customer. `leads` newest first; `may_contact` is consent to be contacted."""

    has_phone: bool
    may_contact: bool
    opted_out: bool = False
    leads: tuple[LeadStanding, ...] = ()


@dataclass(frozen=True, slots=True)
class PoolDecision:
    """Exactly one pool, exactly one leading link, and why."""

    pool: Pool
    link: Link
    reason: Reason


def pool_of(facts: PoolFacts, levels: LevelTable = STANDARD) -> PoolDecision:
    """The pool of a customer. The first rule that applies decides.

    Silence asked for comes first, then whether we may call at all, then the warmest open lead,
    then a car already bought, then how the newest lead was lost.
    """
    if facts.opted_out:
        return _decide("out", "opted_out")
    if not facts.has_phone:
        return _decide("traffic", "no_phone")
    if not facts.may_contact:
        return _decide("traffic", "no_consent")
    running = [lead for lead in facts.leads if is_open(lead.state)]
    if running:
        return _of_running(running, levels)
    if any(lead.state == LeadState.DELIVERED for lead in facts.leads):
        return _decide("owners", "delivered")
    return _of_lost([lead for lead in facts.leads if not _is_clerical(lead)])


def _of_running(running: list[LeadStanding], levels: LevelTable) -> PoolDecision:
    qualified = [lead for lead in running if is_qualified(lead.level, levels)]
    if qualified:
        hottest = min((lead.level for lead in qualified), key=levels.order.index)
        if all(lead.neglected for lead in qualified):
            # A prospect nobody calls: the brand keeps the conversation warm until somebody does.
            return PoolDecision("prospects", "brand", Reason.of("neglected", level=hottest))
        return _decide("prospects", "qualified", level=hottest)
    if any(lead.state == LeadState.ORDERED for lead in running):
        # The car is sold but not handed over: the adviser keeps the conversation.
        return PoolDecision("owners", "dealer", Reason.of("ordered"))
    if any(lead.level == NOT_GRADED for lead in running):
        return _decide("leads", "not_qualified")
    return _decide("nurture", "not_now", level=running[0].level)


def _of_lost(lost: list[LeadStanding]) -> PoolDecision:
    if not lost:
        return PoolDecision("leads", "brand", Reason.of("no_lead_yet"))
    newest = lost[0]
    if newest.state == LeadState.DORMANT:
        return _decide("nurture", "dormant")
    if newest.state == LeadState.INVALID:
        return _decide("out", "invalid")
    if newest.resistance == "strong":
        return _decide("out", "strong_resistance")
    return _decide("nurture", "weak_resistance")


def _is_clerical(lead: LeadStanding) -> bool:
    """Closed for our own order, not for anything the customer said: merged away, a duplicate."""
    return lead.state == LeadState.LAPSED or lead.resistance == "none"


_LINK_OF_POOL: dict[Pool, Link] = {
    "traffic": "brand",
    "leads": "dealer",
    "nurture": "brand",
    "prospects": "dealer",
    "owners": "brand",
    "out": "none",
}


def _decide(pool: Pool, why: str, **params: object) -> PoolDecision:
    return PoolDecision(pool, _LINK_OF_POOL[pool], Reason.of(why, **params))
