"""A lead is handed on: to somebody by name, to a dealer, or to the next best colleague."""

from db.models import Assignment, Customer, Dealer, Lead, Staff
from domain.commands import TransferLead
from domain.dispatch import why_not_now
from domain.errors import InvalidInput, NobodyToTake, WrongState
from domain.lead import CLOSED, LeadState
from domain.reasons import Reason
from handlers import approvals, dispatch, rights
from handlers.acquaintance import acquainted
from handlers.open_leads import open_key, sync_open_key
from handlers.tx import Tx

FINAL_OBSTACLES = frozenset({"opted_out", "no_consent"})


async def transfer_lead(command: TransferLead, tx: Tx) -> str | None:
    """Hand a lead on, or ask the manager to, where the policy says so.

    Returns the new adviser's userid; None when the lead waits in a queue or for the manager.
    """
    lead = await tx.get(Lead, command.lead_id)
    await _check_may_go(tx, lead)
    holder = await dispatch.running_assignment(tx, lead)
    await rights.check_may_act(tx, command.by, lead, holder)
    if not await approvals.asks_first(tx, "transfer", command.by, lead):
        return await hand_over(tx, lead, command)
    if command.userid:
        await _check_taker(tx, command.userid, holder)
    await approvals.ask(
        tx,
        lead,
        approvals.Request(
            "transfer", command.by, command.reason, command.userid, command.dealer_code
        ),
    )
    return None


async def hand_over(tx: Tx, lead: Lead, command: TransferLead) -> str | None:
    """Do it, whoever agreed to it. Raises what `transfer_lead` raises."""
    await _check_may_go(tx, lead)
    holder = await dispatch.running_assignment(tx, lead)
    tx.note(
        "transferred",
        command.by,
        lead=lead,
        reason=command.reason,
        to=command.userid or command.dealer_code,
        to_name=await rights.name_of_target(tx, command.userid, command.dealer_code),
    )
    if command.userid:
        await _to_staff(tx, lead, holder, command.userid, command.by)
    elif command.dealer_code:
        await _to_dealer(tx, lead, command.dealer_code)
    else:
        await _to_colleague(tx, lead, holder)
    now_held = await dispatch.running_assignment(tx, lead)
    return now_held.staff_id if now_held else None


async def _check_may_go(tx: Tx, lead: Lead) -> None:
    if lead.state in CLOSED or lead.state == LeadState.DEFEAT_REQUESTED:
        raise WrongState(f"a lead that is {lead.state} cannot be transferred", state=lead.state)
    obstacle = await dispatch.obstacle_to(lead, await tx.get(Customer, lead.customer_id))
    if obstacle and obstacle.code in FINAL_OBSTACLES:
        raise WrongState(f"lead {lead.id} may not go out: {obstacle.code}", state=lead.state)


async def _check_taker(tx: Tx, userid: str, holder: Assignment | None) -> Staff:
    """Somebody at a dealer who has room for it."""
    staff = await tx.find(Staff, userid)
    if staff is None or not staff.active or not staff.dealer_id:
        raise InvalidInput([("userid", f"no dealer staff {userid}")])
    if holder and holder.staff_id == staff.userid:
        raise InvalidInput([("userid", f"{staff.userid} holds the lead already")])
    await _check_free(tx, staff)
    return staff


async def _check_free(tx: Tx, staff: Staff) -> None:
    """Nobody who is away or full is given a lead, not even by name; managers know their own."""
    dealer = await tx.get(Dealer, staff.dealer_id)
    facts = [p for p in await dispatch.advisers_of(dealer, tx) if p.userid == staff.userid]
    for obstacle in filter(None, (why_not_now(person, tx.now, tx.tz) for person in facts)):
        raise NobodyToTake(f"{staff.userid} cannot take a lead now: {obstacle}")


async def _to_staff(tx: Tx, lead: Lead, holder: Assignment | None, userid: str, by: str) -> None:
    staff = await _check_taker(tx, userid, holder)
    await dispatch.end_assignment(tx, lead, "transferred")
    if staff.dealer_id and staff.dealer_id != lead.dealer_id:
        await _move_to_dealer(tx, lead, staff.dealer_id)
    await dispatch.assign(tx, lead, staff.userid, Reason.of("transferred"), by=by)


async def _to_dealer(tx: Tx, lead: Lead, dealer_code: str) -> None:
    if not await Dealer.exists(code=dealer_code):
        raise InvalidInput([("dealer_code", f"no dealer {dealer_code}")])
    await dispatch.end_assignment(tx, lead, "transferred")
    if dealer_code != lead.dealer_id:
        await _move_to_dealer(tx, lead, dealer_code)
    await dispatch.place(tx, lead, await acquainted(tx, lead))


async def _to_colleague(tx: Tx, lead: Lead, holder: Assignment | None) -> None:
    excluded = frozenset({holder.staff_id}) if holder else frozenset()
    choice = await dispatch.choose(tx, lead, excluded=excluded)
    if choice.userid is None:
        raise NobodyToTake(f"no colleague at {lead.dealer_id} is free")
    await dispatch.end_assignment(tx, lead, "transferred")
    await dispatch.assign(tx, lead, choice.userid, choice.reason)


async def _move_to_dealer(tx: Tx, lead: Lead, dealer_code: str) -> None:
    if await Lead.exists(open_key=open_key(lead.customer_id, dealer_code)):
        raise WrongState("the customer has an open lead at that dealer already", state=lead.state)
    lead.dealer_id = dealer_code
    sync_open_key(lead)
