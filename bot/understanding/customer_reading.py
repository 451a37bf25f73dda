"""A customer's message as concepts: what stands where, and what of it is denied."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property

from bot.understanding.catalogue import Catalogue, Mention
from bot.understanding.customer_budget import find_budget
from bot.understanding.customer_grammar import clause_ends
from bot.understanding.customer_models import Stance, stances
from bot.understanding.customer_name import find_name
from bot.understanding.customer_words import Spans, Token, without_slips, words_in
from bot.understanding.normalise import Normalised, normalise
from bot.understanding.numbers import Money, find_money
from bot.understanding.phones import PhoneMention, find_phones
from bot.understanding.times import TimeMention, future_times
from texts import lexicon

# How many characters may stand between a refusal and what it denies.
_DENIAL_REACH = 3


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
    text = without_slips(source.text)
    words = words_in(text)
    rivals = [t for t in words if t.concept == "rival"]
    theirs = Spans(rivals)
    mentions = [m for m in catalogue.find(text) if not theirs.hold_within(m.start, m.end)]
    phones = tuple(find_phones(text))
    times = tuple(future_times(text, now))
    budget = find_budget(text, find_money(text, bare=True))
    cars = _car_tokens(text, mentions, [t for t in rivals if not _overlaps(t, mentions)])
    tokens = [t for t in words if not (t.concept in _YIELDING and _overlaps(t, cars))] + cars
    tokens += [Token("car", t.start, t.end, t.value) for t in tokens if t.concept in _CARS]
    tokens += [Token("item", t.start, t.end, t.value) for t in tokens if t.concept in _ITEMS]
    tokens += [Token("phone", p.start, p.end) for p in phones]
    tokens += [Token("time", t.start, t.end) for t in times]
    tokens += [Token("budget", budget.start, budget.end)] if budget else []
    name = find_name(text, phones)
    tokens += [Token("name", *name)] if name else []
    meant = _with_denials(text, sorted(tokens, key=lambda t: (t.start, t.end)))
    return Reading(source, text, tuple(meant), phones, times, budget)


_YIELDING = {"rival", "city", "variant"}
_CARS = {"model", "rival", "owned"}
_ITEMS = {"car", "variant"}
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


def _overlaps(token: Token, others: Iterable[Token | Mention]) -> bool:
    return any(token.start < o.end and o.start < token.end for o in others)


# ---- clauses and denials ----


@cache
def _clause_end() -> re.Pattern[str]:
    return re.compile(rf"[{re.escape(clause_ends())}]|(?<![a-z0-9])\s|\s(?![a-z0-9])")


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
    turning: str = lexicon.load("customer_rules")["turning"]
    return not any(c in gap for c in clause_ends() + turning)
