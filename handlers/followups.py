"""What the adviser did is the record of truth: logged once, acted upon, undoable for a while."""

from dataclasses import dataclass
from datetime import datetime

from db.models import Assignment, FollowUp, Lead, Staff
from domain.commands import FocusLead, LogFollowUp, UndoFollowUp
from domain.errors import AssignmentOver, InvalidInput, UndoTooLate, WrongState
from domain.events import FollowUpLogged, FollowUpUndone, LeadClosed
from domain.lead import CLOSED, LeadState, check_move
from domain.phone import mask_in_text
from domain.undo import may_undo
from handlers import approvals, confirmations, dispatch, leads, policies, rights
from handlers.open_leads import open_key, sync_open_key
from handlers.snapshots import bring_back, snapshot
from handlers.tx import Tx

SIGNALS = {
    "connected": "replied",
    "appointment": "booked_test_drive",
    "visited": "visited",
    "test_drive": "test_drove",
    "quoted": "quoted",
}
"""What a result tells the grade."""

MOVES = {
    "ordered": LeadState.ORDERED,
    "delivered": LeadState.DELIVERED,
    "dormant": LeadState.DORMANT,
}
"""Results that change the lead's state by themselves."""

NO_REASON = "other"

_RESTORED = ("adviser_level", "adviser_level_at", "lowered_steps", "model_code")
"""Columns of the lead that an undo brings back as they were; the grade is worked out anew."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A follow-up on file, and what the bot repeats of it."""

    follow_up_id: int
    lead_id: int


async def log_follow_up(command: LogFollowUp, tx: Tx) -> Logged:
    """Record one contact or note. Logging on a lead just pushed accepts it."""
    lead = await tx.get(Lead, command.lead_id)
    assignment = await _assignment_for(tx, lead, command)
    await _check_level(tx, lead, command.level)
    before = _snapshot(lead)
    if assignment.accepted_at is None:
        dispatch.accept(tx, lead, assignment, command.by, by_record=True)
    follow_up = await tx.add(_record(tx, command, lead, assignment, before))
    _learn(tx, lead, command)
    tx.note(
        "follow_up",
        command.by,
        lead=lead,
        at=follow_up.occurred_at,
        follow_up_id=follow_up.id,
        result=command.result,
        way=command.way,
        note=follow_up.note,
        appointment_at=_iso(command.appointment_at),
        next_follow_up_at=_iso(command.next_follow_up_at),
        level=command.level,
    )
    if command.appointment_at:
        tx.note("appointment", command.by, lead=lead, appointment_at=_iso(command.appointment_at))
    tx.emit(FollowUpLogged(lead.id, follow_up.id))
    if command.confirm_key and command.userid:
        await confirmations.show(tx, command.userid, follow_up, command.confirm_key)
    await _move(tx, lead, command, follow_up)
    return Logged(follow_up.id, lead.id)


async def undo_follow_up(command: UndoFollowUp, tx: Tx) -> Logged:
    """撤销: the newest record of the lead is taken back and the lead is as it was before."""
    lead = await tx.get(Lead, (await tx.see(FollowUp, command.follow_up_id)).lead_id)
    follow_up = await tx.get(FollowUp, command.follow_up_id)
    policy = await policies.policy_for(await dispatch.dealer_of(tx, lead))
    if follow_up.undone_at or not may_undo(follow_up.logged_at, tx.now, policy):
        raise UndoTooLate(f"follow-up {follow_up.id} can no longer be undone")
    newer = FollowUp.filter(lead_id=lead.id, id__gt=follow_up.id, undone_at__isnull=True)
    if await newer.exists() or await _moved_since(tx, lead, follow_up):
        raise UndoTooLate(f"lead {lead.id} has moved on since follow-up {follow_up.id}")
    follow_up.undone_at = tx.now
    await FollowUp.filter(id=follow_up.id).update(undone_at=tx.now)  # the reactions read it
    await _restore(tx, lead, follow_up)
    tx.note("follow_up_undone", command.by, lead=lead, follow_up_id=follow_up.id)
    tx.emit(FollowUpUndone(lead.id, follow_up.id))
    return Logged(follow_up.id, lead.id)


async def focus_lead(command: FocusLead, tx: Tx) -> None:
    """Free text of this adviser is about this lead from now on."""
    staff = await tx.get(Staff, command.userid)
    staff.focus_lead_id = command.lead_id


