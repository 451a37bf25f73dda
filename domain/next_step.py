"""What the bot does next in a conversation: answer, ask for what is missing, or get it done.

Never asked is what is known; every question can be answered, corrected, put off by another
question, or dropped ("算了").
"""

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
from domain.listening import TEST_DRIVE, answered

FAQ = "faq"
FIND_DEALER = "find_dealer"
QUESTIONS = frozenset(
    {
        "ask_price",
        "ask_model",
        "compare",
        "promotion",
        "finance",
        "trade_in",
        "stock",
        FIND_DEALER,
    }
)
"""What is answered from catalogue, policy and organisation."""
OF_A_MODEL = frozenset({"ask_price"})
"""Questions that have no answer without a model."""
OFFERED_AFTER = {
    "ask_price": Question.WANT_DRIVE,
    "ask_model": Question.WANT_DRIVE,
    "compare": Question.WANT_DRIVE,
    "promotion": Question.WANT_CONTACT,
    "finance": Question.WANT_CONTACT,
    "trade_in": Question.WANT_CONTACT,
    "stock": Question.WANT_CONTACT,
}
"""What to suggest to somebody who asked this."""
MISSED_TO_HELP = 2


def next_step(before: Talk, talk: Talk, heard: Heard, known: Known) -> Step:
    """What follows from a message. `talk` is `before` with the message taken in (`listen`)."""
    dropped = _drop(before, talk, heard, known)
    if dropped:
        return dropped
    question = _question(before, talk, heard, known)
    if talk.task == Task.NONE:
        return _small_talk(before, talk, heard, known, question)
    step = tasks.go_on(replace(talk, topic=""), heard, known)
    if question:
        if before.task != step.talk.task or step.talk.task == Task.NONE:
            return replace(step, answers=question)
        lines = (Line(f"back_to_{step.talk.task.value}"), *step.lines)
        return replace(step, answers=question, lines=lines)
    return _with_help(before, talk, heard, step)


# ── dropping and calling off ─────────────────────────────────────────────────────────────────


def _drop(before: Talk, talk: Talk, heard: Heard, known: Known) -> Step | None:
    """The customer wants it no more: the talk, or the test drive they have."""
    calls_off = heard.cancels or heard.cannot_come
    if before.asks == Question.MOVE_OR_CANCEL and known.booked:
        if heard.cancels or heard.choice == len(before.offered):
            return _called_off(talk, known.booked)
        if heard.never_mind or heard.no:
            line = Line("booking_stays", tasks.facts_of(known.booked))
            return Step(tasks.at_rest(talk), lines=(line,))
    of_it = heard.intent == TEST_DRIVE and talk.task != Task.DRIVE
    if calls_off and known.booked and (of_it or talk.task == Task.NONE):
        sure = heard.cancels
        return _called_off(talk, known.booked) if sure else tasks.move_or_cancel(talk, known)
    if calls_off and talk.task == Task.NONE and heard.intent == TEST_DRIVE:
        return Step(tasks.at_rest(talk), lines=(Line("nothing_booked"),))
    if before.asks == Question.CONFIRM and heard.no and not heard.never_mind:
        again = replace(talk, when=None, held="")
        return _give_back(before, tasks.go_on(again, heard, known))
    if before.asks in {Question.CONSENT, Question.PHONE} and heard.no:
        return _give_back(before, Step(tasks.at_rest(talk), lines=(Line("not_agreed"),)))
    if heard.never_mind or calls_off or (heard.no and before.asks in OFFERS):
        pending = bool(before.task or before.topic or before.asks)
        line = Line("never_mind" if pending else "fine")
        return _give_back(before, Step(tasks.at_rest(talk), lines=(line,)))
    return None


def _called_off(talk: Talk, booked: Booked) -> Step:
    line = Line("cancelled", tasks.facts_of(booked))
    return Step(tasks.at_rest(talk), lines=(line,), orders=(Order.CANCEL,))


def _give_back(before: Talk, step: Step) -> Step:
    """Free the place that was held, unless another one is held now."""
    if not before.held or Order.HOLD in step.orders:
        return step
    return replace(step, orders=(Order.GIVE_BACK, *step.orders))


# ── questions of the customer ────────────────────────────────────────────────────────────────


def _question(before: Talk, talk: Talk, heard: Heard, known: Known) -> str:
    """The question to be answered now, if any."""
    named = heard.intent in {"ask_model", FIND_DEALER, "other"}
    if before.topic and named and _can_answer(before.topic, talk, heard, known):
        return before.topic
    if heard.faq:
        return FAQ
    if heard.place and talk.task == Task.NONE:
        return FIND_DEALER
    if heard.intent not in QUESTIONS or _is_an_answer(before, talk, heard):
        return ""
    return heard.intent if _can_answer(heard.intent, talk, heard, known) else ""


def _is_an_answer(before: Talk, talk: Talk, heard: Heard) -> bool:
    """Naming a car or a town when asked for one, or to correct oneself, asks nothing."""
    if talk.task == Task.NONE:
        return False
    if heard.intent == "ask_model":
        return heard.corrects or before.asks == Question.MODEL or talk.model != before.model
    asked = before.asks in {Question.CITY, Question.DEALER} or heard.corrects
    place = asked or talk.city != before.city or bool(heard.phone)
    return heard.intent == FIND_DEALER and place


def _can_answer(question: str, talk: Talk, heard: Heard, known: Known) -> bool:
    if question in OF_A_MODEL:
        return bool(heard.models or talk.model)
    if question == FIND_DEALER:
        return bool(talk.city or known.position or known.dealers)
    return True


def _small_talk(before: Talk, talk: Talk, heard: Heard, known: Known, question: str) -> Step:
    """Nothing to get done: answer, and suggest what may come next."""
    rest = tasks.at_rest(talk)
    if question:
        offer = OFFERED_AFTER.get(question, Question.NONE)
        if offer == Question.WANT_DRIVE and (known.booked or not talk.model):
            offer = Question.NONE
        lines = (Line(f"offer_{offer.value}"),) if offer else ()
        return Step(replace(rest, asks=offer), answers=question, lines=lines)
    if heard.intent in OF_A_MODEL:
        waits = replace(rest, topic=heard.intent, asks=Question.MODEL)
        return Step(waits, lines=(Line("which_model"),))
    if heard.intent == FIND_DEALER:
        waits = replace(rest, topic=heard.intent, asks=Question.CITY)
        return Step(waits, lines=(Line("which_city"),))
    if heard.intent in {"greet", "thanks"}:
        return Step(rest, lines=(Line(heard.intent),))
    if heard.yes:
        return Step(rest, lines=(Line("fine"),))
    return Step(replace(rest, topic=before.topic, asks=_still(before)), lines=(Line("unknown"),))


def _still(before: Talk) -> Question:
    """A question about a topic stays open when the answer was not understood."""
    return before.asks if before.topic else Question.NONE


def _with_help(before: Talk, talk: Talk, heard: Heard, step: Step) -> Step:
    """Say so when a message was not understood; after two of them offer a person."""
    if step.talk.asks == Question.NONE or step.talk.asks != before.asks:
        return step
    if answered(before, talk, heard):
        return replace(step, talk=replace(step.talk, missed=0))
    if heard.why and step.talk.asks in {Question.CONSENT, Question.PHONE}:
        return replace(step, lines=(Line("why_number"), *step.lines))
    missed = before.missed + 1
    key = "offer_person" if missed >= MISSED_TO_HELP else "not_understood"
    lines = (Line(key), *step.lines)
    return replace(step, talk=replace(step.talk, missed=missed), lines=lines)
