"""Leads come in: idempotent by source, one open lead per person and dealer, graded, passed on."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.models import CarModel, Customer, Dealer, Lead, Touchpoint
from domain.attribution import PriorLead, attribution_of
from domain.commands import IngestLead, Interest, ReopenLead
from domain.errors import InvalidInput, WrongState
from domain.events import ConsentChanged, CustomerActed, LeadOpened, LeadTouched
from domain.lead import CLOSED, LeadState, check_move
from domain.phone import mask_in_text
from handlers import consents, customers, policies, routing
from handlers.open_leads import open_key, sync_open_key
from handlers.tx import Tx

TIMED = frozenset({"asked_test_drive", "booked_test_drive"})
"""Signals that speak of a time."""


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """What became of an intake; `reasons` are `domain.reasons.Reason` as JSON."""

    lead_id: int
    customer_id: int
    outcome: str
    level: str
    reasons: list[dict[str, object]]
    attribution: str
    pool: str
    dealer_code: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An intake whose lead is still to be graded and dispatched by the reactions."""

    lead_id: int
    outcome: str

    async def settle(self, tx: Tx) -> IngestOutcome:
        """The answer, as the lead stands once every reaction has run."""
        lead = await tx.get(Lead, self.lead_id)
        customer = await tx.get(Customer, lead.customer_id)
        return IngestOutcome(
            lead_id=lead.id,
            customer_id=customer.id,
            outcome=self.outcome,
            level=lead.level,
            reasons=lead.reasons,
            attribution=lead.attribution,
            pool=customer.pool,
            dealer_code=lead.dealer_id,
        )


async def ingest_lead(command: IngestLead, tx: Tx) -> Taken:
    """Take one lead in: created, merged into the open one, reactivated, or seen before."""
    command = _masked(command)
    seen = await Touchpoint.get_or_none(source=command.source, external_id=command.external_id)
    if seen:
        return _taken(tx, command, seen.lead_id, "duplicate")
    await _check_catalogue(command.interest, tx)
    customer = await customers.resolve(tx, command.person)
    before = await consents.purposes_of(customer)
    agreed = await consents.give(tx, customer, command.consent, command.interest.dealer_code)
    prior = await Lead.filter(customer_id=customer.id).order_by("-opened_at")
    dealer, why = await routing.dealer_for(command, prior, tx)
    lead, outcome = await _place(tx, command, customer, dealer, prior)
    if outcome != "merged" or dealer is None:  # one that waits here keeps why it waits
        lead.hold_reason = None if dealer else why
    touchpoint = await tx.add(_touchpoint(tx, command, lead, outcome))
    _note_captured(tx, command, lead, outcome, why)
    if outcome == "merged":
        if command.interest.purchase_window_days is None and not command.met_by:
            tx.emit(CustomerActed(customer.id, "came_again"))
        tx.emit(LeadTouched(lead.id, "touchpoint", touchpoint.id, command.met_by))
    else:
        tx.emit(LeadOpened(lead.id, outcome == "reactivated", command.met_by))
    if agreed != before and any(lead.open_key for lead in prior):
        tx.emit(ConsentChanged(customer.id))
    return _taken(tx, command, lead.id, outcome)


def _taken(tx: Tx, command: IngestLead, lead_id: int, outcome: str) -> Taken:
    tx.leads_taken.append((command.source, outcome))
    return Taken(lead_id, outcome)


def _note_captured(
    tx: Tx, command: IngestLead, lead: Lead, outcome: str, why: dict[str, object]
) -> None:
    tx.note(
        "captured",
        "customer",
        lead=lead,
        at=min(command.occurred_at, tx.now),
        source=command.source,
        outcome=outcome,
        model=command.interest.model,
        message=command.interest.message,
        dealer_why=why,
    )


def _masked(command: IngestLead) -> IngestLead:
    """A phone is an identity or it is not kept: never as part of what somebody wrote."""
    message = mask_in_text(command.interest.message)
    return replace(command, interest=replace(command.interest, message=message))


async def reopen_lead(command: ReopenLead, tx: Tx) -> None:
    """Bring a closed lead back at level A, as if the customer had come again."""
    lead = await tx.get(Lead, command.lead_id)
    if lead.state not in CLOSED or lead.state == LeadState.LAPSED:
        raise WrongState(f"a lead that is {lead.state} is not closed", state=lead.state)
    key = open_key(lead.customer_id, lead.dealer_id)
    if await Lead.exists(open_key=key):
        raise WrongState("the customer has another open lead at this dealer", state=lead.state)
    reactivate(tx, lead)
    tx.note("reactivated", command.by, lead=lead, reason=command.reason)
    tx.emit(LeadOpened(lead.id, reactivated=True))


