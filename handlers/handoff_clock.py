"""What time does to a conversation: the next person is called, honest words are said, it ends."""

from datetime import timedelta

from db.models import Customer, Handoff, Staff
from domain.events import ConsentChanged, HandoffIdle, HandoffUnanswered, StaffLeft
from handlers import handoff as talk
from handlers import policies
from handlers.alarms import set_alarm
from handlers.serving import next_person
from handlers.tx import Tx, to_ms


async def pass_on(event: HandoffUnanswered, tx: Tx) -> None:
    """The customer still waits for the same answer: call the next one at work, or be honest."""
    handoff = await talk.locked(tx, event.handoff_id)
    if handoff and _still_waits(handoff, event):
        await _call_next(tx, handoff)


def _still_waits(handoff: Handoff, event: HandoffUnanswered) -> bool:
    since = to_ms(handoff.waiting_since) if handoff.waiting_since else None
    return since == event.since_ms and len(handoff.asked) == event.asked


async def _call_next(tx: Tx, handoff: Handoff) -> None:
    dealer = await talk.dealer_of(handoff)
    former, asked = handoff.staff_id, list(handoff.asked)
    person = await next_person(tx, dealer, asked[0] if asked else None, asked)
    if person is None:
        for userid in asked:
            told: dict[str, object] = {"handoff_id": handoff.id}
            talk.tell(tx, handoff, "handoff_missed", userid, told)
        talk.close(tx, handoff, "unanswered")
        talk.tell_customer(tx, handoff, "handoff_unanswered")
        return
    await talk.call(tx, handoff, person, dealer)
    if former:
        passed: dict[str, object] = {"handoff_id": handoff.id, "name": person.name}
        talk.tell(tx, handoff, "handoff_passed", former, passed)


async def end_idle(event: HandoffIdle, tx: Tx) -> None:
    """Nobody has said anything for the policy's minutes: the customer is the bot's again."""
    handoff = await talk.locked(tx, event.handoff_id)
    if handoff is None:
        return
    policy = await policies.policy_for(await talk.dealer_of(handoff))
    idle = timedelta(minutes=policy.bot.idle_minutes)
    ends_at = (tx.now if handoff.waiting_since else handoff.last_message_at) + idle
    if to_ms(tx.now) < to_ms(ends_at):
        set_alarm(tx, "end_idle", event, ends_at)
    elif handoff.staff_id is None:
        await talk.leave_message(tx, handoff, "")
    else:
        await end(tx, handoff, "idle")


async def end_on_opt_out(event: ConsentChanged, tx: Tx) -> None:
    """Who wants to be left alone is not talked to either."""
    customer = await tx.get(Customer, event.customer_id)
    if customer.opted_out_at:
        await end_of_customer(tx, customer.id, "opted_out")


async def end_of_customer(tx: Tx, customer_id: int, why: str) -> None:
    """End what is open of a customer; whoever talks to them is told why."""
    found = await Handoff.get_or_none(open_customer_id=customer_id)
    if found:
        await end(tx, tx.watch(found), why)


async def end(tx: Tx, handoff: Handoff, why: str) -> None:
    talk.close(tx, handoff, why)
    if handoff.staff_id:
        told: dict[str, object] = {"handoff_id": handoff.id, "why": why}
        talk.tell(tx, handoff, "handoff_over", handoff.staff_id, told)


async def pass_on_leaver(event: StaffLeft, tx: Tx) -> None:
    """Who left the company talks to nobody: their conversations go on with the next one."""
    rows = Handoff.filter(staff_id=event.userid, closed_at__isnull=True).order_by("customer_id")
    for handoff_id in await rows.values_list("id", flat=True):
        handoff = await talk.locked(tx, int(str(handoff_id)))
        still_there = await Staff.exists(userid=event.userid, active=True)
        if handoff and handoff.staff_id == event.userid and not still_there:
            handoff.staff_id = None
            await _call_next(tx, handoff)
