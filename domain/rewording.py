"""Nothing is said twice in the same words: what was told of late is remembered.

An answer the customer has read comes in another form, an offer they did not take up is not made
again at once, and an open question is repeated in few words.
"""

from __future__ import annotations

from dataclasses import replace

from domain.conversation import Heard, Line, Question, Step, Talk
from domain.listening import DRIVE, answered

REMEMBERED = 6
OFFER = "offer_want_"
NEWS = "offer_news"
ASKING = frozenset(
    {
        "which_model",
        "which_city",
        "drive_which_model",
        "drive_which_city",
        "no_dealer",
        "lead_taken_where",
        "which_dealer",
        "which_time",
        "choose_time",
        "time_taken",
        "drive_consent",
        "drive_consent_phone",
        "contact_consent",
        "contact_consent_phone",
        "ask_phone",
        "drive_confirm",
        "already_booked",
    }
)
"""Lines that ask a question which has a short form, `again_…`."""
SAYS_WHAT_FOR = "_consent"
EXPLAINED = frozenset({"why_number"})
"""Lines that explain, and have another form, `…_again`."""
ABOUT_THEIR_DRIVE = frozenset({"booked", "moved", "mine", "booking_stays"})


def reworded(before: Talk, heard: Heard, step: Step) -> Step:
    """The step in the words that fit what was said before."""
    mark = _mark_of(step, heard)
    again = bool(mark) and mark in before.told and not heard.models
    lines = tuple(_once_more(line, before) for line in step.lines)
    if step.answers:
        lines = tuple(line for line in lines if not _is_stale(line, before))
    if _asks_the_same(before, step, heard):
        lines = (*_noted(before, heard, step), *lines[:-1], _short(step, lines[-1]))
    marks = [mark, *(_mark_of_line(line) for line in step.lines)]
    told = (*step.talk.told, *filter(None, marks))[-REMEMBERED:]
    purpose = step.talk.purpose_told or any(SAYS_WHAT_FOR in line.key for line in lines)
    pending = bool(step.talk.task) or step.talk.asks == Question.AFTER_ALL
    talk = replace(step.talk, told=told, purpose_told=purpose and pending)
    if len(lines) < len(step.lines) and before.asks != talk.asks:
        talk = replace(talk, asks=Question.NONE)  # an offer that is not made is not open
    return replace(step, talk=talk, again=again, lines=lines)


def _mark_of(step: Step, heard: Heard) -> str:
    if not step.answers:
        return ""
    return "|".join([step.answers, step.talk.model, heard.detail, heard.about, heard.faq])


def _mark_of_line(line: Line) -> str:
    if line.key in ABOUT_THEIR_DRIVE:
        return DRIVE
    marked = line.key.startswith(OFFER) or line.key == NEWS or line.key in EXPLAINED
    return line.key if marked else ""


def _once_more(line: Line, before: Talk) -> Line:
    """An explanation they have read, in other words."""
    read = line.key in EXPLAINED and line.key in before.told
    return replace(line, key=f"{line.key}_again") if read else line


def _is_stale(line: Line, before: Talk) -> bool:
    return line.key.startswith(OFFER) and line.key in before.told


def _asks_the_same(before: Talk, step: Step, heard: Heard) -> bool:
    """Whether this very question, about the same choice, was the last thing asked."""
    after, last = step.talk, step.lines[-1] if step.lines else None
    if last is None or last.key not in ASKING or after.asks != before.asks:
        return False
    if last.key == "time_taken" and heard.when:
        return False  # that the time they named is taken is news
    was = (before.offered, before.held, before.dealer, before.city, before.task)
    return was == (after.offered, after.held, after.dealer, after.city, after.task)


def _short(step: Step, line: Line) -> Line:
    """Consent is asked for again in the form of its line: for a drive or a call, with a number."""
    asks = step.talk.asks
    return replace(line, key=f"again_{line.key if asks == Question.CONSENT else asks.value}")


def _noted(before: Talk, heard: Heard, step: Step) -> tuple[Line, ...]:
    """What they told instead of the answer was heard."""
    alone = not step.answers and len(step.lines) == 1
    told = bool(heard.name or heard.phone or heard.when or heard.models)
    return (Line("noted"),) if alone and told and answered(before, step.talk, heard) else ()
