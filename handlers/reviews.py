"""The manager's decision on a transfer or a rest: done at once, or back to work."""

from db.models import Approval, Lead
from domain.approval_commands import ReviewApproval
from domain.commands import TransferLead
from domain.errors import AlreadyReviewed
from domain.events import ApprovalReviewed
from domain.lead import LeadState, check_move
from handlers import followups, rights, transfers
from handlers.tx import Tx

PASSED_ON = "passed_on"
"""Why a lead changes hands when its adviser wanted to be rid of it."""


async def review_approval(command: ReviewApproval, tx: Tx) -> bool:
    """Decide once. Returns whether it was approved."""
    lead = await tx.get(Lead, (await tx.see(Approval, command.approval_id)).lead_id)
    approval = await tx.get(Approval, command.approval_id)
    await rights.check_may_review(tx, command.by, lead)
    if approval.state != "requested":
        raise AlreadyReviewed(
            f"approval {approval.id} is {approval.state}",
            by=await rights.name_of(tx, approval.reviewed_by or ""),
            approved=approval.state == "approved",
        )
    approval.state = "approved" if command.approve else "rejected"
    approval.reviewed_by, approval.reviewed_at = command.by, tx.now
    approval.open_lead_id = None
    tx.note(f"{approval.kind}_{approval.state}", command.by, lead=lead, reason=approval.reason)
    if command.approve:
        await _carry_out(tx, lead, approval)
    elif command.pass_to:
        approval.passed_to = command.pass_to
        await pass_on(tx, lead, command.by, command.pass_to)
    tx.emit(ApprovalReviewed(lead.id, approval.id, command.approve))
    return command.approve


async def pass_on(tx: Tx, lead: Lead, by: str, userid: str) -> None:
    """Whoever gave up on the lead does not keep it: a colleague goes on."""
    await transfers.hand_over(tx, lead, TransferLead(lead.id, PASSED_ON, by, userid=userid))


async def _carry_out(tx: Tx, lead: Lead, approval: Approval) -> None:
    if approval.kind == "transfer":
        order = TransferLead(
            lead.id,
            approval.reason,
            approval.asked_by,
            userid=approval.to_staff,
            dealer_code=approval.to_dealer,
        )
        await transfers.hand_over(tx, lead, order)
        return
    check_move(lead.state, LeadState.DORMANT)
    tx.note("dormant", approval.asked_by, lead=lead, reason=approval.reason)
    followups.close(tx, lead, LeadState.DORMANT)
