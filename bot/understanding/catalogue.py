"""Which models of the brand a sentence names, however they are written."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ahocorasick_rs

from bot.understanding.normalise import normalise
from texts import lexicon


@dataclass(frozen=True, slots=True)
class ModelNames:
    """One model line and everything it is called."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A model named at `text[start:end]` of the normalised text."""

    code: str
    start: int
    end: int


class Catalogue:
    """The names of all models, ready to be found; build it once and keep it."""

    def __init__(self, models: Sequence[ModelNames]) -> None:
        data = lexicon.load("models")
        self._fillers = frozenset(data["fillers"])
        self._sounds = str.maketrans({c: group[0] for group in data["sound_alike"] for c in group})
        self._everyday = tuple(data["everyday"])
        self._comparing = frozenset(data["comparing"])
        names = {spelling: m.code for m in models for spelling in self._spellings(m)}
        self._codes = list(names.values())
        self.codes = frozenset(self._codes)
        self._exact = _automaton(names)
        self._by_sound = _automaton(name.translate(self._sounds) for name in names)

    def find(self, text: str) -> list[Mention]:
        """Mentions in normalised text, left to right, the longest name at each place."""
        places = [i for i, char in enumerate(text) if char not in self._fillers]
        squeezed = "".join(text[i] for i in places)
        found = self._matches(self._exact, squeezed, text, places)
        sounded = self._matches(self._by_sound, squeezed.translate(self._sounds), text, places)
        found.extend(m for m in sounded if not self._is_everyday(text, m))
        return _longest_first(found)

    def _spellings(self, model: ModelNames) -> Iterable[str]:
        for name in (model.name, *model.aliases):
            spelling = "".join(c for c in normalise(name).text if c not in self._fillers)
            if len(spelling) > 1:
                yield spelling

    def _matches(
        self, automaton: ahocorasick_rs.AhoCorasick, squeezed: str, text: str, places: list[int]
    ) -> list[Mention]:
        found: list[Mention] = []
        for index, first, after in automaton.find_matches_as_indexes(squeezed, overlapping=True):
            start, end = places[first], places[after - 1] + 1
            if _has_edges(text, start, end) and not self._is_comparison(text, start, end):
                found.append(Mention(self._codes[index], start, end))
        return found

    def _is_comparison(self, text: str, start: int, end: int) -> bool:
        """The two characters of "高7" inside "提高7%" are no nickname."""
        return (
            end - start == 2
            and not text[start].isascii()
            and text[end - 1].isdigit()
            and (text[start - 1 : start] in self._comparing)
        )

    def _is_everyday(self, text: str, mention: Mention) -> bool:
        around = text[max(0, mention.start - 1) : mention.end + 1]
        return any(word in around for word in self._everyday)


def load_catalogue(path: Path | str) -> Catalogue:
    """Read `[[model]]` tables with `code`, `name`, `aliases` from a TOML file."""
    with Path(path).open("rb") as file:
        rows = tomllib.load(file)["model"]
    return Catalogue(
        [ModelNames(row["code"], row["name"], tuple(row.get("aliases", ()))) for row in rows]
    )


def _automaton(names: Iterable[str]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(list(names))


def _has_edges(text: str, start: int, end: int) -> bool:
    """A name that begins or ends in Latin or digits is not part of a longer word."""
    before, after = text[start - 1 : start], text[end : end + 1]
    glued_before = _is_latin(text[start]) and _is_latin(before)
    glued_after = _is_latin(text[end - 1]) and _is_latin(after)
    return not glued_before and not glued_after


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _longest_first(mentions: list[Mention]) -> list[Mention]:
    """Of overlapping mentions the longest stays; of equally long ones the first."""
    kept: list[Mention] = []
    taken: set[int] = set()
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start)):
        places = range(mention.start, mention.end)
        if taken.isdisjoint(places):
            kept.append(mention)
            taken.update(places)
    return sorted(kept, key=lambda m: m.start)
