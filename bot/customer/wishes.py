"""What a conversation has decided, as orders to the handlers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.understanding.customer_turn import Message
from db.queries.callers import TELLING, Caller, last_said, signals_before_lead
from domain.appointment_commands import (
    BookTestDrive,
    CancelTestDrive,
    GiveBackHold,
    HoldTestDrive,
    MoveTestDrive,
)
from domain.commands import (
    Command,
    ConsentGiven,
    HearCustomer,
    IngestLead,
    Interest,
    Person,
    TransferLead,
)
from domain.consent import CONTACT, SHARE_WITH_DEALER
from domain.conversation import Booked, Order, Step, Talk
from domain.phone import mask_in_text
from texts import talk as words

SOURCE = "official_account"
CITY_NAMED = "city_named"
BETWEEN = " / "
LONGEST_MESSAGE = 200


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
    heard = replace(heard, signals=_news(wish, heard.signals))
    lead = await _lead(wish) if _needs_lead(wish) else None
    first: list[Command] = [lead, replace(heard, signals=())] if lead else [heard]
    return [*first, *(_order(kind, wish) for kind in kinds if kind is not Order.LEAD)]


def _news(wish: Wish, signals: tuple[str, ...]) -> tuple[str, ...]:
    """What is done about a test drive says more than that it was asked for."""
    done = {Order.BOOK, Order.MOVE, Order.CANCEL} & set(wish.step.orders)
    return tuple(kind for kind in signals if not (done and kind == "asked_test_drive"))


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
        case Order.PLACE if unplaced := wish.caller.unplaced:
            dealer = wish.step.talk.dealer
            return TransferLead(unplaced.id, CITY_NAMED, "customer", dealer_code=dealer)
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
    talk = wish.talk
    purposes = (CONTACT, SHARE_WITH_DEALER) if talk.agreed_at else ()
    return IngestLead(
        source=SOURCE,
        external_id=wish.key,
        occurred_at=wish.now,
        person=Person(talk.name, wish.phone or None, _city(wish), wish.openid),
        interest=Interest(
            model=talk.model or None,
            dealer_code=wish.step.talk.dealer or None,
            purchase_window_days=talk.window_days or None,
            message=await _said(wish),
            budget=talk.budget or None,
            finance=talk.finance or None,
            trade_in=talk.trade_in or None,
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
    now = wish.message
    told = [mask_in_text(now.text)] if now.signals.kinds or len(now.text) > TELLING else []
    return BETWEEN.join([*before, *told])[-LONGEST_MESSAGE:]


async def _signals(wish: Wish) -> tuple[str, ...]:
    """What was shown of interest so far; a lead that is open already has felt it."""
    now = wish.message.signals.kinds
    if wish.caller.leads or wish.caller.id is None:
        return now
    return (*await signals_before_lead(wish.caller.id, wish.now), *now)


def _city(wish: Wish) -> str:
    return wish.talk.city or wish.caller.city
