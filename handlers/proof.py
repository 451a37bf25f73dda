"""What came of a campaign: noted once per person and kind, in the group left alone as well.

Every outcome within the watched time counts for the comparison of the groups. The merit of an
order, a visit or a new intent goes to one campaign only: the one whose touch came last.
"""

from datetime import datetime

from tortoise.expressions import Q

from db.models import Customer, Enrolment, FollowUp, Lead, Outcome, Touch
from domain.campaign import ARMED, OVER, WAITING
from domain.events import (
    AppointmentChanged,
    ConsentChanged,
    CustomerActed,
    FollowUpLogged,
    FollowUpUndone,
    LeadOpened,
    LeadTouched,
    TouchAnswered,
)
from domain.lead import LeadState
from handlers.tx import Tx

HOW = {"message": "replied", "menu": "clicked", "scanned": "visited"}
"""What a customer does → how that answers a touch."""
DECLINED = "declined"
KIND_OF_RESULT = {
    "visited": "visit",
    "test_drive": "visit",
    "ordered": "order",
    "delivered": "order",
}
HEARD_BY_CUSTOMER = ("message", "notice", "template")
_GOES_ON = Q(state__in=[WAITING, ARMED])
"""Campaigns that an answer ends, also when nobody counts any more what comes of them."""


async def hear_answer(event: CustomerActed, tx: Tx) -> None:
    """A customer does something at the brand's door: perhaps it answers the last touch."""
    how = HOW.get(event.act)
    if how is None:
        return
    counts = Q(watched_until__gt=tx.now)
    theirs = Enrolment.filter(counts | _GOES_ON, customer_id=event.customer_id)
    found = await theirs.filter(joined_at__lte=tx.now)
    if watched := [row for row in found if row.watched_until > tx.now]:
        await _note(watched, "reply", tx.now)
    await _answer(event.customer_id, found, how, tx)


async def hear_refusal(event: ConsentChanged, tx: Tx) -> None:
    """Who asks for silence leaves every campaign at once; perhaps a touch was one too many."""
    customer = await tx.get(Customer, event.customer_id)
    if customer.opted_out_at is None:
        return
    watched = await _watched(customer.id, tx.now)
    if customer.opted_out_at == tx.now:
        await _answer(customer.id, watched, DECLINED, tx)
    running = Enrolment.filter(customer_id=customer.id, state__in=[WAITING, ARMED])
    await running.update(state=OVER, reason="opted_out", ended_at=tx.now)


async def note_intent(event: LeadOpened | LeadTouched, tx: Tx) -> None:
    """A lead came in, came back, or was met again by another interest."""
    if isinstance(event, LeadTouched) and event.cause != "touchpoint":
        return
    lead = await tx.get(Lead, event.lead_id)
    await _note_of_lead(lead, "new_intent", tx)


async def note_result(event: FollowUpLogged, tx: Tx) -> None:
    """The adviser says that they came, or that they bought. It counts when it happened, not when
    it was typed; and a car that was ordered is not bought once more when it is handed over."""
    follow_up = await tx.see(FollowUp, event.follow_up_id)
    kind = KIND_OF_RESULT.get(follow_up.result)
    was_sold = kind == "order" and follow_up.before.get("state") == LeadState.ORDERED
    if kind and not was_sold:
        lead = await tx.get(Lead, event.lead_id)
        await _note_of_lead(lead, kind, tx, follow_up)


async def note_visit(event: AppointmentChanged, tx: Tx) -> None:
    """A test drive took place."""
    if event.happened == "kept":
        await _note_of_lead(await tx.get(Lead, event.lead_id), "visit", tx)


async def forget_result(event: FollowUpUndone, tx: Tx) -> None:
    """What was taken back did not come of any campaign."""
    await Outcome.filter(follow_up_id=event.follow_up_id).delete()


async def _note_of_lead(lead: Lead, kind: str, tx: Tx, follow_up: FollowUp | None = None) -> None:
    customer = await tx.get(Customer, lead.customer_id)
    if customer.created_at == tx.now:
        return  # nobody has enrolled them yet
    at = follow_up.occurred_at if follow_up else tx.now
    if watched := await _watched(customer.id, at):
        await _note(watched, kind, at, lead, follow_up)


async def _watched(customer_id: int, at: datetime) -> list[Enrolment]:
    """What the customer was in at that moment."""
    theirs = Enrolment.filter(customer_id=customer_id)
    return await theirs.filter(joined_at__lte=at, watched_until__gt=at)


async def _note(
    watched: list[Enrolment],
    kind: str,
    at: datetime,
    lead: Lead | None = None,
    follow_up: FollowUp | None = None,
) -> None:
    sent = Touch.filter(enrolment_id__in=[row.id for row in watched], at__lte=at)
    last = {touch.enrolment_id: touch for touch in await sent.order_by("at", "id")}
    newest = max(last.values(), key=lambda touch: (touch.at, touch.id), default=None)
    key = await _free_key(kind, lead)
    rows = [
        Outcome(
            enrolment_id=row.id,
            campaign_id=row.campaign_id,
            customer_id=row.customer_id,
            arm=row.arm,
            kind=kind,
            at=at,
            touch_id=last[row.id].id if row.id in last else None,
            lead_id=lead.id if lead else None,
            follow_up_id=follow_up.id if follow_up else None,
            label=lead.attribution if lead else None,
            credit_key=key if newest and newest.enrolment_id == row.id else None,
        )
        for row in watched
    ]
    await Outcome.bulk_create(rows, ignore_conflicts=True)


async def _free_key(kind: str, lead: Lead | None) -> str | None:
    """The key of this merit; None when it was given before."""
    key = f"{kind}:{lead.id}" if lead else None
    return None if key is None or await Outcome.exists(credit_key=key) else key


async def _answer(customer_id: int, watched: list[Enrolment], how: str, tx: Tx) -> None:
    """The last touch is answered, if it was not before: its campaign has nothing more to say."""
    by_id = {row.id: row for row in watched}
    if not by_id:
        return
    sent = Touch.filter(customer_id=customer_id, enrolment_id__in=list(by_id))
    touch = await sent.filter(channel__in=HEARD_BY_CUSTOMER).order_by("-at", "-id").first()
    if touch is None or touch.answered_at:
        return
    tx.watch(touch).answered_at = tx.now
    enrolment = tx.watch(by_id[touch.enrolment_id])
    if enrolment.state in (WAITING, ARMED):
        reason = "opted_out" if how == DECLINED else "answered"
        enrolment.state, enrolment.reason, enrolment.ended_at = OVER, reason, tx.now
    tx.emit(TouchAnswered(customer_id, touch.id, how))
