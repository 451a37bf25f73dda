"""A follow-up note cut into the words the adviser grammar knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import ahocorasick_rs

from bot.understanding.adviser_phrases import find_phrases
from bot.understanding.catalogue import Catalogue
from bot.understanding.times import TimeMention, read_times
from texts import lexicon

_MASK = "\0"


@dataclass(frozen=True, slots=True)
class Token:
    """One word and all it may do in a sentence; `time` or `model` where it names one."""

    kinds: frozenset[str]
    start: int
    end: int
    text: str
    time: TimeMention | None = None
    model: str | None = None

    def has(self, *kinds: str) -> bool:
        """Whether the word can be any of these."""
        return not self.kinds.isdisjoint(kinds)


def read_tokens(text: str, now: datetime, catalogue: Catalogue) -> list[Token]:
    """Known words of the normalised text in order; times and models win over plain words."""
    named = list(_named(text, now, catalogue))
    masked = list(text)
    for token in named:
        if not token.has("vague"):
            masked[token.start : token.end] = _MASK * (token.end - token.start)
    words = _with_phrases("".join(masked))
    vague = [t for t in named if t.has("vague") and not _has_longer(t, words)]
    if any(_overlap(w, t) for w in words for t in vague):
        for token in vague:  # "元旦过后来看": no "后来" in it
            masked[token.start : token.end] = _MASK * (token.end - token.start)
        words = _with_phrases("".join(masked))
    tokens = [t for t in named if not t.has("vague")] + vague + words
    return sorted([*tokens, *_breaks(text, tokens)], key=lambda t: t.start)


def _with_phrases(text: str) -> list[Token]:
    """A phrase wins over the words it covers, a longer word over the phrase."""
    words = list(_words(text))
    found = (Token(p.kinds, p.start, p.end, text[p.start : p.end]) for p in find_phrases(text))
    phrases = [p for p in found if not _has_longer(p, words)]
    return [w for w in words if not any(_overlap(w, p) for p in phrases)] + phrases


def _has_longer(token: Token, words: list[Token]) -> bool:
    """ "明年再说" is one word of ours; the "明年" in it is then no time."""
    size = token.end - token.start
    return any(w.end - w.start > size for w in words if _overlap(w, token))


def _overlap(one: Token, other: Token) -> bool:
    return one.start < other.end and other.start < one.end


def _named(text: str, now: datetime, catalogue: Catalogue) -> Iterator[Token]:
    taken: set[int] = set()
    for mention in catalogue.find(text):
        span = range(mention.start, mention.end)
        taken.update(span)
        word = text[mention.start : mention.end]
        yield Token(frozenset({"model"}), mention.start, mention.end, word, model=mention.code)
    for time in read_times(text, now):
        if taken.isdisjoint(range(time.start, time.end)):
            kinds = frozenset({"time", "vague"} if time.at is None else {"time"})
            yield Token(kinds, time.start, time.end, text[time.start : time.end], time=time)


def _words(text: str) -> Iterator[Token]:
    automaton, kinds = _automaton()
    for index, start, end in automaton.find_matches_as_indexes(text):
        if not _glued(text, start, end):
            yield Token(kinds[index], start, end, text[start:end])


def _glued(text: str, start: int, end: int) -> bool:
    """A Latin word inside a longer Latin word is not that word."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return (_is_latin(text[start]) and _is_latin(before)) or (
        _is_latin(text[end - 1]) and _is_latin(after)
    )


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _breaks(text: str, tokens: list[Token]) -> Iterator[Token]:
    ends = frozenset(lexicon.load("adviser")["marks"]["clause_ends"])
    inside = {i for token in tokens for i in range(token.start, token.end)}
    for at, char in enumerate(text):
        if char in ends and at not in inside:
            yield Token(frozenset({"break"}), at, at + 1, char)


@cache
def _automaton() -> tuple[ahocorasick_rs.AhoCorasick, list[frozenset[str]]]:
    kinds: dict[str, set[str]] = {}
    for kind, words in lexicon.load("adviser")["words"].items():
        for word in words:
            kinds.setdefault(word, set()).add(kind)
    rivals = lexicon.load("rivals")
    for word in rivals["brands"]:
        kinds.setdefault(word, set()).add("rival_brand")
    for word in [*rivals["models"], *rivals["after_maker"], *rivals["needs_maker"]]:
        weak = word in rivals["needs_maker"] or word in rivals["after_maker"]
        kinds.setdefault(word, set()).add("rival_code" if weak else "rival_model")
    automaton = ahocorasick_rs.AhoCorasick(
        list(kinds), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
    )
    return automaton, [frozenset(k) for k in kinds.values()]
