"""Giving a lead up: earned by real attempts, reasoned, weighed against evidence, approved."""

from db.models import Defeat, FollowUp, Lead
from domain.commands import RequestDefeat, ReviewDefeat
from domain.defeat import missing_for_defeat, needs_approval, reason_codes
from domain.errors import (
    AlreadyReviewed,
    AssignmentOver,
    DefeatNotEarned,
    InvalidInput,
    WrongState,
)
from domain.events import (
    AssignmentEnded,
    DefeatRequested,
    DefeatReviewed,
    DefeatSampled,
    DefeatWithdrawn,
    LeadClosed,
)
from domain.lead import CLOSED, LeadState, check_move
from domain.phone import mask_in_text
from domain.policy import Policy
from domain.recall import is_recalled
from handlers import dispatch, followups, policies, reviews, rights
from handlers.evidence import Claim, weigh_claim
from handlers.sla import NOT_A_CONTACT
from handlers.tx import SYSTEM, Tx

NOT_REAL = frozenset({"wrong_number", "invalid", "duplicate"})
"""Reasons that say there never was a customer: the lead becomes invalid, not defeated."""


async def request_defeat(command: RequestDefeat, tx: Tx) -> int:
    """Ask to give the lead up. Returns the defeat's id; without needed approval it is final."""
    lead = await tx.get(Lead, command.lead_id)
    policy = await _check_may_ask(tx, lead, command)
    defeat = await tx.add(_request(tx, command, lead))
    claim = Claim(command.reason, tx.now, command.competitor)
    suspicion = await weigh_claim(tx, lead, claim, policy)
    defeat.suspicion, defeat.suspicious = suspicion.as_json(), suspicion.suspicious
    lead.state = LeadState.DEFEAT_REQUESTED
    tx.note(
        "defeat_requested",
        command.by,
        lead=lead,
        reason=command.reason,
        competitor=command.competitor,
        note=defeat.note,
        suspicious=suspicion.suspicious,
    )
    if needs_approval(policy):
        tx.emit(DefeatRequested(lead.id, defeat.id))
    else:
        await _decide(tx, lead, defeat, command.by, approve=True)
    return int(defeat.id)


async def review_defeat(command: ReviewDefeat, tx: Tx) -> bool:
    """The manager's decision. Returns whether the lead is given up."""
    lead = await tx.get(Lead, (await tx.see(Defeat, command.defeat_id)).lead_id)
    defeat = await tx.get(Defeat, command.defeat_id)
    await rights.check_may_review(tx, command.by, lead)
    if defeat.state != "requested":
        raise AlreadyReviewed(
            f"defeat {defeat.id} is {defeat.state}",
            by=await rights.name_of(tx, defeat.reviewed_by or ""),
            approved=defeat.state == "approved",
        )
    await _decide(tx, lead, defeat, command.by, approve=command.approve)
    if command.pass_to and not command.approve:
        defeat.passed_to = command.pass_to
        await reviews.pass_on(tx, lead, command.by, command.pass_to)
    return command.approve


async def withdraw_defeat(event: AssignmentEnded | LeadClosed, tx: Tx) -> None:
    """Nobody has to decide any more on a lead that went another way, as by an opt-out."""
    lead = await tx.get(Lead, event.lead_id)
    asked = await Defeat.get_or_none(open_lead_id=lead.id)
    if asked is None or lead.state == LeadState.DEFEAT_REQUESTED:
        return
    defeat = tx.watch(asked)
    if defeat.state == "requested":
        defeat.state, defeat.reviewed_at, defeat.open_lead_id = "withdrawn", tx.now, None
        tx.emit(DefeatWithdrawn(lead.id, defeat.id))


async def attempts_of(lead: Lead) -> list[FollowUp]:
    """Every try to reach the customer, oldest first, undone ones left out."""
    logged = FollowUp.filter(lead_id=lead.id, undone_at__isnull=True)
    return await logged.exclude(result__in=list(NOT_A_CONTACT)).order_by("occurred_at")


async def _check_may_ask(tx: Tx, lead: Lead, command: RequestDefeat) -> Policy:
    """Raise unless somebody holds the lead, the reason is known and enough was tried."""
    if lead.state in CLOSED:
        raise WrongState(f"lead {lead.id} is {lead.state}", state=lead.state)
    assignment = await dispatch.running_assignment(tx, lead)
    await rights.check_may_act(tx, command.by, lead, assignment)
    if assignment is None:
        raise AssignmentOver(f"nobody holds lead {lead.id}", state=lead.state)
    policy = await policies.policy_for(await dispatch.dealer_of(tx, lead))
    if command.reason not in reason_codes(policy):
        known = ", ".join(reason_codes(policy))
        raise InvalidInput([("reason", f"unknown reason; one of {known}")])
    check_move(lead.state, LeadState.DEFEAT_REQUESTED)
    if command.reason != "invalid":
        await _check_earned(tx, lead, command.reason, policy)
    return policy


def _request(tx: Tx, command: RequestDefeat, lead: Lead) -> Defeat:
    return Defeat(
        lead_id=command.lead_id,
        open_lead_id=command.lead_id,
        dealer_code=lead.dealer_id or "",
        requested_by=command.by,
        requested_at=tx.now,
        reason=command.reason,
        competitor=command.competitor,
        note=mask_in_text(command.note),
    )


async def _check_earned(tx: Tx, lead: Lead, reason: str, policy: Policy) -> None:
    since = lead.reactivated_at or lead.opened_at
    tries = [f.occurred_at for f in await attempts_of(lead) if f.logged_at >= since]
    missing = missing_for_defeat(tries, policy, tx.tz, reason)
    if missing:
        raise DefeatNotEarned(
            "; ".join(f"{m.code}: {m.params['have']} of {m.params['need']}" for m in missing),
            missing=[m.as_json() for m in missing],
        )


async def _decide(tx: Tx, lead: Lead, defeat: Defeat, by: str, *, approve: bool) -> None:
    defeat.state = "approved" if approve else "rejected"
    defeat.reviewed_by, defeat.reviewed_at = by, tx.now
    defeat.open_lead_id = None
    if approve:
        target = LeadState.INVALID if defeat.reason in NOT_REAL else LeadState.DEFEATED
        check_move(lead.state, target)
        tx.note("defeated", by, lead=lead, reason=defeat.reason, state=target.value)
        followups.close(tx, lead, target)
        await _sample_for_recall(tx, lead, defeat)
    else:
        check_move(lead.state, LeadState.ACCEPTED)
        lead.state = LeadState.ACCEPTED
        tx.note("defeat_rejected", by, lead=lead, reason=defeat.reason)
    tx.emit(DefeatReviewed(lead.id, defeat.id, approve))


async def _sample_for_recall(tx: Tx, lead: Lead, defeat: Defeat) -> None:
    """A stable share of defeats is called again by the brand, whoever asked and approved."""
    share = (await policies.policy_for(await dispatch.dealer_of(tx, lead))).defeat.recall_share
    if is_recalled(defeat.id, share):
        defeat.suspicion = {**defeat.suspicion, "recall": True}
        tx.note("recall_due", SYSTEM, lead=lead, reason=defeat.reason)
        tx.emit(DefeatSampled(lead.id, defeat.id))
