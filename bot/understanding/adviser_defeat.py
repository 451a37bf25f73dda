"""Why a lead was lost: the cause that was named, else what it was lost to."""

from functools import cache

import ahocorasick_rs

from bot.understanding.adviser_phrases import find_phrases
from texts import lexicon

_CAUSES = ("price", "finance", "stock", "distance", "product", "service", "brand")
_FALLBACKS = ("no_need", "refuses_contact", "competitor", "timing")


def find_reason(text: str, *, bought: bool, rival: bool, unreachable: bool) -> str | None:
    """A reason of the reason tree for a lost lead, or None if the note names none.

    A cause beats the place of purchase: who went to a rival "because it is too dear" is lost on
    price.
    """
    named = _named(text)
    for reason in named:
        if reason in _CAUSES or (reason == "family" and _family_said_no(text)):
            return reason
    if bought:
        return "bought_elsewhere"
    for reason in _FALLBACKS:
        if reason in named:
            return reason
    if rival:
        return "competitor"
    return "other" if unreachable or "other" in named else None


def _family_said_no(text: str) -> bool:
    return any(word in text for word in lexicon.load("adviser")["reasons"]["family_veto"])


def _named(text: str) -> list[str]:
    """Every reason named, in the order of the text."""
    automaton, reasons = _automaton()
    words = automaton.find_matches_as_indexes(text)
    found = [(start, reasons[index]) for index, start, _ in words if reasons[index]]
    for phrase in find_phrases(text, "reasons"):
        found += [(phrase.start, kind) for kind in phrase.kinds]
    return [reason for _, reason in sorted(found)]


@cache
def _automaton() -> tuple[ahocorasick_rs.AhoCorasick, list[str]]:
    """Words to reasons; a longer harmless word hides a cause inside it."""
    data = lexicon.load("adviser")
    words = dict.fromkeys([*data["words"]["other_brand"], *data["reasons"]["harmless"]], "")
    for reason in (*_CAUSES, "family", *_FALLBACKS, "other"):
        words.update(dict.fromkeys(data["reasons"][reason], reason))
    automaton = ahocorasick_rs.AhoCorasick(
        list(words), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
    )
    return automaton, list(words.values())
