"""Who is told what, when something happens to a lead. Notices only; the messenger finds words.

A card's row is written together with its notice, so that a button pressed the moment the card
arrives already finds it.
"""

import secrets

from db.models import Assignment, Card, Lead, Staff
from domain.card_commands import CardPressed, ShowCard
from domain.commands import AlertOps
from domain.events import (
    AssignmentEnded,
    AssignmentResumed,
    DefeatSampled,
    LeadAccepted,
    LeadAssigned,
    LeadOverdue,
    LeadRecycled,
    LeadTouched,
    LevelLowered,
)
from handlers import dispatch
from handlers.tx import Notice, Tx

URGENT = "urgent"


async def push_lead_card(event: LeadAssigned, tx: Tx) -> None:
    """The new lead's card with 接单, 转派, 无效."""
    assignment = await tx.get(Assignment, event.assignment_id)
    task_id = await new_card(tx, "lead", assignment.staff_id, event.lead_id, assignment.id)
    data: dict[str, object] = {"task_id": task_id, "assignment_id": assignment.id}
    tell(tx, "lead_card", f"lead_card:{assignment.id}", assignment.staff_id, event.lead_id, data)


async def push_follow_up_card(event: LeadAccepted, tx: Tx) -> None:
    """The accepted card shows the phone; a second one offers the outcomes of the first call.

    Whoever accepted by saying how it went is not asked how it went.
    """
    assignment = await tx.get(Assignment, event.assignment_id)
    await _refresh_cards(tx, assignment.id)
    staff = await tx.get(Staff, assignment.staff_id)
    staff.focus_lead_id = event.lead_id
    if event.by_record:
        return
    task_id = await new_card(tx, "follow_up", staff.userid, event.lead_id, assignment.id)
    data: dict[str, object] = {"task_id": task_id, "assignment_id": assignment.id}
    key = f"follow_up_card:{assignment.id}"
    tell(tx, "follow_up_card", key, staff.userid, event.lead_id, data)


async def push_again(event: AssignmentResumed, tx: Tx) -> None:
    """The adviser's card had been closed: a new one, as far as they had come."""
    assignment = await tx.get(Assignment, event.assignment_id)
    kind = "follow_up" if assignment.accepted_at else "lead"
    task_id = await new_card(tx, kind, assignment.staff_id, event.lead_id, assignment.id)
    data: dict[str, object] = {"task_id": task_id, "assignment_id": assignment.id}
    key = f"{kind}_card:{assignment.id}:{tx.mark}"
    tell(tx, f"{kind}_card", key, assignment.staff_id, event.lead_id, data)


async def close_cards(event: AssignmentEnded, tx: Tx) -> None:
    """Nobody should press buttons of an assignment that is over."""
    await _refresh_cards(tx, event.assignment_id)


async def tell_came_again(event: LeadTouched, tx: Tx) -> None:
    """撞单: the customer shows interest again; the adviser who holds the lead hears of it."""
    lead = await tx.get(Lead, event.lead_id)
    assignment = await dispatch.running_assignment(tx, lead)
    if assignment is None or event.touchpoint_id is None:
        return
    data: dict[str, object] = {"lead_id": lead.id, "touchpoint_id": event.touchpoint_id}
    key = f"lead_again:{event.touchpoint_id}"
    tell(tx, "lead_again", key, assignment.staff_id, lead.id, data)


async def tell_overdue(event: LeadOverdue, tx: Tx) -> None:
    """Remind the adviser; at the deadline the DCC lead too; later the store manager."""
    assignment = await tx.get(Assignment, event.assignment_id)
    roles = {"escalate": ["dcc"], "manager": ["store_manager"]}.get(event.mark, [])
    told = await staff_in(assignment.dealer_code, roles)
    if event.mark != "manager":
        told = [assignment.staff_id, *told]
    data: dict[str, object] = {"assignment_id": assignment.id, "mark": event.mark}
    missed = f":{tx.now.timestamp():.0f}" if event.mark == "follow_up" else ""
    for userid in dict.fromkeys(told):
        key = f"overdue:{assignment.id}:{event.mark}{missed}:{userid}"
        tell(tx, "overdue", key, userid, event.lead_id, data)


async def tell_recycled(event: LeadRecycled, tx: Tx) -> None:
    """The adviser learns why the lead is gone; whoever must act next learns that it is theirs."""
    assignment = await tx.get(Assignment, event.assignment_id)
    told = [assignment.staff_id, *await staff_in(assignment.dealer_code, ["dcc"])]
    if event.to_region:
        told += await staff_in(assignment.dealer_code, ["store_manager"])
        told += await region_managers(assignment.dealer_code)
    data: dict[str, object] = {"assignment_id": assignment.id, "to_region": event.to_region}
    for userid in dict.fromkeys(told):
        key = f"recycled:{assignment.id}:{userid}"
        tell(tx, "recycled", key, userid, event.lead_id, data)


