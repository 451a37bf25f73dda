"""Who is told that somebody waits for a decision, and what became of it."""

from db.models import Approval, Card, Defeat, Lead
from domain.events import (
    ApprovalAsked,
    ApprovalReviewed,
    ApprovalWithdrawn,
    DefeatRequested,
    DefeatReviewed,
    DefeatWithdrawn,
)
from handlers import dispatch
from handlers.pushes import new_card, refresh, region_managers, staff_in, tell
from handlers.tx import Tx


async def ask_defeat(event: DefeatRequested, tx: Tx) -> None:
    """The approval card, to the store's managers; without one, to the region's."""
    for userid in await _reviewers(tx, event.lead_id):
        task_id = await new_card(tx, "defeat", userid, event.lead_id, defeat_id=event.defeat_id)
        data: dict[str, object] = {"task_id": task_id, "defeat_id": event.defeat_id}
        key = f"defeat_card:{event.defeat_id}:{userid}:{tx.mark}"
        tell(tx, "defeat_card", key, userid, event.lead_id, data)


async def ask(event: ApprovalAsked, tx: Tx) -> None:
    """The same for a transfer or a rest."""
    for userid in await _reviewers(tx, event.lead_id):
        task_id = await new_card(
            tx, "approval", userid, event.lead_id, approval_id=event.approval_id
        )
        data: dict[str, object] = {"task_id": task_id, "approval_id": event.approval_id}
        key = f"approval_card:{event.approval_id}:{userid}"
        tell(tx, "approval_card", key, userid, event.lead_id, data)


async def tell_defeat_decision(event: DefeatReviewed, tx: Tx) -> None:
    """Every manager's card shows the decision; the adviser is told."""
    await refresh_defeat(event, tx)
    defeat = await tx.see(Defeat, event.defeat_id)
    kind, _, userid = defeat.requested_by.partition(":")
    if kind == "staff":
        data: dict[str, object] = {"defeat_id": defeat.id}
        tell(tx, "defeat_result", f"defeat_result:{defeat.id}", userid, event.lead_id, data)


async def tell_decision(event: ApprovalReviewed, tx: Tx) -> None:
    """The same for a transfer or a rest."""
    await refresh_approval(event, tx)
    approval = await tx.see(Approval, event.approval_id)
    kind, _, userid = approval.asked_by.partition(":")
    if kind == "staff":
        data: dict[str, object] = {"approval_id": approval.id}
        key = f"approval_result:{approval.id}"
        tell(tx, "approval_result", key, userid, event.lead_id, data)


async def refresh_defeat(event: DefeatReviewed | DefeatWithdrawn, tx: Tx) -> None:
    """The managers' cards show what became of the defeat."""
    for card in await Card.filter(defeat_id=event.defeat_id):
        refresh(tx, card)


async def refresh_approval(event: ApprovalReviewed | ApprovalWithdrawn, tx: Tx) -> None:
    """The managers' cards show what became of the request."""
    for card in await Card.filter(approval_id=event.approval_id):
        refresh(tx, card)


async def _reviewers(tx: Tx, lead_id: int) -> list[str]:
    dealer = await dispatch.dealer_of(tx, await tx.get(Lead, lead_id))
    store = await staff_in(dealer.code, ["store_manager"])
    return store or await region_managers(dealer.code)
