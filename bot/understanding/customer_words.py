"""The words of the customer's lexicon: found in a text as tokens, each standing for a concept."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, product

import ahocorasick_rs

from bot.understanding.customer_grammar import clause_ends
from texts import lexicon


@dataclass(frozen=True, slots=True)
class Token:
    """One concept at `text[start:end]`; `value` tells apart what shares a concept."""

    concept: str
    start: int
    end: int
    value: str = ""
    denied: bool = False


class Spans:
    """Places in a text, to be asked quickly whether one of them holds another place."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        spans = sorted((t.start, t.end) for t in tokens)
        self._starts = [start for start, _ in spans]
        self._furthest = list(accumulate((end for _, end in spans), max))

    def hold(self, start: int, end: int) -> bool:
        """Whether one begins at `start` or before and reaches `end`."""
        return self._reach(bisect_right(self._starts, start)) >= end

    def hold_within(self, start: int, end: int) -> bool:
        """The same for one that is longer."""
        before = self._reach(bisect_left(self._starts, start))
        return before >= end or self._reach(bisect_right(self._starts, start)) > end

    def _reach(self, count: int) -> int:
        return self._furthest[count - 1] if count else -1


def words_in(text: str) -> list[Token]:
    """Phrases as tokens, without those that a longer phrase of their concept hides."""
    found: dict[str, list[Token]] = defaultdict(list)
    for token in _all_words_in(text):
        found[token.concept].append(token)
    kept: list[Token] = []
    for concept, tokens in found.items():
        longer, hiding = Spans(tokens), Spans(found.get(f"not_{concept}", []))
        if not concept.startswith("not_"):
            kept += [
                t
                for t in tokens
                if not longer.hold_within(t.start, t.end) and not hiding.hold(t.start, t.end)
            ]
    rivals = Spans(t for t in kept if t.concept == "rival")
    return [t for t in kept if t.concept != "city" or _is_city(text, t, rivals)]


def _all_words_in(text: str) -> Iterator[Token]:
    words = _words()
    for index, start, end in words.automaton.find_matches_as_indexes(text, overlapping=True):
        if _is_whole(text, start, end):
            for concept, value in words.meanings[index]:
                yield Token(concept, start, end, value)
    for concept, pattern in _patterns():
        for match in pattern.finditer(text):
            yield Token(concept, *match.span(), match.group())
    alone = text.strip(_blank())
    for concept, messages in lexicon.load("customer")["whole"].items():
        if alone in messages:
            yield Token(concept, 0, len(text), alone)


def without_slips(text: str) -> str:
    """Known typing slips put right; each has as many characters as what was meant."""
    pattern, typos = _slips()
    return pattern.sub(lambda found: typos[found.group()], text)


# ---- the lexicon, made ready once ----


@dataclass(frozen=True, slots=True)
class _Words:
    automaton: ahocorasick_rs.AhoCorasick
    meanings: tuple[tuple[tuple[str, str], ...], ...]


@cache
def _words() -> _Words:
    """All phrases of the lexicon in one automaton, each with its (concept, value) pairs."""
    meanings: dict[str, list[tuple[str, str]]] = defaultdict(list)
    data = lexicon.load("customer")
    for concept, phrases in data["concepts"].items():
        for phrase in phrases:
            for spelling in _expanded(phrase, data["parts"]):
                meanings[spelling].append((concept, spelling))
    for names in lexicon.load("customer_rivals")["rivals"].values():
        for name in names:
            meanings[name].append(("rival", name))
    for spelling, city in _city_spellings():
        meanings[spelling].append(("city", city))
    return _Words(
        ahocorasick_rs.AhoCorasick(list(meanings)),
        tuple(tuple(dict.fromkeys(pairs)) for pairs in meanings.values()),
    )


def _expanded(phrase: str, parts: dict[str, list[str]]) -> Iterator[str]:
    """ "{can}提车" → "能提车", "可以提车" …"""
    pieces = re.split(r"\{(\w+)\}", phrase)
    options = [parts[p] if i % 2 else [p] for i, p in enumerate(pieces)]
    return ("".join(choice) for choice in product(*options))


def _city_spellings() -> Iterator[tuple[str, str]]:
    data = lexicon.load("customer_cities")
    ambiguous = set(data["needs_suffix"]["names"])
    for city in (city for cities in data["cities"].values() for city in cities):
        if city in ambiguous:
            yield from ((city + suffix, city) for suffix in data["needs_suffix"]["suffixes"])
        else:
            yield city, city


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The lexicon's regular expressions, one per concept."""
    data = lexicon.load("customer")
    parts = {f"{{{name}}}": f"(?:{'|'.join(words)})" for name, words in data["parts"].items()}
    inside = rf"[^\s{re.escape(clause_ends())}]"  # a phrase does not reach over a comma
    compiled = []
    for concept, patterns in data["patterns"].items():
        joined = "|".join(f"(?:{pattern})" for pattern in patterns)
        for name, words in parts.items():
            joined = joined.replace(name, words)
        compiled.append((concept, re.compile(joined.replace(r"\S", inside))))
    return tuple(compiled)


def _blank() -> str:
    return " " + clause_ends()


def _is_whole(text: str, start: int, end: int) -> bool:
    """Latin words and numbers count only whole: no "td" in "tdi"."""
    left = start > 0 and _is_latin(text[start]) and _is_latin(text[start - 1])
    right = end < len(text) and _is_latin(text[end - 1]) and _is_latin(text[end])
    return not left and not right


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _is_city(text: str, token: Token, rivals: Spans) -> bool:
    data = lexicon.load("customer_cities")["not_a_city"]
    return not (
        text.startswith(tuple(data["followed_by"]), token.end)
        or text[: token.start].endswith(tuple(data["preceded_by"]))
        or rivals.hold(token.start, token.end)
    )


@cache
def _slips() -> tuple[re.Pattern[str], dict[str, str]]:
    typos: dict[str, str] = lexicon.load("customer")["typos"]
    return re.compile("|".join(map(re.escape, typos))), typos
