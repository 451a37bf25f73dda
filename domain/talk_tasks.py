"""What a customer and the bot get done together, step by step: a test drive, another time, a call.

Each function looks at what is still missing and asks for exactly that, or gives the orders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.conversation import Booked, Heard, Known, Line, Order, Question, Step, Talk, Task

MOST_CHOICES = 4


def go_on(talk: Talk, heard: Heard, known: Known) -> Step:
    """The next step of the open task."""
    return _TASKS[talk.task](talk, heard, known)


def at_rest(talk: Talk) -> Talk:
    """Nothing pending; what the customer is interested in stays, their number does not."""
    return Talk(
        model=talk.model,
        city=talk.city,
        dealer=talk.dealer,
        window_days=talk.window_days,
        budget=talk.budget,
        finance=talk.finance,
        trade_in=talk.trade_in,
        told=talk.told,
        shown=talk.shown,
    )


def _drive(talk: Talk, heard: Heard, known: Known) -> Step:
    """Book a test drive: model, dealer, time; then consent, number, and a yes."""
    booked = known.booked
    if booked and talk.model in ("", booked.model):
        return move_or_cancel(talk, known)
    if not talk.model:
        return _ask(talk, Question.MODEL, Line("drive_which_model"))
    lacks = f"lacks|{known.lacks}|{talk.model}"
    if known.lacks and lacks not in talk.told:
        step = _drive(replace(talk, told=(*talk.told, lacks)), heard, known)
        line = Line("dealer_lacks", {"dealer": known.lacks, "model": talk.model})
        return replace(step, lines=(line, *step.lines))
    dealer = chosen_dealer(talk, known.dealers)
    if not dealer:
        return _where(talk, known)
    return _drive_at(replace(talk, dealer=dealer), heard, known)


def _drive_at(talk: Talk, heard: Heard, known: Known) -> Step:
    """The car and the dealer are chosen: which time?"""
    if not known.slots:
        return _no_slots(talk, heard, known)
    if talk.when is None or not talk.when.is_exact or talk.when.at not in known.slots:
        return _offer_times(talk, known)
    return _agree(talk, heard, known, talk.when.at)


def _agree(talk: Talk, heard: Heard, known: Known, start_at: datetime) -> Step:
    """Everything is chosen: hold the place, and get what is still needed to book it."""
    about: dict[str, object] = {"model": talk.model, "dealer": talk.dealer, "at": start_at}
    held = f"{talk.dealer}|{talk.model}|{start_at.isoformat()}"
    hold = () if talk.held == held else (Order.HOLD,)
    confirmed = talk.asks == Question.CONFIRM and heard.yes and not hold
    talk = replace(talk, held=held)
    if missing := _missing(talk, known, "drive", about):
        return replace(missing, orders=hold)
    if confirmed or talk.phone or talk.agreed_at:
        lines = (Line("booked", about),)
        return Step(at_rest(talk), lines=lines, orders=(Order.LEAD, Order.BOOK))
    return replace(_ask(talk, Question.CONFIRM, Line("drive_confirm", about)), orders=hold)


def _contact(talk: Talk, heard: Heard, known: Known) -> Step:
    """Leave a number: agreement, number; then it is a lead, and only then which town."""
    dealer = chosen_dealer(talk, known.dealers)
    if not talk.city:  # in a town the intake shares leads out; elsewhere the best one gets it
        dealer = dealer or next(iter(known.dealers), "")
    about = {"dealer": dealer}
    if missing := _missing(talk, known, "contact", about):
        return missing
    rest = replace(at_rest(talk), dealer=dealer)
    if dealer or talk.city:
        return Step(rest, lines=(Line("lead_taken", about),), orders=(Order.LEAD,))
    asks = _ask(replace(rest, task=Task.PLACE), Question.CITY, Line("lead_taken_where"))
    return replace(asks, orders=(Order.LEAD,))


def _place(talk: Talk, heard: Heard, known: Known) -> Step:
    """Now that the number is left: the dealer it goes to."""
    if not known.unplaced:
        return Step(at_rest(talk), lines=(Line("fine"),))
    if known.dealers:
        dealer = chosen_dealer(talk, known.dealers) or known.dealers[0]
        rest = replace(at_rest(talk), dealer=dealer)
        return Step(rest, lines=(Line("lead_taken", {"dealer": dealer}),), orders=(Order.PLACE,))
    if talk.city:
        return Step(at_rest(talk), lines=(Line("lead_nowhere", {"city": talk.city}),))
    return _ask(talk, Question.CITY, Line("lead_taken_where"))


def _move(talk: Talk, heard: Heard, known: Known) -> Step:
    """Another time for the test drive that is booked."""
    if known.booked is None:
        return Step(at_rest(talk), lines=(Line("nothing_booked"),))
    if not known.slots:
        return Step(at_rest(talk), lines=(Line("no_slots", {"dealer": known.booked.dealer}),))
    if talk.when and talk.when.is_exact and talk.when.at in known.slots:
        about = {**facts_of(known.booked), "at": talk.when.at}
        return Step(at_rest(talk), lines=(Line("moved", about),), orders=(Order.MOVE,))
    return _offer_times(talk, known)


# ── questions of the bot ─────────────────────────────────────────────────────────────────────


def _ask(talk: Talk, question: Question, line: Line, offered: Sequence[str] = ()) -> Step:
    return Step(replace(talk, asks=question, offered=tuple(offered), missed=0), lines=(line,))


def _missing(talk: Talk, known: Known, what: str, about: Mapping[str, object]) -> Step | None:
    """Agreement first, then the number; neither if it is on file."""
    has_phone = known.has_phone or bool(talk.phone)
    if not (known.may_share or talk.agreed_at):
        key = f"{what}_consent" if not talk.phone else f"{what}_consent_phone"
        return _ask(talk, Question.CONSENT, Line(key, about))
    return None if has_phone else _ask(talk, Question.PHONE, Line("ask_phone"))


def chosen_dealer(talk: Talk, dealers: Sequence[str]) -> str:
    """The dealer they chose if it has the car, or the only one there is."""
    if talk.dealer in dealers:
        return talk.dealer
    return dealers[0] if len(dealers) == 1 else ""


def _where(talk: Talk, known: Known) -> Step:
    if known.dealers:
        shown = known.dealers[:MOST_CHOICES]
        return _ask(talk, Question.DEALER, Line("which_dealer", {"dealers": shown}), shown)
    if talk.city or known.position:
        line = Line("no_dealer", {"city": talk.city, "model": talk.model})
        return _ask(replace(talk, city="", dealer=""), Question.CITY, line)
    return _ask(talk, Question.CITY, Line("drive_which_city"))


def _offer_times(talk: Talk, known: Known) -> Step:
    shown = sorted(known.slots[:MOST_CHOICES])
    key = "which_time"
    if talk.when:
        key = "time_taken" if talk.when.is_exact else "choose_time"
    about: dict[str, object] = {"times": shown, "dealer": talk.dealer, "model": talk.model}
    line = Line(key, {**about, "at": talk.when.at} if talk.when else about)
    return _ask(talk, Question.TIME, line, [at.isoformat() for at in shown])


def _no_slots(talk: Talk, heard: Heard, known: Known) -> Step:
    """Nothing free for weeks: an adviser finds a way."""
    step = _contact(replace(talk, task=Task.CONTACT, when=None), heard, known)
    return replace(step, lines=(Line("no_slots", {"dealer": talk.dealer}), *step.lines))


def move_or_cancel(talk: Talk, known: Known) -> Step:
    """They have a test drive already: another time, or none?"""
    rest = at_rest(talk)
    line = Line("already_booked", facts_of(known.booked) if known.booked else {})
    return _ask(rest, Question.MOVE_OR_CANCEL, line, ("move", "cancel"))


def without_booking(step: Step) -> Step:
    """The step for somebody who turns out to have this test drive already."""
    orders = tuple(order for order in step.orders if order != Order.BOOK)
    line = Line("booked_before", {"model": step.talk.model})
    return replace(step, lines=(line,), orders=(*orders, Order.GIVE_BACK))


def facts_of(booked: Booked) -> dict[str, object]:
    """A test drive as the lines speak of it."""
    return {"model": booked.model, "dealer": booked.dealer, "at": booked.start_at}


_TASKS: dict[Task, Callable[[Talk, Heard, Known], Step]] = {
    Task.DRIVE: _drive,
    Task.MOVE: _move,
    Task.CONTACT: _contact,
    Task.PLACE: _place,
}
