"""Every day each dealer calls some of those who were given up or rest: the worthiest, so many as
its clerks can. What comes of a call flows back: taken up again, left alone, or for good."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from db.models import CallTask, Customer, Dealer, Lead
from db.queries.calling import RESTS, resting_at
from domain.calling import OUTCOMES, Resting, best
from domain.calling_commands import PickCalls, RecordCall
from domain.commands import ReopenLead
from domain.errors import InvalidInput, WrongState
from domain.policy import Policy
from handlers import consents, leads, policies, rights
from handlers.serving import staff_to_tell
from handlers.tx import Tx

CALLERS = ("dcc", "store_manager")
"""Who calls: the clerks at work, else the manager."""
CALLED_AGAIN = "called_again"


async def pick_calls(command: PickCalls, tx: Tx) -> int:
    """Plan today's calls of a dealer. Returns how many; 0 when they were planned before."""
    dealer = await tx.get(Dealer, command.dealer_code)
    day = today(tx)
    if await CallTask.exists(dealer_code=dealer.code, day=day):
        return 0
    callers = await staff_to_tell(dealer, CALLERS)
    policy = await policies.policy_for(dealer)
    resting = await _resting(dealer, policy, tx) if callers else []
    chosen = best(resting, policy.calling, tx.now, policy.calling.calls_per_day * len(callers))
    for number, worth in enumerate(chosen):
        tx.append(
            CallTask(
                dealer_code=dealer.code,
                day=day,
                customer_id=worth.customer_id,
                lead_id=worth.lead_id,
                staff_id=callers[number % len(callers)],
                points=worth.points,
                reasons=[reason.as_json() for reason in worth.reasons],
                created_at=tx.now,
            )
        )
    return len(chosen)


async def record_call(command: RecordCall, tx: Tx) -> None:
    """What came of a call."""
    if command.outcome not in OUTCOMES:
        raise InvalidInput([("outcome", f"one of {', '.join(OUTCOMES)}")])
    seen = await tx.see(CallTask, command.task_id)
    lead = await tx.get(Lead, seen.lead_id)
    task = await tx.get(CallTask, seen.id)
    await _check_may(tx, command, task, lead)
    if task.state != "open" or lead.state not in RESTS:
        raise WrongState(
            f"call {task.id} is {task.state}, its lead {lead.state}", state=lead.state
        )
    task.state, task.outcome, task.note = "done", command.outcome, command.note
    task.done_at, task.done_by = tx.now, command.by
    tx.note(CALLED_AGAIN, command.by, lead=lead, outcome=command.outcome, note=command.note)
    if command.outcome == "interested":
        await leads.reopen_lead(ReopenLead(lead.id, command.by, CALLED_AGAIN), tx)
    elif command.outcome == "refuses":
        await consents.withdraw_all(tx, await tx.get(Customer, lead.customer_id))
        tx.note("opted_out", command.by, customer_id=lead.customer_id)


def today(tx: Tx) -> str:
    """The local day."""
    return tx.now.astimezone(ZoneInfo(tx.tz)).date().isoformat()


async def _check_may(tx: Tx, command: RecordCall, task: CallTask, lead: Lead) -> None:
    """Whoever was asked to, and whoever may act for that dealer."""
    if command.by != f"staff:{task.staff_id}":
        await rights.check_may_act(tx, command.by, lead, None)


async def _resting(dealer: Dealer, policy: Policy, tx: Tx) -> list[Resting]:
    since = tx.now - timedelta(days=policy.calling.not_after_days)
    strong = [reason for reason, how in policy.defeat.reasons.items() if how != "weak"]
    return await resting_at(dealer.code, since, tx.now, strong)
