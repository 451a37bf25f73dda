"""Touches: armed when they are due, decided when they are sent, recorded when they have left.

A touch's row is written before WeChat is asked. So after a crash in between it is known that it
may have been sent, and it is not sent again. Nobody joins or leaves the rules by a retry.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest
from math import ceil

from db.errors import TransactionConflict
from db.models import Campaign, Customer, Enrolment, OutboxJob, Touch, TouchPace
from db.queries import touches
from db.sql import take_turn
from domain.campaign import ARMED, OVER, WAITING, Flow
from domain.campaign_commands import (
    ArmTouches,
    BeginTouch,
    GiveBackTouch,
    HoldCampaign,
    LetGoTouches,
    RecordTouch,
)
from domain.phone import mask_in_text
from domain.policy import Policy
from domain.remarketing import End, Pass, Speak, Wait, next_move
from domain.send_times import next_opening
from domain.service_commands import SpendSubscription
from handlers import campaigns, policies, standing, windows
from handlers.standing import Situation
from handlers.tx import SYSTEM, Notice, Tx, to_ms

SENDING, SENT = "sending", "sent"
WAYS = {"message": "custom", "notice": "subscription"}
"""What the outbox calls a way to a customer."""
BURST_MS = 5_000
"""What was not used of the last seconds may be made up for; of the time before, not."""
MINUTE_MS = 60_000
NO_TEMPLATE = "system:no_template"
TEMPLATE_MEMORY = timedelta(minutes=9)
"""So long WeChat knows a template message it was given before; after ten minutes no more."""


@dataclass(frozen=True, slots=True)
class ReadyTouch:
    """A touch that may leave now. `lost`: it may have left before, and must not be repeated.

    `touch_id` is 0 for a trial, which is none.
    """

    touch_id: int
    channel: str
    openid: str
    text: str
    template_id: str
    fields: dict[str, str]
    lost: bool = False


# armed ───────────────────────────────────────────────────────────────────────────────────────


async def arm_touches(command: ArmTouches, tx: Tx) -> int:
    """Hand what is due to the outbox: fairly between campaigns, and at the policy's pace."""
    await take_turn("touches")
    policy = await policies.policy_for(None)
    pace = await TouchPace.get_or_none(id=1) or await TouchPace.create(id=1, spent_until_ms=0)
    interval_ms = MINUTE_MS / policy.contact.touches_per_minute
    burst_ms = max(BURST_MS, 2 * interval_ms)
    free_ms = max(pace.spent_until_ms, to_ms(tx.now) - burst_ms)
    room = int((to_ms(tx.now) - free_ms) / interval_ms)
    room = min(room, policy.contact.touches_per_minute - await touches.on_their_way())
    armed = await _arm(room, policy, tx) if room > 0 else 0
    if armed:
        spent = round(free_ms + armed * interval_ms)
        await TouchPace.filter(id=1).update(spent_until_ms=spent)
    return armed


async def _arm(room: int, policy: Policy, tx: Tx) -> int:
    due_now = await touches.campaigns_due(tx.now)
    running = await _running() if due_now else []
    open_now = [c for c in running if c.id in due_now and await _speaks_now(c, policy, tx)]
    left = room
    while left > 0 and open_now:
        share = ceil(left / len(open_now))
        for campaign in list(open_now):
            due = await touches.arm_due(campaign.id, tx.now, min(share, left))
            left -= len(due)
            if len(due) < share:
                open_now.remove(campaign)
            for each in due:
                tx.notify(_notice(each))
    return room - left


async def _running() -> list[Campaign]:
    return await Campaign.filter(state=campaigns.RUNNING).order_by("id")


async def _speaks_now(campaign: Campaign, policy: Policy, tx: Tx) -> bool:
    flow = await campaigns.flow_of(campaign.id, campaign.version)
    return next_opening(tx.now, flow.times, policy, tx.tz) == tx.now


def _notice(due: touches.Armed) -> Notice:
    key = touches.job_key(due.id, due.armings)
    data: dict[str, object] = {"enrolment_id": due.id, "step": due.step}
    lane = touches.QUEUE
    return Notice("touch", key, data, customer=due.customer_id, lead=due.lead_id, lane=lane)


