"""Leads find their adviser: assigned at once, or kept in the dealer's queue until one is free."""

from dataclasses import replace

from db.engine import already_read
from db.models import Assignment, Customer, Dealer, Lead, Staff
from domain.commands import AcceptLead, ClaimLead, DrainDealerQueue
from domain.consent import may_dispatch
from domain.dispatch import AdviserChoice, AdviserFacts, choose_adviser
from domain.errors import AlreadyAccepted, AssignmentOver, NotYours, WrongState
from domain.events import (
    AssignmentEnded,
    LeadAccepted,
    LeadAssigned,
    LeadClosed,
    LeadOpened,
    LeadRecycled,
    LeadTouched,
    StaffCameOnDuty,
    StaffLeft,
)
from domain.lead import LeadState, check_move
from domain.links import WayBack
from domain.reasons import Reason
from domain.sla import clocks
from handlers import consents, customers, policies, sea
from handlers.acquaintance import acquainted
from handlers.calendars import calendar_of
from handlers.crew import crew_of
from handlers.tx import SYSTEM, Tx

UNPLACED = frozenset({LeadState.HELD, LeadState.WAITING})
STAYS = frozenset({LeadState.ORDERED, LeadState.DEFEAT_REQUESTED})
"""States that a change of the adviser does not touch."""
NOBODY = WayBack()


# ── reactions ────────────────────────────────────────────────────────────────────────────────


async def dispatch_opened(event: LeadOpened | LeadTouched, tx: Tx) -> None:
    """Give a lead that nobody holds to an adviser, if it may leave the brand at all.

    Somebody who comes again while the lead lies in the sea does not wait to be claimed.
    """
    lead = await tx.get(Lead, event.lead_id)
    came_again = isinstance(event, LeadTouched) and lead.state == LeadState.SEA
    if lead.state not in UNPLACED and not came_again:
        return
    customer = await tx.get(Customer, lead.customer_id)
    obstacle = await obstacle_to(lead, customer)
    if obstacle:
        hold(tx, lead, obstacle)
    elif event.met_by:
        await _keep_with(tx, lead, event.met_by)
    else:
        await place(tx, lead, await acquainted(tx, lead))


async def _keep_with(tx: Tx, lead: Lead, userid: str) -> None:
    """A customer in the shop stays with whoever talks to them; that is as good as 接单."""
    assignment = await assign(tx, lead, userid, Reason.of("walked_in"), by=f"staff:{userid}")
    accept(tx, lead, assignment, f"staff:{userid}")


async def dispatch_recycled(event: LeadRecycled, tx: Tx) -> None:
    """A lead taken back goes to a colleague who is free; else it waits in the sea."""
    if event.to_region:
        return
    lead = await tx.get(Lead, event.lead_id)
    if lead.state != LeadState.SEA:
        return
    had_it = await Assignment.filter(lead_id=lead.id).values_list("staff_id", flat=True)
    choice = await choose(tx, lead, excluded=frozenset(map(str, had_it)))
    if choice.userid:
        await assign(tx, lead, choice.userid, choice.reason)


async def rehome_leads(event: StaffLeft, tx: Tx) -> None:
    """Leads of somebody who left or moved are dispatched anew."""
    running = Assignment.filter(staff_id=event.userid, ended_at__isnull=True)
    held = running.filter(dealer_code=event.dealer_code).order_by("lead__customer_id", "id")
    for lead in [await tx.get(Lead, i) for i in await held.values_list("lead_id", flat=True)]:
        assignment = await running_assignment(tx, lead)
        if assignment and assignment.staff_id == event.userid:
            await end_assignment(tx, lead, "staff_left")
            await place(tx, lead)


async def release_closed(event: LeadClosed, tx: Tx) -> None:
    """Nobody holds a lead that is over."""
    await end_assignment(tx, await tx.get(Lead, event.lead_id), event.state)


async def drain_for_staff(event: StaffCameOnDuty, tx: Tx) -> None:
    """Somebody can take leads again: the dealer's queue moves."""
    await drain_dealer_queue(DrainDealerQueue(event.dealer_code), tx)


async def drain_after_assignment(event: AssignmentEnded, tx: Tx) -> None:
    """An adviser has a place free: the dealer's queue moves."""
    await drain_dealer_queue(DrainDealerQueue(event.dealer_code), tx)


# ── commands ─────────────────────────────────────────────────────────────────────────────────


