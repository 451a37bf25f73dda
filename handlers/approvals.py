"""Some orders wait for a manager: to hand a lead on, or to let it rest, where the policy says so.

A lead has one open request. A newer one takes its place; what happens to the lead meanwhile may
settle it: then nobody has to decide any more.
"""

from dataclasses import dataclass

from db.models import Approval, FollowUp, Lead, Staff
from domain import approval as rules
from domain.approval import Kind
from domain.events import (
    ApprovalAsked,
    ApprovalWithdrawn,
    AssignmentEnded,
    DefeatRequested,
    FollowUpLogged,
    FollowUpUndone,
    LeadClosed,
    LeadTouched,
)
from domain.phone import mask_in_text
from handlers import dispatch, policies, rights
from handlers.evidence import Claim, weigh_claim
from handlers.tx import Tx

LEAVES_IT_OPEN = frozenset({"dormant", "note", "unreachable", "refused", "wrong_number"})
"""Results that do not contradict a wish to let the lead rest."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, by whom and why."""

    kind: Kind
    by: str
    reason: str
    to_staff: str | None = None
    to_dealer: str | None = None
    note: str = ""
    follow_up_id: int | None = None


async def asks_first(tx: Tx, kind: Kind, by: str, lead: Lead) -> bool:
    """Whether a manager must agree; whoever is not staff acts for the brand."""
    who, _, userid = by.partition(":")
    if who != "staff" or lead.dealer_id is None:
        return False
    policy = await policies.policy_for(await dispatch.dealer_of(tx, lead))
    return rules.asks_first(kind, (await tx.see(Staff, userid)).role, policy)


async def ask(tx: Tx, lead: Lead, request: Request) -> Approval:
    """Put the request before the managers, with what speaks against it."""
    await _withdraw(tx, lead, await _open_request(tx, lead))
    approval = await tx.add(
        Approval(
            lead_id=lead.id,
            open_lead_id=lead.id,
            kind=request.kind,
            asked_by=request.by,
            asked_at=tx.now,
            reason=request.reason,
            note=mask_in_text(request.note),
            to_staff=request.to_staff,
            to_dealer=request.to_dealer,
            follow_up_id=request.follow_up_id,
        )
    )
    if request.kind == "dormant":
        await _weigh(tx, lead, approval)
    tx.note(
        f"{request.kind}_requested",
        request.by,
        lead=lead,
        reason=request.reason,
        to=request.to_staff or request.to_dealer,
        to_name=await _target(tx, request),
        note=approval.note,
    )
    tx.emit(ApprovalAsked(lead.id, approval.id))
    return approval


async def state_of_request(follow_up: FollowUp) -> str | None:
    """The state of the request this record made; None when it made none."""
    made = await Approval.filter(follow_up_id=follow_up.id).order_by("-id").first()
    return made.state if made else None


async def withdraw(event: AssignmentEnded | LeadClosed | DefeatRequested, tx: Tx) -> None:
    """The lead went another way: nobody has to decide any more."""
    lead = await tx.get(Lead, event.lead_id)
    await _withdraw(tx, lead, await _open_request(tx, lead))


async def withdraw_undone(event: FollowUpUndone, tx: Tx) -> None:
    """The record that asked for it was taken back."""
    lead = await tx.get(Lead, event.lead_id)
    asked = await _open_request(tx, lead)
    if asked and asked.follow_up_id == event.follow_up_id:
        await _withdraw(tx, lead, asked)


async def withdraw_contradicted(event: FollowUpLogged | LeadTouched, tx: Tx) -> None:
    """Somebody who speaks to us is not to be let rest."""
    if isinstance(event, FollowUpLogged):
        done = await tx.see(FollowUp, event.follow_up_id)
        if done.result in LEAVES_IT_OPEN:
            return
    lead = await tx.get(Lead, event.lead_id)
    asked = await _open_request(tx, lead)
    if asked and asked.kind == "dormant":
        await _withdraw(tx, lead, asked)


async def _open_request(tx: Tx, lead: Lead) -> Approval | None:
    asked = await Approval.get_or_none(open_lead_id=lead.id)
    approval = tx.watch(asked) if asked else None
    return approval if approval and approval.state == "requested" else None


async def _withdraw(tx: Tx, lead: Lead, approval: Approval | None) -> None:
    if approval is None:
        return
    approval.state, approval.reviewed_at, approval.open_lead_id = "withdrawn", tx.now, None
    # The place is unique: it must be free in the database before the next request takes it.
    await Approval.filter(id=approval.id).update(open_lead_id=None)
    tx.emit(ApprovalWithdrawn(lead.id, approval.id))


async def _target(tx: Tx, request: Request) -> str | None:
    return await rights.name_of_target(tx, request.to_staff, request.to_dealer)


async def _weigh(tx: Tx, lead: Lead, approval: Approval) -> None:
    policy = await policies.policy_for(await dispatch.dealer_of(tx, lead))
    claim = Claim(rules.claim_behind(approval.reason), tx.now)
    approval.suspicion = (await weigh_claim(tx, lead, claim, policy)).as_json()