async def let_go_touches(command: LetGoTouches, tx: Tx) -> int:
    """A job that ops discarded does not come back: the campaign is over for them. How many."""
    lost = [each for campaign in await _running() for each in await touches.given_up(campaign.id)]
    for enrolment_id in lost:
        enrolment = await tx.get(Enrolment, enrolment_id)
        if enrolment.state == ARMED:
            _end(enrolment, "given_up", tx)
    return len(lost)


# decided ─────────────────────────────────────────────────────────────────────────────────────


async def begin_touch(command: BeginTouch, tx: Tx) -> ReadyTouch | None:
    """What to send now; None when there is nothing to send, for whatever reason."""
    seen = await Enrolment.get_or_none(id=command.enrolment_id)
    if seen is None:
        return None
    customer = await Customer.filter(id=seen.customer_id).select_for_update(no_key=True).get()
    enrolment = await tx.get(Enrolment, seen.id)
    if enrolment.customer_id != customer.id:
        raise TransactionConflict("the customer was merged meanwhile")
    if enrolment.state != ARMED or enrolment.step != command.step:
        return None
    begun = await Touch.get_or_none(enrolment_id=enrolment.id, step=enrolment.step)
    if begun and begun.outbox_id != command.outbox_id:
        return None
    campaign = await tx.see(Campaign, enrolment.campaign_id)
    if campaign.state != campaigns.RUNNING and begun is None:
        _put_back(enrolment, campaign, tx)
        return None
    flow = await _flow_now(campaign, enrolment)
    situation = await standing.look(customer, enrolment, flow, tx)
    if begun:
        return await _once_more(begun, flow, situation, tx)
    return await _decide(command, enrolment, flow, situation, tx)


async def _flow_now(campaign: Campaign, enrolment: Enrolment) -> Flow:
    """What they joined, at the hours and with the templates that are written now: a day that is
    taken out is for all, and so is a template's id that was corrected."""
    joined = await campaigns.flow_of(campaign.id, enrolment.version)
    newest = await campaigns.flow_of(campaign.id, campaign.version)
    steps = [
        replace(step, forms=now.forms) if now and now.by == step.by else step
        for step, now in zip_longest(joined.steps, newest.steps[: len(joined.steps)])
    ]
    return replace(joined, times=newest.times, steps=tuple(steps))


def _put_back(enrolment: Enrolment, campaign: Campaign, tx: Tx) -> None:
    if campaign.state == "paused":
        enrolment.state, enrolment.reason = WAITING, "paused"
    else:
        _end(enrolment, "stopped", tx)


async def _decide(
    command: BeginTouch, enrolment: Enrolment, flow: Flow, situation: Situation, tx: Tx
) -> ReadyTouch | None:
    step, facts = enrolment.step, situation.standing
    policy = await policies.policy_for(situation.dealer)
    match next_move(flow, step, facts, tx.now, policy, tx.tz, tried=command.tried):
        case Wait(until, reason):
            enrolment.state, enrolment.due_at, enrolment.reason = WAITING, until, reason
        case Pass(reason):
            _go_on(enrolment, flow, reason, tx)
        case End(reason):
            _end(enrolment, reason, tx)
        case Speak("task"):
            await _ask_adviser(command, enrolment, flow, situation, tx)
        case Speak(channel):
            touch = await tx.add(_touch(command, enrolment, channel, SENDING, tx))
            return ready(touch, flow, situation)
    return None


def _touch(command: BeginTouch, enrolment: Enrolment, channel: str, state: str, tx: Tx) -> Touch:
    return Touch(
        enrolment_id=enrolment.id,
        campaign_id=enrolment.campaign_id,
        customer_id=enrolment.customer_id,
        step=enrolment.step,
        channel=channel,
        state=state,
        outbox_id=command.outbox_id,
        at=tx.now,
    )


def ready(touch: Touch, flow: Flow, situation: Situation, *, lost: bool = False) -> ReadyTouch:
    """The words of a touch, and whom they go to."""
    step = flow.steps[touch.step]
    form = step.forms.get(touch.channel)
    fields = {name: situation.say(words) for name, words in form.fields.items()} if form else {}
    return ReadyTouch(
        touch_id=touch.id or 0,
        channel=touch.channel,
        openid=situation.openid,
        text=" · ".join(fields.values()) if form else situation.say(step.text),
        template_id=form.id if form else "",
        fields=fields,
        lost=lost,
    )


