"""What a message says beside its intent, as far as a conversation needs it."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

from bot.understanding.catalogue import Catalogue
from bot.understanding.normalise import normalise
from domain.conversation import Heard
from texts import lexicon

MOST_BESIDES = 2  # characters beside a name in a message that is only that name
_SPACE = re.compile(r"\s+")
_WORDS = re.compile(r"\w")


def overheard(text: str, heard: Heard, catalogue: Catalogue) -> Heard:
    """The message with what else it says; any string is accepted."""
    plain = _SPACE.sub("", normalise(text).text)
    after_all = _says("after_all", plain)
    whatever = _says("whatever", plain) and not _says("negated", plain)
    return replace(
        heard,
        intent="test_drive" if after_all and heard.intent == "other" else heard.intent,
        never_mind=(heard.never_mind or _says("drops", plain)) and not after_all,
        no=heard.no and not after_all and not whatever,
        cancels=heard.cancels and not after_all,
        cannot_come=heard.cannot_come and not after_all,
        agrees=_says("agrees", plain) and not heard.no,
        why_number=_says("why_number", plain),
        keeps_number=_says("keeps_number", plain) and not heard.phone,
        whatever=whatever,
        as_before=_says("as_before", plain),
        reschedules=heard.reschedules or (_says("shifts", plain) and heard.intent != "stock"),
        bare=_is_bare(plain, heard, catalogue),
        nods=bool(text.strip()) and _nods(plain),
        here=_says("here", plain),
        asks_mine=_says("asks_mine", plain) and not _says("not_of_a_drive", plain),
        about=_first("about", plain),
        detail=_detail(plain),
        features=tuple(name for name in _table("features") if _fits("features", name, plain)),
        advice=_says("advice", plain),
    )


def feature_words(feature: str) -> list[str]:
    """What a car's highlights or its drive say if it has the feature."""
    return list(_table("feature_words")[feature])


def _is_bare(text: str, heard: Heard, catalogue: Catalogue) -> bool:
    """Whether the message names a time, or a car, and nothing else."""
    if heard.when:
        return _says("time_only", text)
    named = catalogue.find(text)
    return len(named) == 1 and len(text) - (named[0].end - named[0].start) <= MOST_BESIDES


def _detail(text: str) -> str:
    """What of a car is asked about; the word that stands first in the text."""
    details = _table("details")
    known = {word: word for word in details["words"]} | details["means"]
    found = [
        (text.index(word), -len(word), meant) for word, meant in known.items() if word in text
    ]
    return min(found)[2] if found else ""


def _nods(text: str) -> bool:
    """Short words of no content, or a smile and nothing else."""
    words = _table("nods")
    bare = re.sub(str(_table("nods_besides")), "", text)
    return text in words or bare in words or not _WORDS.search(text)


def _first(table: str, text: str) -> str:
    return next((name for name in _table(table) if _fits(table, name, text)), "")


def _says(name: str, text: str) -> bool:
    return bool(_pattern(name).search(text))


def _fits(table: str, name: str, text: str) -> bool:
    return bool(_pattern_in(table, name).search(text))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(str(_table(name)))


@cache
def _pattern_in(table: str, name: str) -> re.Pattern[str]:
    return re.compile(str(_table(table)[name]))


def _table(name: str) -> Any:
    return lexicon.load("customer_asides")[name]
