"""What a message changes in what a conversation knows: slots filled, corrected, chosen, agreed.

Nothing is asked or done here; `domain.next_step` does that with the result.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.conversation import OFFERS, Booked, Heard, Question, Talk, Task, When

TEST_DRIVE = "test_drive"
LEAVE_CONTACT = "leave_contact"
PLAIN = frozenset({TEST_DRIVE, LEAVE_CONTACT, "other", "greet", "thanks"})
"""Intents whose times and cars are about the task; others ask about something on the way."""
DRIVE = "drive"
"""In `Talk.told`: their own test drive was spoken of."""


def listen(talk: Talk, heard: Heard, booked: Booked | None, now: datetime) -> Talk:
    """The conversation with everything the message tells it."""
    task = _task(talk, heard, booked)
    goes_on = task == talk.task or talk.asks == Question.AFTER_ALL
    started = replace(talk, task=task, when=talk.when if goes_on else None)
    talk = _place(_model(started, heard), heard)
    return _person(_time(talk, heard, booked), heard, now)


def _task(talk: Talk, heard: Heard, booked: Booked | None) -> Task:
    if heard.never_mind or heard.no or heard.cancels or heard.cannot_come or heard.asks_mine:
        return talk.task
    if heard.why_number and not heard.phone:
        return talk.task
    if talk.task == Task.NONE and booked and heard.faq:
        return talk.task
    if talk.task == Task.NONE and booked and _corrects_the_booking(talk, heard):
        return Task.MOVE
    if talk.asks == Question.MOVE_OR_CANCEL and booked:
        moves = heard.reschedules or heard.when or heard.choice == 1
        return Task.MOVE if moves else talk.task
    if heard.intent == TEST_DRIVE or (talk.asks == Question.WANT_DRIVE and heard.yes):
        moves = heard.reschedules and booked is not None and talk.task != Task.DRIVE
        return Task.MOVE if moves or talk.task == Task.MOVE else Task.DRIVE
    if talk.asks == Question.AFTER_ALL and (heard.agrees or heard.phone):
        return Task.DRIVE if talk.when else Task.CONTACT
    if talk.task == Task.NONE:
        wants = heard.intent == LEAVE_CONTACT or bool(heard.phone)
        if wants or (talk.asks == Question.WANT_CONTACT and heard.yes):
            return Task.CONTACT
    return talk.task


def _corrects_the_booking(talk: Talk, heard: Heard) -> bool:
    """ "10点" or "改晚一点" right after it was said when the test drive is."""
    spoken_of = DRIVE in talk.told[-1:]
    return heard.reschedules or (spoken_of and heard.bare and heard.when is not None)


def _model(talk: Talk, heard: Heard) -> Talk:
    """A car named on the way ("对了，探岳多少钱") does not change the one to be driven."""
    if not heard.models:
        return talk
    meant = heard.intent in PLAIN or heard.corrects or talk.asks == Question.MODEL
    if meant or not talk.model or talk.task == Task.NONE:
        return replace(talk, model=heard.models[0])
    return talk


def _place(talk: Talk, heard: Heard) -> Talk:
    if heard.city and heard.city != talk.city:
        talk = replace(talk, city=heard.city, dealer="")
    if heard.place:
        talk = replace(talk, city="", dealer="")
    if heard.dealer or (heard.here and talk.shown):
        talk = replace(talk, dealer=heard.dealer or talk.dealer or talk.shown)
    if talk.asks == Question.DEALER and (chosen := _chosen(talk, heard)):
        talk = replace(talk, dealer=chosen)
    return talk


def _time(talk: Talk, heard: Heard, booked: Booked | None) -> Talk:
    if talk.task not in {Task.DRIVE, Task.MOVE}:
        return talk
    if talk.asks == Question.TIME and (chosen := _chosen(talk, heard)):
        return replace(talk, when=When(datetime.fromisoformat(chosen)))
    if heard.as_before and talk.held:
        return replace(talk, when=When(datetime.fromisoformat(talk.held.rpartition("|")[2])))
    if heard.reschedules and heard.when is None and talk.task == Task.DRIVE:
        return replace(talk, when=None)
    asked = talk.asks == Question.TIME or heard.corrects
    if heard.when is None or not (heard.intent in PLAIN or asked or heard.bare):
        return talk
    return replace(talk, when=_same_day(talk, heard.when, booked))


def _same_day(talk: Talk, when: When, booked: Booked | None) -> When:
    """ "三点" belongs to the day that was spoken of, or to the offered time it names."""
    if when.said_day:
        return when
    offered = [datetime.fromisoformat(at) for at in talk.offered if talk.asks == Question.TIME]
    same = [at for at in offered if at.time() == when.at.time()]
    if same:
        return When(same[0])
    if talk.when:
        return when.on(talk.when.at.date())
    if talk.task == Task.MOVE and booked:
        return when.on(booked.start_at.date())
    return when.on(offered[0].date()) if offered else when


def _chosen(talk: Talk, heard: Heard) -> str:
    """What a number, or a yes to the only offer, stands for."""
    if 1 <= heard.choice <= len(talk.offered):
        return talk.offered[heard.choice - 1]
    any_will_do = heard.whatever or (heard.yes and len(talk.offered) == 1)
    return talk.offered[0] if any_will_do and talk.offered else ""


def _person(talk: Talk, heard: Heard, now: datetime) -> Talk:
    talk = replace(
        talk,
        phone=heard.phone or talk.phone,
        name=heard.name or talk.name,
        window_days=heard.window_days or talk.window_days,
        budget=heard.budget or talk.budget,
        finance=heard.finance or talk.finance,
        trade_in=heard.trade_in or talk.trade_in,
    )
    asked = talk.asks == Question.CONSENT and heard.yes
    if (asked or (heard.agrees and talk.purpose_told)) and not heard.no:
        return replace(talk, agreed_at=talk.agreed_at or now)
    return talk


def answered(before: Talk, after: Talk, heard: Heard) -> bool:
    """Whether the message did anything about what was asked."""
    if before.asks in OFFERS or before.asks == Question.NONE:
        return True
    told = _slots(after)
    was = _slots(before)
    agrees = heard.yes and before.asks in {Question.CONSENT, Question.CONFIRM}
    return told != was or agrees or heard.place


def _slots(talk: Talk) -> tuple[object, ...]:
    person = (talk.name, talk.phone, talk.agreed_at)
    return (talk.model, talk.city, talk.dealer, talk.when, *person)