async def _once_more(touch: Touch, flow: Flow, situation: Situation, tx: Tx) -> ReadyTouch:
    """A worker died between writing it down and hearing from WeChat. Perhaps it never left: so
    what speaks against sending it now counts as much as it did the first time."""
    known = touch.channel == "template" and tx.now < touch.at + TEMPLATE_MEMORY
    before = replace(situation.standing, touches=())
    policy = await policies.policy_for(situation.dealer)
    move = next_move(flow, touch.step, before, tx.now, policy, tx.tz)
    harmless = known and situation.openid and isinstance(move, Speak)
    return ready(touch, flow, situation, lost=not harmless)


async def _ask_adviser(
    command: BeginTouch, enrolment: Enrolment, flow: Flow, situation: Situation, tx: Tx
) -> None:
    """A task leaves as a notice of its own, so it is done with this transaction."""
    touch = await tx.add(_touch(command, enrolment, "task", SENT, tx))
    words = situation.say(flow.steps[touch.step].task)
    data: dict[str, object] = {
        "text": words,
        "customer_id": touch.customer_id,
        "lead_id": situation.lead_id,
    }
    key = f"touch_task:{touch.id}"
    notice = Notice(
        "touch_task", key, data, staff=situation.adviser, lead=situation.lead_id, lane="normal"
    )
    tx.notify(notice)
    await _told(touch, flow, words, tx)
    _go_on(enrolment, flow, "", tx)


# recorded ────────────────────────────────────────────────────────────────────────────────────


async def give_back_touch(command: GiveBackTouch, tx: Tx) -> None:
    """It certainly did not leave: the customer was not touched."""
    await Touch.filter(id=command.touch_id, state=SENDING).delete()


async def hold_campaign(command: HoldCampaign, tx: Tx) -> None:
    """Nobody is lost over a wrong template: all wait where they are until it is started again."""
    touch = await tx.get(Touch, command.touch_id)
    enrolment = await tx.get(Enrolment, touch.enrolment_id)
    campaign = await tx.get(Campaign, touch.campaign_id)
    if campaign.state == campaigns.RUNNING:
        campaign.state, campaign.updated_at, campaign.updated_by = "paused", tx.now, NO_TEMPLATE
    if enrolment.state == ARMED:
        _put_back(enrolment, campaign, tx)
    await touch.delete()


async def record_touch(command: RecordTouch, tx: Tx) -> None:
    """It left, or may have: on the timeline, and on to the next step."""
    seen = await tx.see(Touch, command.touch_id)
    customer = await tx.get(Customer, seen.customer_id)
    enrolment = await tx.get(Enrolment, seen.enrolment_id)
    touch = tx.watch(seen)
    flow = await campaigns.flow_of(enrolment.campaign_id, enrolment.version)
    if touch.state == SENDING:
        touch.state = command.state
        if touch.channel == "notice":
            await windows.spend_subscription(SpendSubscription(touch.customer_id), tx)
        await _told(touch, flow, "" if customer.erased_at else command.text, tx)
        if enrolment.state == ARMED:
            _go_on(enrolment, flow, "", tx)
    job = await tx.get(OutboxJob, command.outbox_id)
    way = WAYS.get(touch.channel, touch.channel)
    job.result = {"outcome": "delivered", "way": way, "detail": command.state}


async def _told(touch: Touch, flow: Flow, text: str, tx: Tx) -> None:
    """On the timelines of all the customer's leads, so that their adviser sees it."""
    tx.note(
        "touch",
        SYSTEM,
        customer_id=touch.customer_id,
        touch_id=touch.id,
        campaign=flow.name,
        way=touch.channel,
        state=touch.state,
        text=mask_in_text(text),
    )


def _go_on(enrolment: Enrolment, flow: Flow, reason: str, tx: Tx) -> None:
    enrolment.step += 1
    if enrolment.step >= len(flow.steps):
        _end(enrolment, reason or "finished", tx)
        return
    enrolment.state, enrolment.reason = WAITING, reason
    enrolment.due_at = tx.now + flow.steps[enrolment.step].wait


def _end(enrolment: Enrolment, reason: str, tx: Tx) -> None:
    enrolment.state, enrolment.reason, enrolment.ended_at = OVER, reason, tx.now
