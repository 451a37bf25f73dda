"""The clocks of an assignment: remind, escalate, take back; and the follow-up cycle after that.

A timer only says when to look. What happens is decided from the facts at that moment, so a timer
that fires late, twice or after the contact does no harm.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from db.models import Assignment, Dealer, FollowUp, Lead, Timer
from domain.commands import CheckClock
from domain.events import (
    AssignmentEnded,
    DefeatReviewed,
    FollowUpLogged,
    FollowUpUndone,
    LeadAccepted,
    LeadAssigned,
    LeadOverdue,
    LeadRecycled,
    LevelLowered,
)
from domain.lead import LeadState, check_move
from domain.policy import Policy
from domain.sla import after_recycle, business_minutes_after, clocks, is_late, next_follow_up_at
from handlers import dispatch, grading, policies, timers
from handlers.calendars import calendar_of
from handlers.tx import SYSTEM, Tx, to_ms

NOT_A_CONTACT = frozenset({"note"})
"""Results that record something without the customer having been tried."""


# ── reactions ────────────────────────────────────────────────────────────────────────────────


async def start_clocks(event: LeadAssigned, tx: Tx) -> None:
    """Start every clock of a new assignment."""
    lead, assignment = await _held(tx, event.lead_id, event.assignment_id)
    dealer = await tx.see(Dealer, assignment.dealer_code)
    policy, calendar = await policies.policy_for(dealer), calendar_of(dealer, tx.tz)
    marks = clocks(assignment.assigned_at, lead.level, policy, calendar)
    due = {
        "remind": marks.remind_at,
        "escalate": marks.escalate_at,
        "manager": marks.manager_at,
        "unaccepted": marks.unaccepted_at,
        "untouched": marks.untouched_at,
    }
    follow_up = next_follow_up_at(lead.level, assignment.assigned_at, policy, calendar)
    if follow_up:
        assignment.next_follow_up_at = due["follow_up"] = follow_up
    await timers.start(tx, assignment, due)


async def stop_acceptance_clock(event: LeadAccepted, tx: Tx) -> None:
    """The adviser took the lead on."""
    assignment = await tx.get(Assignment, event.assignment_id)
    await timers.cancel(tx, assignment, ["unaccepted"])


async def stop_clocks(event: AssignmentEnded, tx: Tx) -> None:
    """Nobody holds the lead under this assignment any more."""
    await timers.cancel(tx, await tx.get(Assignment, event.assignment_id))


async def resume_clocks(event: DefeatReviewed, tx: Tx) -> None:
    """A defeat was turned down: an adviser who never called has the usual time once more."""
    lead = await tx.get(Lead, event.lead_id)
    assignment = await dispatch.running_assignment(tx, lead)
    if event.approved or assignment is None or assignment.first_response_at:
        return
    if assignment.assigned_at >= tx.now:
        return  # a colleague goes on, with clocks of their own
    dealer = await tx.see(Dealer, assignment.dealer_code)
    policy, calendar = await policies.policy_for(dealer), calendar_of(dealer, tx.tz)
    due_at = business_minutes_after(tx.now, policy.sla.untouched_minutes, calendar)
    await timers.move(tx, assignment, "untouched", due_at)


async def set_clocks_by_contact(event: FollowUpLogged | FollowUpUndone, tx: Tx) -> None:
    """Set the first-response clocks and the next follow-up by what is on file."""
    lead = await tx.get(Lead, event.lead_id)
    assignment = await dispatch.running_assignment(tx, lead)
    if assignment is None:
        return
    on_file = await _on_file(assignment)
    contact = _first_contact(on_file)
    assignment.first_response_at = _response_at(assignment, contact)
    if contact:
        await timers.cancel(tx, assignment, [*timers.FIRST_RESPONSE, "untouched"])
    elif isinstance(event, FollowUpUndone):
        undone = await tx.see(FollowUp, event.follow_up_id)
        if undone.result not in NOT_A_CONTACT:
            await _restart_first_response(tx, lead, assignment, undone.logged_at)
    await _set_next_follow_up(tx, lead, assignment, on_file)


def _response_at(assignment: Assignment, contact: FollowUp | None) -> datetime | None:
    """A contact from before the adviser got the lead is an answer without delay."""
    return max(contact.occurred_at, assignment.assigned_at) if contact else None


async def _on_file(assignment: Assignment) -> list[FollowUp]:
    """What was logged in this assignment and stands, by when it happened."""
    logged = FollowUp.filter(assignment_id=assignment.id, undone_at__isnull=True)
    return await logged.order_by("occurred_at", "id")


def _first_contact(on_file: list[FollowUp]) -> FollowUp | None:
    """The earliest try to reach the customer."""
    return next((row for row in on_file if row.result not in NOT_A_CONTACT), None)


async def _restart_first_response(
    tx: Tx, lead: Lead, assignment: Assignment, stopped_at: datetime
) -> None:
    """Those that struck before they were stopped do not strike again; what would have struck
    since then does so now, but nobody is reminded of what they have just taken back."""
    dealer = await tx.see(Dealer, assignment.dealer_code)
    policy, calendar = await policies.policy_for(dealer), calendar_of(dealer, tx.tz)
    marks = clocks(assignment.assigned_at, lead.level, policy, calendar)
    again = {
        "remind": marks.remind_at,
        "escalate": marks.escalate_at,
        "manager": marks.manager_at,
        "untouched": marks.untouched_at,
    }
    for kind, due_at in again.items():
        if due_at > (tx.now if kind == "remind" else stopped_at):
            await timers.move(tx, assignment, kind, due_at)


async def _set_next_follow_up(
    tx: Tx, lead: Lead, assignment: Assignment, on_file: list[FollowUp]
) -> None:
    """By the last contact and what was agreed in it; one typed late moves nothing back."""
    newest = max(on_file, key=lambda row: (row.logged_at, row.id), default=None)
    latest = on_file[-1] if on_file else None
    since = latest.occurred_at if latest else assignment.assigned_at
    wanted = (newest and newest.next_follow_up_at) or (latest and latest.next_follow_up_at)
    dealer = await tx.see(Dealer, assignment.dealer_code)
    policy, calendar = await policies.policy_for(dealer), calendar_of(dealer, tx.tz)
    due_at = wanted or next_follow_up_at(lead.level, since, policy, calendar)
    assignment.next_follow_up_at, assignment.missed_cycles = due_at, 0
    if due_at is None:
        await timers.cancel(tx, assignment, ["follow_up"])
    else:
        await timers.move(tx, assignment, "follow_up", due_at)


# ── the clock strikes ────────────────────────────────────────────────────────────────────────


async def check_clock(command: CheckClock, tx: Tx) -> str:
    """Do what a timer asks for, if the facts still do. Returns what was done, for the metrics."""
    timer = await tx.see(Timer, command.timer_id)
    lead, assignment = await _held(tx, timer.lead_id, timer.assignment_id or 0)
    await timers.fire(timer)
    if assignment.ended_at is not None:
        return "over"
    return await CLOCKS[timer.kind](tx, lead, assignment)


async def _held(tx: Tx, lead_id: int, assignment_id: int) -> tuple[Lead, Assignment]:
    return await tx.get(Lead, lead_id), await tx.get(Assignment, assignment_id)


async def _remind(tx: Tx, lead: Lead, assignment: Assignment) -> str:
    if assignment.first_response_at:
        return "in_time"
    if lead.state == LeadState.DEFEAT_REQUESTED:
        return "pending"
    tx.note("reminded", SYSTEM, lead=lead, userid=assignment.staff_id)
    tx.emit(LeadOverdue(lead.id, assignment.id, "remind"))
    return "reminded"


async def _escalate(tx: Tx, lead: Lead, assignment: Assignment) -> str:
    return _escalation(tx, lead, assignment, "escalate")


async def _tell_manager(tx: Tx, lead: Lead, assignment: Assignment) -> str:
    return _escalation(tx, lead, assignment, "manager")


def _escalation(tx: Tx, lead: Lead, assignment: Assignment, mark: str) -> str:
    contact = assignment.first_response_at
    if contact and not is_late(assignment.first_response_due_at, contact):
        return "in_time"
    if contact:
        return "late"
    if lead.state == LeadState.DEFEAT_REQUESTED:
        return "pending"
    tx.note("escalated", SYSTEM, lead=lead, userid=assignment.staff_id, to=mark)
    tx.emit(LeadOverdue(lead.id, assignment.id, mark))
    return "late"


async def _recycle_unaccepted(tx: Tx, lead: Lead, assignment: Assignment) -> str:
    if assignment.accepted_at or lead.state != LeadState.ASSIGNED:
        return "in_time"
    return await _recycle(tx, lead, assignment, "unaccepted")


async def _recycle_untouched(tx: Tx, lead: Lead, assignment: Assignment) -> str:
    if assignment.first_response_at or lead.state not in {LeadState.ASSIGNED, LeadState.ACCEPTED}:
        return "in_time"
    return await _recycle(tx, lead, assignment, "untouched")


async def _recycle(tx: Tx, lead: Lead, assignment: Assignment, why: str) -> str:
    """Take the lead back: to the dealer's sea, or after too many times to the region."""
    dealer = await tx.see(Dealer, assignment.dealer_code)
    lead.recycles += 1
    to_region = after_recycle(lead.recycles, await policies.policy_for(dealer)) == "region"
    target = LeadState.REGION if to_region else LeadState.SEA
    check_move(lead.state, target)
    await dispatch.end_assignment(tx, lead, why)
    lead.state = target
    tx.note("recycled", SYSTEM, lead=lead, userid=assignment.staff_id, why=why, to=target.value)
    tx.emit(LeadRecycled(lead.id, assignment.id, to_region))
    return "recycled"


