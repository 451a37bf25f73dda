"""What the bot does next in a conversation: answer, ask for what is missing, or get it done.

Never asked is what is known; every question can be answered, corrected, put off by another
question, or dropped ("算了").
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain import talk_tasks as tasks
from domain.conversation import Heard, Known, Line, Question, Step, Talk, Task
from domain.dropping import drop
from domain.listening import TEST_DRIVE, answered
from domain.rewording import NEWS, reworded

FAQ = "faq"
FIND_DEALER = "find_dealer"
SUGGEST = "suggest"
SELLS = "sells"
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
OF_CARS = frozenset({"ask_model", "compare", FIND_DEALER, "stock", "other"})
"""Intents of somebody who looks for a car, or for a car at a store."""
OFFERED_AFTER = {
    "ask_price": Question.WANT_DRIVE,
    "ask_model": Question.WANT_DRIVE,
    "compare": Question.WANT_DRIVE,
    SELLS: Question.WANT_DRIVE,
    "promotion": Question.WANT_CONTACT,
    "finance": Question.WANT_CONTACT,
    "trade_in": Question.WANT_CONTACT,
    "stock": Question.WANT_CONTACT,
}
"""What to suggest to somebody who asked this."""
ENDS = frozenset({"lead_taken", "lead_nowhere", "thanks"})
"""Lines after which nothing is left to ask. A test drive's are an article, which stands alone."""
MISSED_TO_HELP = 2
POLITE = frozenset({"greet", "thanks"})


def next_step(before: Talk, talk: Talk, heard: Heard, known: Known) -> Step:
    """What follows from a message. `talk` is `before` with the message taken in (`listen`)."""
    step = drop(before, talk, heard, known) or _go_on(before, talk, heard, known)
    return reworded(before, heard, _with_news(before, known, step))


def _with_news(before: Talk, known: Known, step: Step) -> Step:
    """Offer to tell of news and offers where a conversation comes to its end; once in it."""
    last = step.lines[-1].key if step.lines else ""
    asks_else = step.talk.asks != Question.NONE
    if last not in ENDS or asks_else or not known.ask_news or NEWS in before.told:
        return step
    return replace(step, lines=(*step.lines, Line(NEWS)))


def _go_on(before: Talk, talk: Talk, heard: Heard, known: Known) -> Step:
    question = _question(before, talk, heard, known)
    if talk.task == Task.NONE:
        return _small_talk(before, talk, heard, known, question)
    step = tasks.go_on(replace(talk, topic=""), heard, known)
    if question:
        if before.task != step.talk.task or step.talk.task == Task.NONE:
            return replace(step, answers=question)
        lines = tuple(x for x in step.lines if x.key != "dealer_lacks" or question != SELLS)
        lines = (Line(f"back_to_{step.talk.task.value}"), *lines)
        return replace(step, answers=question, lines=lines)
    if heard.asks_mine:
        return replace(step, lines=(_mine(known, step.talk), *step.lines))
    return _with_help(before, talk, heard, step)


# ── questions of the customer ────────────────────────────────────────────────────────────────


def _question(before: Talk, talk: Talk, heard: Heard, known: Known) -> str:
    """The question to be answered now, if any."""
    named = heard.intent in {"ask_model", FIND_DEALER, "other"}
    if before.topic and named and _can_answer(before.topic, talk, heard, known):
        return before.topic
    if heard.asks_mine:
        return ""
    if heard.faq:
        return FAQ
    any_will_do = before.asks == Question.MODEL and heard.whatever
    if any_will_do or _looks_for_a_car(talk, heard):
        return SUGGEST
    spoken_of = heard.dealer or (heard.here and (talk.dealer or talk.shown))
    if spoken_of and heard.models and heard.intent in OF_CARS and not heard.corrects:
        return SELLS
    if heard.place and talk.task == Task.NONE:
        return FIND_DEALER
    if heard.about and heard.intent == "other" and known.dealers:
        return FIND_DEALER
    if heard.intent not in QUESTIONS or _is_an_answer(before, talk, heard):
        return ""
    return heard.intent if _can_answer(heard.intent, talk, heard, known) else ""


def _looks_for_a_car(talk: Talk, heard: Heard) -> bool:
    """They say what a car should be, or cost, rather than which one it is."""
    if heard.models or heard.intent not in OF_CARS:
        return False
    return bool(heard.features) or heard.advice or (heard.budget > 0 and not talk.model)


