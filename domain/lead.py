"""A lead's life: its states, and which order may move it from where to where."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.errors import WrongState


class LeadState(StrEnum):
    """Where a lead stands. Its level (how soon they buy) is another matter."""

    HELD = "held"  # kept and graded, not dispatched: no consent, or no dealer for it
    WAITING = "waiting"  # in the dealer's queue: no adviser on duty with room
    ASSIGNED = "assigned"  # pushed to an adviser, not accepted
    ACCEPTED = "accepted"
    SEA = "sea"  # taken back; any adviser of the dealer may claim it
    REGION = "region"  # taken back too often; the region decides
    DEFEAT_REQUESTED = "defeat_requested"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    DEFEATED = "defeated"
    DORMANT = "dormant"
    INVALID = "invalid"
    LAPSED = "lapsed"  # closed because the customer was merged into another or erased


CLOSED = frozenset(
    {
        LeadState.DELIVERED,
        LeadState.DEFEATED,
        LeadState.DORMANT,
        LeadState.INVALID,
        LeadState.LAPSED,
    }
)
"""A new interest of the same phone at the same dealer reopens these instead of merging."""

HELD_BY_ADVISER = frozenset(
    {
        LeadState.ASSIGNED,
        LeadState.ACCEPTED,
        LeadState.DEFEAT_REQUESTED,
        LeadState.ORDERED,
    }
)
"""States with a running assignment; they count against the adviser's capacity."""

_S = LeadState
_REACHED_FROM_ANYWHERE = frozenset({_S.LAPSED})

TRANSITIONS: Mapping[LeadState, frozenset[LeadState]] = MappingProxyType(
    {
        _S.HELD: frozenset({_S.WAITING, _S.ASSIGNED, _S.DORMANT, _S.INVALID}),
        _S.WAITING: frozenset({_S.ASSIGNED, _S.HELD, _S.DORMANT, _S.INVALID}),
        _S.ASSIGNED: frozenset(
            {_S.ACCEPTED, _S.ASSIGNED, _S.WAITING, _S.SEA, _S.REGION, _S.HELD}
            | {_S.DEFEAT_REQUESTED, _S.ORDERED, _S.DELIVERED, _S.DORMANT, _S.DEFEATED, _S.INVALID}
        ),
        _S.ACCEPTED: frozenset(
            {_S.ASSIGNED, _S.WAITING, _S.SEA, _S.REGION, _S.HELD, _S.DEFEAT_REQUESTED}
            | {_S.ORDERED, _S.DELIVERED, _S.DORMANT, _S.DEFEATED, _S.INVALID}
        ),
        _S.SEA: frozenset({_S.ASSIGNED, _S.WAITING, _S.REGION, _S.HELD, _S.DORMANT, _S.INVALID}),
        _S.REGION: frozenset({_S.ASSIGNED, _S.WAITING, _S.HELD, _S.DORMANT, _S.INVALID}),
        _S.DEFEAT_REQUESTED: frozenset(
            {_S.ACCEPTED, _S.DEFEATED, _S.INVALID, _S.DORMANT, _S.HELD}
        ),
        _S.ORDERED: frozenset({_S.DELIVERED, _S.DEFEAT_REQUESTED, _S.DORMANT}),
        _S.DELIVERED: frozenset({_S.HELD, _S.WAITING, _S.ASSIGNED, _S.ACCEPTED}),
        _S.DEFEATED: frozenset({_S.HELD, _S.WAITING, _S.ASSIGNED, _S.ACCEPTED}),
        _S.DORMANT: frozenset({_S.HELD, _S.WAITING, _S.ASSIGNED, _S.ACCEPTED}),
        _S.INVALID: frozenset({_S.HELD, _S.WAITING, _S.ASSIGNED, _S.ACCEPTED}),
        _S.LAPSED: frozenset(),
    }
)


def is_open(state: str) -> bool:
    """Whether a further interest of the same person here merges into this lead (撞单)."""
    return LeadState(state) not in CLOSED


def check_move(state: str, target: LeadState) -> None:
    """Raise `WrongState` unless a lead may go from `state` to `target`."""
    if target in _REACHED_FROM_ANYWHERE or target in TRANSITIONS[LeadState(state)]:
        return
    raise WrongState(f"a lead that is {state} cannot become {target}", state=state)