async def tell_lowered(event: LevelLowered, tx: Tx) -> None:
    """Missed cycles cost the lead a level: its adviser should know."""
    lead = await tx.get(Lead, event.lead_id)
    assignment = await dispatch.running_assignment(tx, lead)
    if assignment:
        data: dict[str, object] = {"lead_id": lead.id, "level": event.level}
        key = f"lowered:{lead.id}:{lead.version}"
        tell(tx, "level_lowered", key, assignment.staff_id, lead.id, data, lane="normal")


async def ask_recall(event: DefeatSampled, tx: Tx) -> None:
    """Brand operations call a sample of given-up customers again."""
    for userid in await _staff_of_role("brand_ops"):
        key = f"recall:{event.defeat_id}:{userid}"
        data: dict[str, object] = {"defeat_id": event.defeat_id}
        tell(tx, "recall", key, userid, event.lead_id, data, lane="normal")


async def alert_ops(command: AlertOps, tx: Tx) -> None:
    """Tell everybody of the ops role, once."""
    for userid in await _staff_of_role("ops"):
        key = f"{command.key}:{userid}"
        tx.notify(Notice(command.name, key, command.data, staff=userid, lane=URGENT))


async def show_card(command: ShowCard, tx: Tx) -> str:
    """A card that asks something. Returns its task id."""
    task_id = await new_card(
        tx,
        command.kind,
        command.userid,
        command.lead_id,
        command.assignment_id,
        follow_up_id=command.follow_up_id,
        data=command.data,
    )
    data: dict[str, object] = {"task_id": task_id}
    tell(tx, f"{command.kind}_card", command.key, command.userid, command.lead_id, data)
    return task_id


async def card_pressed(command: CardPressed, tx: Tx) -> None:
    """Keep the click's fresh code; show on the card what became of the click."""
    card = await tx.get(Card, command.task_id)
    card.response_code, card.code_at = command.response_code, tx.now
    card.outcome = command.outcome or card.outcome
    if not command.waits:
        refresh(tx, card)


# ── parts ────────────────────────────────────────────────────────────────────────────────────


async def new_card(
    tx: Tx,
    kind: str,
    userid: str,
    lead_id: int,
    assignment_id: int | None = None,
    *,
    defeat_id: int | None = None,
    approval_id: int | None = None,
    follow_up_id: int | None = None,
    data: dict[str, object] | None = None,
) -> str:
    """Register a card before it is sent. Returns its task id, unique for all time."""
    number = assignment_id or defeat_id or approval_id or follow_up_id or lead_id
    card = Card(
        task_id=f"{kind}-{number}-{secrets.token_hex(6)}",
        kind=kind,
        staff_id=userid,
        lead_id=lead_id,
        assignment_id=assignment_id,
        defeat_id=defeat_id,
        approval_id=approval_id,
        follow_up_id=follow_up_id,
        data=data or {},
        created_at=tx.now,
    )
    await tx.add(card)
    return card.task_id


def refresh(tx: Tx, card: Card) -> None:
    """Bring a card on somebody's phone up to date: once, whatever changed in this transaction."""
    data: dict[str, object] = {"task_id": card.task_id}
    key = f"refresh:{card.task_id}:{tx.mark}"
    tell(tx, "refresh_card", key, card.staff_id, card.lead_id, data)


async def _refresh_cards(tx: Tx, assignment_id: int) -> None:
    for card in await Card.filter(assignment_id=assignment_id):
        refresh(tx, card)


async def staff_in(dealer_code: str, roles: list[str]) -> list[str]:
    """Userids of a dealer's staff in these roles."""
    if not roles:
        return []
    people = Staff.filter(dealer_id=dealer_code, role__in=roles, active=True)
    return [str(u) for u in await people.order_by("userid").values_list("userid", flat=True)]


async def _staff_of_role(role: str) -> list[str]:
    people = Staff.filter(role=role, active=True, wecom=True).order_by("userid")
    return [str(u) for u in await people.values_list("userid", flat=True)]


async def region_managers(dealer_code: str) -> list[str]:
    """Userids of whoever leads the dealer's region."""
    people = Staff.filter(region__dealers__code=dealer_code, role="region_manager", active=True)
    return [str(u) for u in await people.order_by("userid").values_list("userid", flat=True)]


def tell(
    tx: Tx,
    name: str,
    key: str,
    userid: str,
    lead_id: int,
    data: dict[str, object],
    lane: str = URGENT,
) -> None:
    """A notice about a lead to a member of staff."""
    tx.notify(Notice(name=name, key=key, data=data, staff=userid, lead=lead_id, lane=lane))