async def _check_catalogue(interest: Interest, tx: Tx) -> None:
    errors = []
    if interest.model and not await tx.find(CarModel, interest.model):
        errors.append(("intent.model", f"no model {interest.model} in the catalogue"))
    if interest.dealer_code and not await tx.find(Dealer, interest.dealer_code):
        errors.append(("intent.dealer_code", f"no dealer {interest.dealer_code}"))
    if errors:
        raise InvalidInput(errors)


async def _place(
    tx: Tx, command: IngestLead, customer: Customer, dealer: Dealer | None, prior: list[Lead]
) -> tuple[Lead, str]:
    """The lead this interest belongs to, and how: merged, reactivated or created."""
    here = [lead for lead in prior if lead.dealer_id == (dealer.code if dealer else None)]
    open_here = next((lead for lead in here if lead.open_key), None)
    if open_here:
        lead = await tx.get(Lead, open_here.id)
        learn(tx, lead, command)
        add_signals(tx, lead, "came_again")
        lead.lowered_steps = 0
        return lead, "merged"
    policy = await policies.policy_for(dealer)
    reach = tx.now - timedelta(days=policy.merge_days)
    closed = next((x for x in here if _reopens(x) and x.last_active_at >= reach), None)
    if closed:
        lead = await tx.get(Lead, closed.id)
        reactivate(tx, lead)
        learn(tx, lead, command)
        tx.note("reactivated", "customer", lead=lead, source=command.source)
        return lead, "reactivated"
    lead = _new_lead(tx, command, customer, dealer)
    lead.attribution = attribution_of([_prior(x) for x in prior], "created")
    await tx.add(lead)
    learn(tx, lead, command)
    return lead, "created"


def _reopens(lead: Lead) -> bool:
    return lead.state in CLOSED and lead.state != LeadState.LAPSED


def _new_lead(tx: Tx, command: IngestLead, customer: Customer, dealer: Dealer | None) -> Lead:
    dealer_code = dealer.code if dealer else None
    return Lead(
        customer_id=customer.id,
        dealer_id=dealer_code,
        open_key=open_key(customer.id, dealer_code),
        state=LeadState.HELD,
        source=command.source,
        city=command.person.city,
        opened_at=tx.now,
        last_active_at=tx.now,
        updated_at=tx.now,
    )


def reactivate(tx: Tx, lead: Lead) -> None:
    """A closed lead is open again, at the level of those who come back."""
    check_move(lead.state, LeadState.HELD)
    lead.attribution = attribution_of([_prior(lead)], "reactivated")
    lead.state, lead.closed_at = LeadState.HELD, None
    lead.reactivated_at = lead.last_active_at = tx.now
    lead.lowered_steps = lead.recycles = 0
    sync_open_key(lead)


def _prior(lead: Lead) -> PriorLead:
    return PriorLead(state=lead.state, level=lead.level, closed_at=lead.closed_at)


def learn(tx: Tx, lead: Lead, command: IngestLead) -> None:
    """Fill the lead's blanks; a purchase window stated anew replaces the older one."""
    interest = command.interest
    lead.model_code = lead.model_code or interest.model
    lead.city = lead.city or command.person.city
    lead.message = interest.message or lead.message
    lead.budget = lead.budget if lead.budget is not None else interest.budget
    lead.finance = interest.finance if lead.finance is None else lead.finance
    lead.trade_in = interest.trade_in if lead.trade_in is None else lead.trade_in
    if interest.purchase_window_days is not None:
        lead.purchase_window_days = interest.purchase_window_days
        lead.window_stated_at = tx.now
    lead.last_active_at = tx.now
    flags = [("asked_finance", interest.finance), ("trade_in", interest.trade_in)]
    told = [kind for kind, said in flags if said and kind not in interest.signals]
    add_signals(tx, lead, *interest.signals, *told, wished_at=interest.wished_at)


def add_signals(tx: Tx, lead: Lead, *kinds: str, wished_at: datetime | None = None) -> None:
    """Remember what was seen, for grading. The newest fifty are enough to grade by."""
    seen = []
    for kind in kinds:
        wished = [wished_at.isoformat()] if wished_at and kind in TIMED else []
        seen.append([kind, tx.now.isoformat(), *wished])
    lead.signals = [*lead.signals, *seen][-50:]


def _touchpoint(tx: Tx, command: IngestLead, lead: Lead, outcome: str) -> Touchpoint:
    interest = command.interest
    data: dict[str, object] = {
        "model": interest.model,
        "message": interest.message,
        "purchase_window_days": interest.purchase_window_days,
    }
    return Touchpoint(
        lead_id=lead.id,
        source=command.source,
        external_id=command.external_id,
        occurred_at=command.occurred_at,
        outcome=outcome,
        data={name: value for name, value in data.items() if value not in (None, "")},
        created_at=tx.now,
    )