async def drain_dealer_queue(command: DrainDealerQueue, tx: Tx) -> int:
    """Place waiting leads, oldest first, until nobody is free. Returns how many were placed."""
    waiting = Lead.filter(dealer_id=command.dealer_code, waiting_since__isnull=False)
    oldest = waiting.order_by("waiting_since", "id").limit(command.limit)
    rows = await oldest.values_list("id", "customer_id")
    for lead_id, _ in sorted(rows, key=lambda row: (row[1], row[0])):
        await tx.get(Lead, lead_id)
    placed = 0
    for lead_id, _ in rows:
        lead = await tx.get(Lead, lead_id)
        if lead.waiting_since is None:
            continue
        known = await acquainted(tx, lead)
        await place(tx, lead, known)
        if lead.waiting_since and not known.avoided:
            break
        placed += 1
    return placed


async def accept_lead(command: AcceptLead, tx: Tx) -> int:
    """接单: the adviser takes the lead on. Returns the assignment's id."""
    lead = await tx.get(Lead, command.lead_id)
    assignment = await running_assignment(tx, lead)
    if assignment is None and lead.state in {LeadState.SEA, LeadState.WAITING}:
        await claim_lead(ClaimLead(lead.id, command.userid, command.by), tx)
        assignment = await running_assignment(tx, lead)
    if assignment is None:
        raise AssignmentOver(f"lead {lead.id} is {lead.state}", state=lead.state)
    if assignment.accepted_at:
        by = await tx.see(Staff, assignment.staff_id)
        raise AlreadyAccepted(
            f"{by.userid} accepted lead {lead.id}",
            by=by.name,
            userid=by.userid,
            at=assignment.accepted_at.isoformat(),
        )
    if assignment.staff_id != command.userid:
        holder = await tx.see(Staff, assignment.staff_id)
        raise NotYours(f"lead {lead.id} is {holder.userid}'s", holder=holder.name)
    if command.assignment_id not in (None, assignment.id):
        raise AssignmentOver(f"assignment {command.assignment_id} has ended", state=lead.state)
    accept(tx, lead, assignment, command.by)
    return int(assignment.id)


def accept(
    tx: Tx, lead: Lead, assignment: Assignment, by: str, *, by_record: bool = False
) -> None:
    """Mark the running assignment accepted."""
    if lead.state not in STAYS:
        check_move(lead.state, LeadState.ACCEPTED)
        lead.state = LeadState.ACCEPTED
    assignment.accepted_at = tx.now
    tx.note("accepted", by, lead=lead, userid=assignment.staff_id)
    tx.emit(LeadAccepted(lead.id, assignment.id, by_record))


async def claim_lead(command: ClaimLead, tx: Tx) -> None:
    """An adviser takes a lead nobody holds out of their own dealer's sea or queue."""
    lead = await tx.get(Lead, command.lead_id)
    staff = await tx.get(Staff, command.userid)
    if staff.dealer_id != lead.dealer_id or not staff.active:
        raise NotYours(f"lead {lead.id} is another dealer's", holder=lead.dealer_id or "")
    if lead.state not in {LeadState.SEA, LeadState.WAITING}:
        raise WrongState(f"lead {lead.id} is {lead.state}", state=lead.state)
    await sea.check_may_claim(
        tx, lead, staff, await policies.policy_for(await dealer_of(tx, lead))
    )
    await assign(tx, lead, staff.userid, Reason.of("claimed"), by=command.by)


# ── parts ────────────────────────────────────────────────────────────────────────────────────


async def place(tx: Tx, lead: Lead, known: WayBack = NOBODY) -> None:
    """Assign to the best adviser on duty, or put the lead into the dealer's queue."""
    choice = await choose(tx, lead, known)
    if choice.userid:
        await assign(tx, lead, choice.userid, choice.reason)
    elif lead.waiting_since is None:
        if lead.state not in STAYS:
            check_move(lead.state, LeadState.WAITING)
            lead.state = LeadState.WAITING
        lead.waiting_since = tx.now
        lead.hold_reason = choice.reason.as_json()
        tx.note("waiting", SYSTEM, lead=lead, why=choice.reason.as_json())


async def choose(
    tx: Tx, lead: Lead, known: WayBack = NOBODY, excluded: frozenset[str] = frozenset()
) -> AdviserChoice:
    """One choice at a time at each dealer, so that nobody gets more than they have room for."""
    advisers = await advisers_of(await tx.get(Dealer, lead.dealer_id), tx)
    return choose_adviser(advisers, tx.now, tx.tz, known.previous, excluded, known.avoided)


