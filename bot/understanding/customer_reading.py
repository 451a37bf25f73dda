"""A customer's message as concepts: which words of the lexicon stand where, which are denied."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from itertools import accumulate, product

import ahocorasick_rs

from bot.understanding.catalogue import Catalogue, Mention
from bot.understanding.customer_models import Stance, stances
from bot.understanding.customer_name import find_name
from bot.understanding.customer_plans import find_budget
from bot.understanding.normalise import Normalised, normalise
from bot.understanding.numbers import Money, find_money
from bot.understanding.phones import PhoneMention, find_phones
from bot.understanding.times import TimeMention, future_times
from texts import lexicon

_DENIAL_REACH = 3


@dataclass(frozen=True, slots=True)
class Token:
    """One concept at `text[start:end]`; `value` tells apart what shares a concept."""

    concept: str
    start: int
    end: int
    value: str = ""
    denied: bool = False


@dataclass(frozen=True)
class Reading:
    """Everything found in one message, ready for the rules and the slots."""

    source: Normalised
    text: str
    tokens: tuple[Token, ...]
    phones: tuple[PhoneMention, ...]
    times: tuple[TimeMention, ...]
    budget: Money | None

    @cached_property
    def by_concept(self) -> dict[str, list[Token]]:
        """The tokens that are meant, by concept, left to right."""
        found: dict[str, list[Token]] = defaultdict(list)
        for token in self.tokens:
            found[f"!{token.concept}" if token.denied else token.concept].append(token)
        return dict(found)

    @cached_property
    def clauses(self) -> tuple[int, ...]:
        """For every character of `text` the number of its clause."""
        return _numbered(self.text, _clause_end())

    def says(self, *concepts: str) -> bool:
        """Whether any of the concepts is said and meant."""
        return any(concept in self.by_concept for concept in concepts)


def read_message(message: str, now: datetime, catalogue: Catalogue) -> Reading:
    """Read one message of a customer; any string is accepted."""
    source = normalise(message)
    text = _without_slips(source.text)
    words = list(_words_in(text))
    rivals = [t for t in words if t.concept == "rival"]
    theirs = _Spans(rivals)
    mentions = [m for m in catalogue.find(text) if not theirs.hold_within(m.start, m.end)]
    phones = tuple(find_phones(text))
    times = tuple(future_times(text, now))
    budget = find_budget(text, find_money(text, bare=True))
    cars = _car_tokens(text, mentions, [t for t in rivals if not _overlaps(t, mentions)])
    tokens = [t for t in words if not (t.concept in _YIELDING and _overlaps(t, cars))] + cars
    tokens += [Token("item", t.start, t.end, t.value) for t in tokens if t.concept in _COMPARED]
    tokens += [Token("phone", p.start, p.end) for p in phones]
    tokens += [Token("time", t.start, t.end) for t in times]
    tokens += [Token("budget", budget.start, budget.end)] if budget else []
    name = find_name(text, phones)
    tokens += [Token("name", *name)] if name else []
    meant = _with_denials(text, sorted(tokens, key=lambda t: (t.start, t.end)))
    return Reading(source, text, tuple(meant), phones, times, budget)


_YIELDING = {"rival", "city", "variant"}
_COMPARED = {"model", "rival", "owned", "variant"}
_CONCEPT: dict[Stance, str] = {"wanted": "model", "owned": "owned", "declined": "declined"}


def _car_tokens(text: str, mentions: Sequence[Mention], rivals: Sequence[Token]) -> list[Token]:
    """Each named car by what it is to the customer; a car of another make is also a rival."""
    ours = {(m.start, m.end): m.code for m in mentions}
    places = sorted({*ours, *((t.start, t.end) for t in rivals)})
    tokens: list[Token] = []
    for (start, end), stance in zip(places, stances(text, places), strict=True):
        code = ours.get((start, end))
        if code is None:
            tokens.append(Token("rival", start, end, text[start:end]))
        if code or stance == "owned":
            tokens.append(Token(_CONCEPT[stance], start, end, code or text[start:end]))
    return tokens


class _Spans:
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


def _overlaps(token: Token, others: Iterable[Token | Mention]) -> bool:
    return any(token.start < o.end and o.start < token.end for o in others)


# ---- words ----


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


def _words_in(text: str) -> list[Token]:
    """Phrases as tokens, without those that a longer phrase of their concept hides."""
    found: dict[str, list[Token]] = defaultdict(list)
    words = _words()
    for index, start, end in words.automaton.find_matches_as_indexes(text, overlapping=True):
        if _is_whole(text, start, end):
            for concept, value in words.meanings[index]:
                found[concept].append(Token(concept, start, end, value))
    for concept, pattern in _patterns():
        for match in pattern.finditer(text):
            found[concept].append(Token(concept, *match.span(), match.group()))
    for concept, messages in lexicon.load("customer")["whole"].items():
        if text.strip(_blank()) in messages:
            found[concept].append(Token(concept, 0, len(text), text))
    kept: list[Token] = []
    for concept, tokens in found.items():
        longer, hiding = _Spans(tokens), _Spans(found.get(f"not_{concept}", []))
        if not concept.startswith("not_"):
            kept += [
                t
                for t in tokens
                if not longer.hold_within(t.start, t.end) and not hiding.hold(t.start, t.end)
            ]
    rivals = [t for t in kept if t.concept == "rival"]
    return [t for t in kept if t.concept != "city" or _is_city(text, t, rivals)]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The lexicon's regular expressions, one per concept."""
    data = lexicon.load("customer")
    parts = {f"{{{name}}}": f"(?:{'|'.join(words)})" for name, words in data["parts"].items()}
    compiled = []
    for concept, patterns in data["patterns"].items():
        joined = "|".join(f"(?:{pattern})" for pattern in patterns)
        for name, words in parts.items():
            joined = joined.replace(name, words)
        compiled.append((concept, re.compile(joined)))
    return tuple(compiled)


