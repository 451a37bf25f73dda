"""When a customer wants less: drops what is going on, calls it off, keeps their number."""

from __future__ import annotations

from dataclasses import replace

from domain import talk_tasks as tasks
from domain.conversation import (
    OFFERS,
    Booked,
    Heard,
    Known,
    Line,
    Order,
    Question,
    Step,
    Talk,
    Task,
)
from domain.listening import TEST_DRIVE

NUMBER = frozenset({Question.CONSENT, Question.PHONE})
DECLINED = OFFERS | {Question.MODEL, Question.CITY}
OTHERS = {Question.TIME: "other_time", Question.DEALER: "other_dealer"}
"""What to say to somebody who likes none of what is offered."""


def drop(before: Talk, talk: Talk, heard: Heard, known: Known) -> Step | None:
    """What follows if the customer wants it no more; None if that is not what they say."""
    if heard.faq and not (heard.never_mind or heard.cancels):
        return None
    for look in (_number, _booking, _offered):
        if step := look(before, talk, heard, known):
            return step
    calls_off = heard.cancels or heard.cannot_come
    declines = heard.no and before.asks in DECLINED and talk == before
    if heard.never_mind or calls_off or declines:
        return _give_back(before, Step(tasks.at_rest(talk), lines=(_parting(before, known),)))
    return None


def _number(before: Talk, talk: Talk, heard: Heard, known: Known) -> Step | None:
    """They keep their number, or do not agree to pass it on: nothing of it is kept."""
    if heard.keeps_number and not known.has_phone:
        dealer = talk.dealer or tasks.chosen_dealer(talk, known.dealers)
        line = Line("keeps_number_at", {"dealer": dealer}) if dealer else Line("keeps_number")
        return _give_back(before, Step(_put_off(before), lines=(line,)))
    if before.asks in NUMBER and heard.no:
        return _give_back(before, Step(_put_off(before), lines=(Line("not_agreed"),)))
    return None


def _put_off(before: Talk) -> Talk:
    """Without the number, but "同意" after all takes up the same time."""
    when = before.when if before.task == Task.DRIVE else None
    told = before.purpose_told
    return replace(tasks.at_rest(before), asks=Question.AFTER_ALL, when=when, purpose_told=told)


def _booking(before: Talk, talk: Talk, heard: Heard, known: Known) -> Step | None:
    """The test drive they have: called off at a word, or asked about first."""
    calls_off = heard.cancels or heard.cannot_come
    if before.asks == Question.MOVE_OR_CANCEL and known.booked:
        if heard.cancels or heard.choice == len(before.offered):
            return _called_off(talk, known.booked)
        if heard.never_mind or heard.no or heard.as_before:
            return _stays(talk, known.booked)
    if known.booked and before.task == Task.MOVE:
        if heard.cancels:  # the change, or the drive?
            return tasks.move_or_cancel(talk, known)
        if heard.as_before or heard.never_mind:
            return _stays(talk, known.booked)
    of_it = heard.intent == TEST_DRIVE and talk.task != Task.DRIVE
    if calls_off and known.booked and (of_it or talk.task == Task.NONE):
        sure = heard.cancels
        return _called_off(talk, known.booked) if sure else tasks.move_or_cancel(talk, known)
    if calls_off and talk.task == Task.NONE and heard.intent == TEST_DRIVE:
        return Step(tasks.at_rest(talk), lines=(Line("nothing_booked"),))
    return None


def _offered(before: Talk, talk: Talk, heard: Heard, known: Known) -> Step | None:
    """None of these times, stores: others; the held time is wrong: free it and ask anew."""
    if heard.never_mind or not (heard.no or heard.reschedules):
        return None
    if before.asks == Question.CONFIRM and heard.no:
        again = replace(talk, when=None, held="")
        return _give_back(before, tasks.go_on(again, heard, known))
    if before.asks in OTHERS and talk == before:
        return Step(before, lines=(Line(OTHERS[before.asks]),))
    return None


def _called_off(talk: Talk, booked: Booked) -> Step:
    line = Line("cancelled", tasks.facts_of(booked))
    return Step(tasks.at_rest(talk), lines=(line,), orders=(Order.CANCEL,))


def _stays(talk: Talk, booked: Booked) -> Step:
    return Step(tasks.at_rest(talk), lines=(Line("booking_stays", tasks.facts_of(booked)),))


def _parting(before: Talk, known: Known) -> Line:
    if before.task in {Task.DRIVE, Task.CONTACT}:
        return Line(f"never_mind_{before.task.value}")
    pending = bool(before.task or before.topic or before.asks)
    return Line("never_mind" if pending else "fine")


def _give_back(before: Talk, step: Step) -> Step:
    """Free the place that was held, unless another one is held now."""
    if not before.held or Order.HOLD in step.orders:
        return step
    return replace(step, orders=(Order.GIVE_BACK, *step.orders))
