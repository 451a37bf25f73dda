"""What the pools are worked out from, for many customers at once."""

from collections import defaultdict

from db.models import Consent, Customer, Defeat, Identity, Lead, PoolMove
from domain.consent import may_contact
from domain.defeat import resistance
from domain.lead import LeadState
from domain.policy import Policy
from domain.pools import LeadStanding, PoolFacts

LOST = frozenset({LeadState.DEFEATED, LeadState.INVALID})
"""States that are explained by the reason of a defeat."""


def standing(lead: Lead, defeat_reason: str | None, policy: Policy) -> LeadStanding:
    """One lead as the pools see it; `defeat_reason` is that of its newest defeat."""
    if lead.state in LOST:
        why = resistance(defeat_reason or "other", policy)
        return LeadStanding(lead.state, lead.level, why)
    return LeadStanding(lead.state, lead.level, neglected=lead.lowered_steps > 0)


async def facts_of(customers: list[Customer], policy: Policy) -> dict[int, PoolFacts]:
    """The facts of each customer as they are on file; the same that one alone would have."""
    ids = [customer.id for customer in customers]
    leads = await _leads_of(ids)
    lost = [lead.id for own in leads.values() for lead in own if lead.state in LOST]
    asked = Defeat.filter(lead_id__in=lost).order_by("id").values_list("lead_id", "reason")
    reasons = dict(await asked) if lost else {}
    phones = Identity.filter(customer_id__in=ids, kind="phone")
    with_phone = set(await phones.values_list("customer_id", flat=True))
    purposes = await _purposes_of(customers)
    return {
        customer.id: PoolFacts(
            has_phone=customer.id in with_phone,
            may_contact=may_contact(purposes[customer.id]),
            opted_out=customer.opted_out_at is not None,
            leads=tuple(standing(x, reasons.get(x.id), policy) for x in leads[customer.id]),
        )
        for customer in customers
    }


async def stays_of(customers: list[Customer]) -> dict[int, str]:
    """The pool each is in by the history of moves; who is in none is left out."""
    ids = [customer.id for customer in customers]
    rows = PoolMove.filter(open_customer_id__in=ids).values_list("customer_id", "pool")
    return dict(await rows)


async def _leads_of(ids: list[int]) -> dict[int, list[Lead]]:
    found: dict[int, list[Lead]] = defaultdict(list)
    columns = ("id", "customer_id", "state", "level", "lowered_steps")
    rows = Lead.filter(customer_id__in=ids).order_by("-opened_at", "-id").only(*columns)
    for lead in await rows:
        found[lead.customer_id].append(lead)
    return found


async def _purposes_of(customers: list[Customer]) -> dict[int, set[str]]:
    """As `consents.purposes_in_force`: neither withdrawn nor overruled by an opt-out."""
    silent_since = {customer.id: customer.opted_out_at for customer in customers}
    found: dict[int, set[str]] = defaultdict(set)
    given = Consent.filter(customer_id__in=list(silent_since), withdrawn_at__isnull=True)
    for customer_id, purpose, at in await given.values_list(
        "customer_id", "purpose", "obtained_at"
    ):
        since = silent_since[customer_id]
        if since is None or at > since:
            found[customer_id].add(purpose)
    return found
