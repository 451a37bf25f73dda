"""Phrases of a note that compose too freely to be listed, found by pattern."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from texts import lexicon


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase at `text[start:end]` and all it may do in a sentence."""

    kinds: frozenset[str]
    start: int
    end: int


def find_phrases(text: str, table: Literal["phrases", "reasons"] = "phrases") -> list[Phrase]:
    """The phrases of the normalised text, left to right; where two overlap, the longer one."""
    found = sorted(_all_in(text, table), key=lambda p: (p.start - p.end, p.start))
    kept: list[Phrase] = []
    for phrase in found:
        if all(phrase.end <= other.start or other.end <= phrase.start for other in kept):
            kept.append(phrase)
    return sorted(kept, key=lambda p: p.start)


def _all_in(text: str, table: str) -> Iterator[Phrase]:
    for kinds, pattern in _patterns(table):
        for match in pattern.finditer(text):
            yield Phrase(kinds, *match.span())


@cache
def _patterns(table: str) -> tuple[tuple[frozenset[str], re.Pattern[str]], ...]:
    data = lexicon.load("adviser_phrases")
    inside = rf"[^\s{re.escape(lexicon.load('adviser')['marks']['clause_ends'])}]"
    compiled = []
    for kinds, written in data[table].items():
        joined = "|".join(f"(?:{phrase})" for phrase in written)
        for name, words in data["parts"].items():
            joined = joined.replace(f"{{{name}}}", f"(?:{'|'.join(words)})")
        compiled.append((frozenset(kinds.split()), re.compile(joined.replace(r"\S", inside))))
    return tuple(compiled)