async def _follow_up_due(tx: Tx, lead: Lead, assignment: Assignment) -> str:
    """A follow-up was missed: remind, and after the policy's number of cycles lower the level.

    Somebody who called while this timer was already taken has another one running.
    """
    due_at = assignment.next_follow_up_at
    if due_at and to_ms(due_at) > to_ms(tx.now):
        return "in_time"
    dealer = await tx.see(Dealer, assignment.dealer_code)
    policy = await policies.policy_for(dealer)
    pending = lead.state == LeadState.DEFEAT_REQUESTED
    if not pending:
        await _miss(tx, lead, assignment, policy)
    again = next_follow_up_at(lead.level, tx.now, policy, calendar_of(dealer, tx.tz))
    if again:
        await timers.move(tx, assignment, "follow_up", again)
    return "pending" if pending else "missed"


async def _miss(tx: Tx, lead: Lead, assignment: Assignment, policy: Policy) -> None:
    assignment.missed_cycles += 1
    tx.emit(LeadOverdue(lead.id, assignment.id, "follow_up"))
    tx.note(
        "follow_up_missed",
        SYSTEM,
        lead=lead,
        userid=assignment.staff_id,
        times=assignment.missed_cycles,
    )
    if assignment.missed_cycles >= policy.levels.missed_cycles:
        assignment.missed_cycles = 0
        await _lower(tx, lead)


async def _lower(tx: Tx, lead: Lead) -> None:
    before = lead.level
    lead.lowered_steps += 1
    await grading.regrade(tx, lead, "missed_cycles")
    if lead.level == before:
        lead.lowered_steps -= 1  # nothing lower to go to
        return
    tx.note("level_lowered", SYSTEM, lead=lead, before=before, level=lead.level)
    tx.emit(LevelLowered(lead.id, lead.level))


CLOCKS: dict[str, Callable[[Tx, Lead, Assignment], Awaitable[str]]] = {
    "remind": _remind,
    "escalate": _escalate,
    "manager": _tell_manager,
    "unaccepted": _recycle_unaccepted,
    "untouched": _recycle_untouched,
    "follow_up": _follow_up_due,
}
"""Timer kind → what to do when it falls due."""
