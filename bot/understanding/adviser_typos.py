"""Words as keyboards and ears mistake them, put right without moving a character."""

import re
from dataclasses import replace
from functools import cache, partial

from bot.understanding.normalise import Normalised
from texts import lexicon


def without_typos(sentence: Normalised) -> Normalised:
    """The same sentence with what was meant; every place stays where it was."""
    text = sentence.text
    for pattern, meant in _typos():
        text = pattern.sub(partial(_meant, meant), text)
    return sentence if text == sentence.text else replace(sentence, text=text)


def _meant(meant: str, found: re.Match[str]) -> str:
    """ "{0}" stands for what comes before the last character."""
    return meant.replace("{0}", found.group()[:-1])


@cache
def _typos() -> tuple[tuple[re.Pattern[str], str], ...]:
    written: dict[str, str] = lexicon.load("adviser")["typos"]
    return tuple((re.compile(pattern), meant) for pattern, meant in written.items())