async def assign(tx: Tx, lead: Lead, userid: str, why: Reason, by: str = SYSTEM) -> Assignment:
    """Start an assignment with its own clocks."""
    staff = await tx.get(Staff, userid)
    dealer = await dealer_of(tx, lead)
    if lead.state not in STAYS:
        check_move(lead.state, LeadState.ASSIGNED)
        lead.state = LeadState.ASSIGNED
    policy = await policies.policy_for(dealer)
    marks = clocks(tx.now, lead.level, policy, calendar_of(dealer, tx.tz))
    lead.waiting_since, lead.hold_reason = None, None
    staff.last_assigned_at = tx.now
    assignment = await tx.add(
        Assignment(
            lead_id=lead.id,
            open_lead_id=lead.id,
            staff_id=userid,
            dealer_code=dealer.code,
            why=why.as_json(),
            assigned_at=tx.now,
            first_response_due_at=marks.due_at,
        )
    )
    _newest_assignments()[lead.id] = assignment
    tx.note("dispatched", by, lead=lead, userid=userid, name=staff.name, why=why.as_json())
    tx.emit(LeadAssigned(lead.id, assignment.id))
    return assignment


async def end_assignment(tx: Tx, lead: Lead, reason: str) -> Assignment | None:
    """End the running assignment, if any: its clocks stop and its cards close."""
    assignment = await running_assignment(tx, lead)
    if assignment is None:
        return None
    assignment.ended_at, assignment.end_reason = tx.now, reason
    assignment.open_lead_id = None
    # Its place must be free in the database before the next assignment takes or counts it.
    await Assignment.filter(id=assignment.id).update(open_lead_id=None, ended_at=tx.now)
    tx.emit(AssignmentEnded(lead.id, assignment.id, assignment.dealer_code, reason))
    return assignment


async def dealer_of(tx: Tx, lead: Lead) -> Dealer:
    """The dealer a dispatched lead is at."""
    return await tx.see(Dealer, lead.dealer_id)


async def running_assignment(tx: Tx, lead: Lead) -> Assignment | None:
    """The assignment that holds the lead now."""
    assignment = await newest_assignment(tx, lead)
    return assignment if assignment and assignment.ended_at is None else None


async def newest_assignment(tx: Tx, lead: Lead) -> Assignment | None:
    """The last assignment of the lead, ended or not."""
    newest = _newest_assignments()
    if lead.id not in newest:
        found = await Assignment.filter(lead_id=lead.id).order_by("-id").first()
        newest[lead.id] = tx.watch(found) if found else None
    return newest[lead.id]


def _newest_assignments() -> dict[int, Assignment | None]:
    """By lead, as far as asked for or made in this transaction, which has the leads locked."""
    known: dict[int, Assignment | None] = already_read().setdefault(newest_assignment, {})
    return known


async def advisers_of(dealer: Dealer, tx: Tx) -> list[AdviserFacts]:
    """The dealer's staff as dispatch sees them, with what this transaction has given them."""
    return [
        replace(facts, last_assigned_at=tx.watch(staff).last_assigned_at)
        for staff, facts in await crew_of(dealer.code, tx.tz)
    ]


async def obstacle_to(lead: Lead, customer: Customer) -> Reason | None:
    """Why a lead may not leave the brand."""
    if customer.opted_out_at and customer.opted_out_at >= lead.opened_at:
        return Reason.of("opted_out")
    if not may_dispatch(await consents.purposes_of(customer)):
        return Reason.of("no_consent")
    if not await customers.has_phone(customer):
        return Reason.of("no_phone")
    if lead.dealer_id is None:
        return Reason.from_json(lead.hold_reason or {"code": "no_dealer"})
    return None


def hold(tx: Tx, lead: Lead, obstacle: Reason) -> None:
    told = lead.state == LeadState.HELD and lead.hold_reason == obstacle.as_json()
    if lead.state != LeadState.HELD:
        check_move(lead.state, LeadState.HELD)
    lead.state, lead.waiting_since = LeadState.HELD, None
    lead.hold_reason = obstacle.as_json()
    if not told or lead.opened_at == tx.now:
        tx.note("held", SYSTEM, lead=lead, why=obstacle.as_json())
