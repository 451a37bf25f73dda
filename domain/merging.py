"""Two customers prove to be one: which of two open leads at one dealer goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.lead import LeadState

_S = LeadState
FURTHEST_FIRST = (
    _S.ORDERED,
    _S.ACCEPTED,
    _S.ASSIGNED,
    _S.DEFEAT_REQUESTED,
    _S.SEA,
    _S.REGION,
    _S.WAITING,
    _S.HELD,
)
"""A lead in work goes on before one about to be given up, and that before one of nobody."""


@dataclass(frozen=True, slots=True)
class OpenLead:
    """An open lead of one of the two."""

    id: int
    dealer_code: str | None
    state: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both had an open lead at one dealer: `lapsed` becomes part of `kept`."""

    kept: OpenLead
    lapsed: OpenLead


def conflicts(one: Iterable[OpenLead], other: Iterable[OpenLead]) -> list[Conflict]:
    """Open leads of both at the same dealer, settled: the further one goes on, else the older."""
    theirs: Mapping[str | None, OpenLead] = {lead.dealer_code: lead for lead in other}
    found = []
    for lead in one:
        if rival := theirs.get(lead.dealer_code):
            kept, lapsed = sorted((lead, rival), key=_precedence)
            found.append(Conflict(kept, lapsed))
    return found


def _precedence(lead: OpenLead) -> tuple[int, datetime, int]:
    return FURTHEST_FIRST.index(LeadState(lead.state)), lead.opened_at, lead.id
