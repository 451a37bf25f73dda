"""What a conversation has decided, as orders to the handlers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.understanding.customer_turn import Message
from db.queries.callers import Caller, last_said, signals_before_lead
from domain.appointment_commands import (
    BookTestDrive,
    CancelTestDrive,
    GiveBackHold,
    HoldTestDrive,
    MoveTestDrive,
)
from domain.commands import Command, ConsentGiven, HearCustomer, IngestLead, Interest, Person
from domain.consent import CONTACT, SHARE_WITH_DEALER
from domain.conversation import Booked, Order, Step, Talk
from domain.phone import mask_in_text
from texts import talk as words

SOURCE = "official_account"
BETWEEN = " / "


@dataclass(frozen=True, slots=True)
class Wish:
    """A step to be carried out for whoever wrote. `phone` is in clear, `key` names the message.

    `talk` is the conversation when the step was decided: the step's own has been tidied up.
    """

    openid: str
    talk: Talk
    step: Step
    message: Message
    caller: Caller
    booked: Booked | None
    phone: str
    key: str
    now: datetime
    idle: timedelta


async def orders_of(wish: Wish, heard: HearCustomer) -> list[Command]:
    """Every order of the step, what was heard among them. The first one names the customer."""
    kinds = wish.step.orders
    lead = await _lead(wish) if _needs_lead(wish) else None
    first: list[Command] = [lead, replace(heard, signals=())] if lead else [heard]
    return [*first, *(_order(kind, wish) for kind in kinds if kind is not Order.LEAD)]


def _order(kind: Order, wish: Wish) -> Command:
    talk = wish.talk
    start_at = talk.when.at if talk.when else wish.now
    match kind:
        case Order.HOLD:
            until = wish.now + wish.idle
            place = wish.step.talk
            return HoldTestDrive(wish.openid, place.dealer, place.model, start_at, until)
        case Order.BOOK:
            place = wish.step.talk
            by = "customer"
            return BookTestDrive(
                place.dealer, place.model, start_at, by, wish.key, openid=wish.openid
            )
        case Order.MOVE if wish.booked:
            return MoveTestDrive(wish.booked.id, start_at, "customer")
        case Order.CANCEL if wish.booked:
            return CancelTestDrive(wish.booked.id, "customer")
    return GiveBackHold(wish.openid)


def _needs_lead(wish: Wish) -> bool:
    """A booking at the dealer that already has the lead adds nothing new to it."""
    if Order.LEAD not in wish.step.orders:
        return False
    here = any(lead.dealer_id == wish.step.talk.dealer for lead in wish.caller.leads)
    new = bool(wish.phone or wish.talk.agreed_at)
    return Order.BOOK not in wish.step.orders or new or not here


async def _lead(wish: Wish) -> IngestLead:
    """The lead as it goes through the same intake as any other."""
    talk, slots = wish.talk, wish.message.slots
    purposes = (CONTACT, SHARE_WITH_DEALER) if talk.agreed_at else ()
    return IngestLead(
        source=SOURCE,
        external_id=wish.key,
        occurred_at=wish.now,
        person=Person(talk.name, wish.phone or None, _city(wish), wish.openid),
        interest=Interest(
            model=talk.model or None,
            dealer_code=wish.step.talk.dealer or None,
            purchase_window_days=_whole(slots.get("purchase_window_days")),
            message=await _said(wish),
            budget=_whole(slots.get("budget")),
            finance=True if slots.get("finance") else None,
            trade_in=True if slots.get("trade_in") else None,
            signals=await _signals(wish),
            wished_at=talk.when.at if talk.when else None,
        ),
        consent=ConsentGiven(
            purposes, words.consent_version(), SOURCE, talk.agreed_at or wish.now
        ),
        by="customer",
    )


async def _said(wish: Wish) -> str:
    """The customer's last words: what the adviser reads on the card."""
    before = await last_said(wish.caller.id, wish.now) if wish.caller.id else []
    return BETWEEN.join([*before, mask_in_text(wish.message.text)])[-200:]


async def _signals(wish: Wish) -> tuple[str, ...]:
    """What was shown of interest so far; a lead that is open already has felt it."""
    now = wish.message.signals.kinds
    if wish.caller.leads or wish.caller.id is None:
        return now
    return (*await signals_before_lead(wish.caller.id, wish.now), *now)


def _city(wish: Wish) -> str:
    on_file = wish.caller.customer.city if wish.caller.customer else ""
    return wish.talk.city or on_file


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