async def _assignment_for(tx: Tx, lead: Lead, command: LogFollowUp) -> Assignment:
    if lead.state in CLOSED or lead.state == LeadState.DEFEAT_REQUESTED:
        raise WrongState(f"lead {lead.id} is {lead.state}", state=lead.state)
    assignment = await dispatch.running_assignment(tx, lead)
    if assignment is None:
        raise AssignmentOver(f"nobody holds lead {lead.id}", state=lead.state)
    if command.userid:
        await rights.check_may_act(tx, f"staff:{command.userid}", lead, assignment)
    return assignment


async def _check_level(tx: Tx, lead: Lead, level: str | None) -> None:
    levels = (await policies.policy_for(await dispatch.dealer_of(tx, lead))).levels
    if level and level not in levels:
        raise InvalidInput([("level", f"no such level; known: {', '.join(levels)}")])


def _record(
    tx: Tx, command: LogFollowUp, lead: Lead, assignment: Assignment, before: dict[str, object]
) -> FollowUp:
    slots = {**command.slots, **({"deposit": command.deposit} if command.deposit else {})}
    return FollowUp(
        lead_id=lead.id,
        assignment_id=assignment.id,
        staff_id=command.userid or assignment.staff_id,
        result=command.result,
        way=command.way,
        note=mask_in_text(command.note),
        occurred_at=min(command.occurred_at, tx.now),
        logged_at=tx.now,
        level=command.level,
        next_follow_up_at=command.next_follow_up_at,
        appointment_at=command.appointment_at,
        model_code=command.model,
        slots=slots,
        before=before,
    )


def _learn(tx: Tx, lead: Lead, command: LogFollowUp) -> None:
    if command.level:
        lead.adviser_level, lead.adviser_level_at = command.level, tx.now
    if command.model:
        lead.model_code = command.model
    if command.result in SIGNALS:
        leads.add_signals(tx, lead, SIGNALS[command.result])
    lead.lowered_steps = 0
    lead.last_active_at = tx.now


async def _move(tx: Tx, lead: Lead, command: LogFollowUp, follow_up: FollowUp) -> None:
    target = MOVES.get(command.result)
    if target is None or target == lead.state:
        return
    check_move(lead.state, target)
    if target == LeadState.DORMANT and await approvals.asks_first(tx, "dormant", command.by, lead):
        await _ask_for_rest(tx, lead, command, follow_up)
        return
    lead.state = target
    tx.note(target.value, command.by, lead=lead)
    if target in CLOSED:
        close(tx, lead, target)


async def _ask_for_rest(tx: Tx, lead: Lead, command: LogFollowUp, follow_up: FollowUp) -> None:
    request = approvals.Request(
        "dormant",
        command.by,
        command.reason or NO_REASON,
        note=follow_up.note,
        follow_up_id=follow_up.id,
    )
    await approvals.ask(tx, lead, request)


def close(tx: Tx, lead: Lead, state: LeadState) -> None:
    """End a lead's work: nobody holds it, and a new interest may reopen it."""
    lead.state, lead.closed_at, lead.waiting_since = state, tx.now, None
    sync_open_key(lead)
    tx.emit(LeadClosed(lead.id, state.value))


def _snapshot(lead: Lead) -> dict[str, object]:
    """The lead as an undo leaves it: having taken the lead is not undone."""
    state = LeadState.ACCEPTED if lead.state == LeadState.ASSIGNED else lead.state
    return {"state": state, **snapshot(lead, _RESTORED)}


async def _moved_since(tx: Tx, lead: Lead, follow_up: FollowUp) -> bool:
    """Whether something else happened to the lead since, which going back would undo too."""
    last = await dispatch.newest_assignment(tx, lead)
    if last is None or last.id != follow_up.assignment_id:
        return True
    if lead.state != await _state_after(follow_up):
        return True
    key = open_key(lead.customer_id, lead.dealer_id)
    return lead.open_key is None and await Lead.exists(open_key=key)


async def _state_after(follow_up: FollowUp) -> str | None:
    """The state the record left the lead in; None when a manager has agreed since."""
    before = str(follow_up.before["state"])
    asked = await approvals.state_of_request(follow_up)
    if asked is None:
        return MOVES.get(follow_up.result, before)
    return None if asked == "approved" else before


async def _restore(tx: Tx, lead: Lead, follow_up: FollowUp) -> None:
    before = follow_up.before
    bring_back(lead, {name: before[name] for name in _RESTORED})
    lead.state, lead.closed_at = LeadState(str(before["state"])), None
    sync_open_key(lead)
    learnt = [SIGNALS.get(follow_up.result), follow_up.logged_at.isoformat()]
    lead.signals = [seen for seen in lead.signals if seen[:2] != learnt]
    assignment = await tx.get(Assignment, follow_up.assignment_id)
    assignment.ended_at = assignment.end_reason = None
    assignment.open_lead_id = lead.id


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
