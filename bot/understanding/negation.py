"""Is this word denied? A look to the left, within the clause."""

import re
from functools import cache

from texts import lexicon


def is_denied(text: str, start: int) -> bool:
    """Whether the word at `start` of the normalised text stands under a negation.

    Two negations cancel each other; questions ("有没有") and look-alikes ("不错") are none.
    """
    clause = _last_clause(text[:start])
    negations = 0
    while True:
        match = _negation_at_end().search(clause)
        if match is None:
            return negations % 2 == 1
        if not match["lookalike"]:
            negations += 1
        else:
            return negations % 2 == 1
        clause = clause[: match.start()]


def _last_clause(text: str) -> str:
    ends = lexicon.load("negation")["clause_ends"] + " "
    return re.split(rf"[{re.escape(ends)}]", text[-24:])[-1]


@cache
def _negation_at_end() -> re.Pattern[str]:
    data = lexicon.load("negation")
    before, lookalike, between = (
        "|".join(sorted(data[key], key=len, reverse=True))
        for key in ("before", "not_a_negation", "between")
    )
    return re.compile(rf"(?:(?P<lookalike>{lookalike})|(?:{before}))(?:{between}){{0,3}}$")