def _blank() -> str:
    return " " + str(lexicon.load("customer_grammar")["clause_ends"])


def _is_whole(text: str, start: int, end: int) -> bool:
    """Latin words and numbers count only whole: no "td" in "tdi"."""
    left = start > 0 and _is_latin(text[start]) and _is_latin(text[start - 1])
    right = end < len(text) and _is_latin(text[end - 1]) and _is_latin(text[end])
    return not left and not right


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _is_city(text: str, token: Token, rivals: Iterable[Token]) -> bool:
    data = lexicon.load("customer_cities")["not_a_city"]
    return not (
        text.startswith(tuple(data["followed_by"]), token.end)
        or text[: token.start].endswith(tuple(data["preceded_by"]))
        or _overlaps(token, rivals)
    )


@cache
def _slips() -> tuple[re.Pattern[str], dict[str, str]]:
    typos: dict[str, str] = lexicon.load("customer")["typos"]
    return re.compile("|".join(map(re.escape, typos))), typos


def _without_slips(text: str) -> str:
    """Known typing slips put right; each has as many characters as what was meant."""
    pattern, typos = _slips()
    return pattern.sub(lambda found: typos[found.group()], text)


# ---- clauses and denials ----


@cache
def _clause_end() -> re.Pattern[str]:
    ends = lexicon.load("customer_grammar")["clause_ends"]
    return re.compile(rf"[{re.escape(ends)}]|(?<![a-z0-9])\s|\s(?![a-z0-9])")


def _numbered(text: str, end: re.Pattern[str]) -> tuple[int, ...]:
    numbers: list[int] = []
    count = at = 0
    for match in end.finditer(text):
        numbers.extend([count] * (match.end() - at))
        count, at = count + 1, match.end()
    numbers.extend([count] * (len(text) - at))
    return tuple(numbers)


def _with_denials(text: str, tokens: list[Token]) -> Iterator[Token]:
    undeniable = frozenset(lexicon.load("customer_rules")["undeniable"])
    refusals = {t.end: t for t in tokens if t.concept == "refusal"}
    for token in tokens:
        near = (refusals.get(token.start - gap) for gap in range(_DENIAL_REACH + 1))
        denied = token.concept not in undeniable and any(
            _denies(text, refusal, token) for refusal in near if refusal
        )
        yield Token(token.concept, token.start, token.end, token.value, denied)


def _denies(text: str, refusal: Token, token: Token) -> bool:
    """A refusal does not reach over a comma or an "is", and "不" only to its neighbour."""
    gap = text[refusal.end : token.start]
    if gap and refusal.value in lexicon.load("customer_rules")["next_word_only"]:
        return False
    grammar = lexicon.load("customer_grammar")
    return not any(c in gap for c in grammar["clause_ends"] + grammar["turning"])
