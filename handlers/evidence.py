"""What is on file around a wish to give a lead up or let it rest, held against its reason."""

from dataclasses import dataclass, replace
from datetime import datetime

from db.models import Customer, Dealer, FollowUp, Lead
from domain.dispatch import DealerWish, choose_dealer
from domain.evidence import Attempt, DefeatEvidence, Suspicion, weigh
from domain.policy import Policy
from handlers import routing
from handlers.grading import facts_of
from handlers.tx import Tx

SAID_BY_CUSTOMER = frozenset(
    {"asked_price", "asked_finance", "asked_delivery", "asked_test_drive", "came_again"}
)
"""Signals that came from the customer, not from the adviser's own records."""

TALK_SECONDS = "talk_seconds"
"""The slot of a follow-up in which a telephone system says how long the call was."""
VISITS = frozenset({"visited", "test_drive"})


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says about the customer; `reason` is one of the defeat tree."""

    reason: str
    at: datetime
    competitor: str = ""


async def weigh_claim(tx: Tx, lead: Lead, claim: Claim, policy: Policy) -> Suspicion:
    """How doubtful it is, after all that is on file."""
    logged = FollowUp.filter(lead_id=lead.id, undone_at__isnull=True)
    nearest = await _is_nearest_dealer(tx, lead)
    evidence = _evidence(tx, lead, claim, await logged.order_by("occurred_at"))
    return weigh(replace(evidence, is_nearest_dealer=nearest), policy)


async def _is_nearest_dealer(tx: Tx, lead: Lead) -> bool | None:
    """Whether no other dealer that sells the model is nearer; None where nobody knows."""
    customer = await tx.see(Customer, lead.customer_id)
    wish = DealerWish(model=lead.model_code, lat=customer.lat, lng=customer.lng)
    chosen = choose_dealer(wish, [routing.facts_of(d, 0) for d in await Dealer.filter(open=True)])
    return chosen.code == lead.dealer_id if chosen.reason.code == "nearest" else None


def _evidence(tx: Tx, lead: Lead, claim: Claim, logged: list[FollowUp]) -> DefeatEvidence:
    facts = facts_of(lead)
    return DefeatEvidence(
        reason=claim.reason,
        requested_at=claim.at,
        attempts=tuple(
            Attempt(row.occurred_at, row.result != "unreachable", _talked_s(row))
            for row in logged
            if row.result != "note"
        ),
        said=tuple(signal for signal in facts.signals if signal.kind in SAID_BY_CUSTOMER),
        promised_visit_at=_promised_visit(logged),
        quoted=any(row.result == "quoted" for row in logged),
        competitor=claim.competitor,
        purchase_window_days=lead.purchase_window_days,
        tz=tx.tz,
    )


def _talked_s(row: FollowUp) -> float | None:
    seconds = row.slots.get(TALK_SECONDS)
    return float(seconds) if isinstance(seconds, int | float) else None


def _promised_visit(logged: list[FollowUp]) -> datetime | None:
    """The newest appointment that no visit has followed."""
    promised = None
    for row in logged:
        if row.appointment_at:
            promised = row.appointment_at
        if row.result in VISITS:
            promised = None
    return promised
