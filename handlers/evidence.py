"""What is on file around a defeat, held against the reason given for it."""

from datetime import datetime

from db.models import Defeat, FollowUp, Lead
from domain.evidence import Attempt, DefeatEvidence, Suspicion, weigh
from domain.policy import Policy
from handlers.grading import facts_of
from handlers.tx import Tx

SAID_BY_CUSTOMER = frozenset(
    {"asked_price", "asked_finance", "asked_delivery", "asked_test_drive", "came_again"}
)
"""Signals that came from the customer, not from the adviser's own records."""

VISITS = frozenset({"visited", "test_drive"})


async def weigh_defeat(tx: Tx, lead: Lead, defeat: Defeat, policy: Policy) -> Suspicion:
    """Weigh a request, and keep the findings with it for the manager to see."""
    logged = FollowUp.filter(lead_id=lead.id, undone_at__isnull=True)
    evidence = _evidence(tx, lead, defeat, await logged.order_by("occurred_at"))
    found = weigh(evidence, policy)
    defeat.suspicion = {
        "score": found.score,
        "suspicious": found.suspicious,
        "reasons": [reason.as_json() for reason in found.reasons],
    }
    return found


def _evidence(tx: Tx, lead: Lead, defeat: Defeat, logged: list[FollowUp]) -> DefeatEvidence:
    facts = facts_of(lead)
    return DefeatEvidence(
        reason=defeat.reason,
        requested_at=defeat.requested_at,
        attempts=tuple(
            Attempt(row.occurred_at, connected=row.result != "unreachable")
            for row in logged
            if row.result != "note"
        ),
        said=tuple(signal for signal in facts.signals if signal.kind in SAID_BY_CUSTOMER),
        promised_visit_at=_promised_visit(logged),
        quoted=any(row.result == "quoted" for row in logged),
        competitor=defeat.competitor,
        purchase_window_days=lead.purchase_window_days,
        tz=tx.tz,
    )


def _promised_visit(logged: list[FollowUp]) -> datetime | None:
    """The newest appointment that no visit has followed."""
    promised = None
    for row in logged:
        if row.appointment_at:
            promised = row.appointment_at
        if row.result in VISITS:
            promised = None
    return promised
