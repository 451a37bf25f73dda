"""The table of rules (texts/lexicon/customer_rules.toml): from concepts to the main intent."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bot.understanding.customer_reading import Reading
from bot.understanding.customer_words import Token
from texts import lexicon

# Where in the message a pattern holds, or None if it does not.
Term = Callable[[Reading], int | None]
NOWHERE = 10**6


@dataclass(frozen=True, slots=True)
class Rule:
    """An intent, how early it is asked for (lower first), and the patterns that show it."""

    intent: str
    tier: int
    patterns: tuple[tuple[Term, ...], ...]


def main_intent(reading: Reading) -> str:
    """The intent a person answering would act on; "other" if no rule holds."""
    best: tuple[int, int] | None = None
    intent = "other"
    for rule in _rules():
        if best and rule.tier > best[0]:
            break
        at = _earliest(rule, reading)
        if at is not None and (best is None or (rule.tier, at) < best):
            best, intent = (rule.tier, at), rule.intent
    return intent


def _earliest(rule: Rule, reading: Reading) -> int | None:
    places = [_place(pattern, reading) for pattern in rule.patterns]
    return min((p for p in places if p is not None), default=None)


def _place(pattern: tuple[Term, ...], reading: Reading) -> int | None:
    first = NOWHERE
    for term in pattern:
        at = term(reading)
        if at is None:
            return None
        first = min(first, at)
    return first


@cache
def _rules() -> tuple[Rule, ...]:
    """All rules, lowest tier first."""
    rules = [
        Rule(row["intent"], row["tier"], tuple(_pattern(written) for written in row["when"]))
        for row in lexicon.load("customer_rules")["rule"]
    ]
    return tuple(sorted(rules, key=lambda rule: rule.tier))


def _pattern(written: str) -> tuple[Term, ...]:
    return tuple(_term(term) for term in written.split())


def _term(written: str) -> Term:
    if written.startswith("-"):
        return _absent(written[1:])
    if ">" in written:
        return _sequence(written.split(">"))
    if "+" in written:
        return _same_clause(*written.split("+"))
    if written.endswith("*2"):
        return _two_different(written[:-2])
    return _present(written)


def _present(concept: str) -> Term:
    def term(reading: Reading) -> int | None:
        tokens = reading.by_concept.get(concept)
        return tokens[0].start if tokens else None

    return term


def _absent(concept: str) -> Term:
    return lambda reading: None if concept in reading.by_concept else NOWHERE


def _two_different(concept: str) -> Term:
    def term(reading: Reading) -> int | None:
        tokens = reading.by_concept.get(concept, [])
        return tokens[0].start if len({t.value for t in tokens}) > 1 else None

    return term


def _same_clause(one: str, other: str) -> Term:
    def term(reading: Reading) -> int | None:
        clauses = {reading.clauses[t.start] for t in reading.by_concept.get(other, [])}
        tokens = reading.by_concept.get(one, [])
        return next((t.start for t in tokens if reading.clauses[t.start] in clauses), None)

    return term


def _sequence(concepts: list[str]) -> Term:
    def term(reading: Reading) -> int | None:
        starts = reading.by_concept.get(concepts[0], [])
        return next((t.start for t in starts if _continues(reading, t, concepts[1:])), None)

    return term


def _continues(reading: Reading, token: Token, concepts: list[str]) -> bool:
    if not concepts:
        return True
    return any(
        _is_near(reading.text, token, following) and _continues(reading, following, concepts[1:])
        for following in reading.by_concept.get(concepts[0], [])
    )


def _is_near(text: str, token: Token, following: Token) -> bool:
    gap = text[token.end : following.start]
    reach: int = lexicon.load("customer_rules")["reach"]
    near = token.end <= following.start <= token.end + reach
    return near and not _sentence_end().search(gap)


@cache
def _sentence_end() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(lexicon.load('customer_rules')['sentence_ends'])}]")
