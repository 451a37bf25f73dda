"""Of the cars a customer names: the wanted ones, the one in the garage, the ones waved off."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import zip_longest
from typing import Literal

from texts import lexicon

Stance = Literal["wanted", "owned", "declined"]


def stances(text: str, cars: Sequence[tuple[int, int]]) -> list[Stance]:
    """The stance towards each car named at `text[start:end]`, of normalised text, left to right.

    Who swaps one car for another has the first and wants the second.
    """
    later_starts = [start for start, _ in cars[1:]]
    return [
        _stance(text, start, end, later) for (start, end), later in zip_longest(cars, later_starts)
    ]


def _stance(text: str, start: int, end: int, later: int | None) -> Stance:
    before, after = text[max(0, start - 16) : start], text[end:]
    if _pattern("declined", "after").search(after):
        return "declined"
    owned = _pattern("owned", "before").search(before)
    if owned and not _pattern("owned", "before_not").search(before):
        return "owned"
    if _pattern("owned", "after").search(after):
        return "owned"
    if later is not None and _pattern("owned", "for_another").search(text[end:later]):
        return "owned"
    return "wanted"


@cache
def _pattern(section: str, name: str) -> re.Pattern[str]:
    return re.compile(lexicon.load("customer_grammar")[section][name])