def _is_an_answer(before: Talk, talk: Talk, heard: Heard) -> bool:
    """Naming a car or a town when asked for one, or to correct oneself, asks nothing."""
    if talk.task == Task.NONE:
        return False
    if heard.intent == "ask_model":
        asked = heard.corrects or before.asks == Question.MODEL
        return asked or heard.bare or talk.model != before.model
    asked = before.asks in {Question.CITY, Question.DEALER} or heard.corrects
    place = asked or talk.city != before.city or bool(heard.phone)
    return heard.intent == FIND_DEALER and place and not heard.about


def _can_answer(question: str, talk: Talk, heard: Heard, known: Known) -> bool:
    if question in OF_A_MODEL:
        return bool(heard.models or talk.model)
    if question == FIND_DEALER:
        return bool(talk.city or known.position or known.dealers)
    return True


def _small_talk(before: Talk, talk: Talk, heard: Heard, known: Known, question: str) -> Step:
    """Nothing to get done: answer, and suggest what may come next."""
    rest = _resting(before, talk)
    if question:
        return _answered(rest, heard, known, question)
    if heard.asks_mine:
        return Step(rest, lines=(_mine(known, rest),))
    if heard.why_number:
        return Step(rest, lines=(Line("why_number"),))
    if heard.intent in OF_A_MODEL:
        waits = replace(rest, topic=heard.intent, asks=Question.MODEL)
        return Step(waits, lines=(Line("which_model"),))
    if heard.intent == FIND_DEALER:
        waits = replace(rest, topic=heard.intent, asks=Question.CITY)
        return Step(waits, lines=(Line("which_city"),))
    if heard.agrees:
        return Step(rest, lines=(Line("agrees_to_what"),))
    if heard.yes or heard.nods:
        return Step(rest, lines=(Line("fine"),))
    if heard.intent in POLITE:
        return Step(rest, lines=(Line(heard.intent),))
    return _not_known(before, rest)


def _resting(before: Talk, talk: Talk) -> Talk:
    """Nothing pending, unless they kept their number and may yet agree."""
    rest = tasks.at_rest(talk)
    if before.asks != Question.AFTER_ALL:
        return rest
    return replace(rest, asks=before.asks, when=before.when, purpose_told=before.purpose_told)


def _answered(rest: Talk, heard: Heard, known: Known, question: str) -> Step:
    offer = OFFERED_AFTER.get(question, Question.NONE)
    if question == "ask_model" and heard.detail:
        offer = Question.WANT_CONTACT
    if offer == Question.WANT_DRIVE and (known.booked or not rest.model):
        offer = Question.NONE
    lines = (Line(f"offer_{offer.value}", {"model": rest.model}),) if offer else ()
    rest = replace(rest, asks=offer, when=None) if offer else rest
    return Step(rest, answers=question, lines=lines)


def _not_known(before: Talk, rest: Talk) -> Step:
    """Say so; the second time in a row in fewer words, with a person to ask."""
    missed = before.missed + 1
    key = "unknown_again" if missed >= MISSED_TO_HELP else "unknown"
    # A question about a topic stays open when the answer was not understood.
    asks = before.asks if before.topic else rest.asks
    kept = replace(rest, topic=before.topic, asks=asks, missed=missed)
    return Step(kept, lines=(Line(key),))


def _mine(known: Known, talk: Talk) -> Line:
    """The test drive they have, or as far as it has come."""
    if known.booked:
        return Line("mine", tasks.facts_of(known.booked))
    if talk.held:
        dealer, model, at = talk.held.split("|")
        about = {"dealer": dealer, "model": model, "at": datetime.fromisoformat(at)}
        return Line("only_held", about)
    return Line("not_yet_booked" if talk.task == Task.DRIVE else "nothing_booked")


# ── inside a task ────────────────────────────────────────────────────────────────────────────


def _with_help(before: Talk, talk: Talk, heard: Heard, step: Step) -> Step:
    """Say so when a message was not understood; after two of them offer a person."""
    if (heard.why or heard.why_number) and step.talk.asks != Question.NONE:
        return replace(step, lines=(Line("why_number"), *step.lines))
    if step.talk.asks == Question.NONE or step.talk.asks != before.asks:
        return step
    if heard.intent == TEST_DRIVE and talk.task == Task.DRIVE:
        return step
    if heard.nods:
        return Step(replace(before, missed=0), lines=(Line("no_hurry"),))
    if answered(before, talk, heard) or heard.bare or heard.yes:
        return replace(step, talk=replace(step.talk, missed=0))
    if heard.intent in POLITE:
        return replace(step, lines=(Line(f"{heard.intent}_short"), *step.lines))
    missed = before.missed + 1
    key = "offer_person" if missed >= MISSED_TO_HELP else "not_understood"
    lines = (Line(key), *step.lines)
    return replace(step, talk=replace(step.talk, missed=missed), lines=lines)
