"""Of the models a customer names: the wanted ones, the one in the garage, the ones waved off."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

from bot.understanding.catalogue import Mention
from texts import lexicon

Stance = Literal["wanted", "owned", "declined"]


def stances(text: str, mentions: Sequence[Mention], others: Sequence[int]) -> list[Stance]:
    """The stance towards each mention in normalised text.

    `others` are the places where cars of other makes are named: who swaps one car for another
    has the first and wants the second.
    """
    places = sorted({*others, *(m.start for m in mentions)})
    return [_stance(text, m, [p for p in places if p >= m.end]) for m in mentions]


def _stance(text: str, mention: Mention, later: Sequence[int]) -> Stance:
    before, after = text[max(0, mention.start - 16) : mention.start], text[mention.end :]
    if _pattern("declined", "after").search(after):
        return "declined"
    owned = _pattern("owned", "before").search(before)
    if owned and not _pattern("owned", "before_not").search(before):
        return "owned"
    if _pattern("owned", "after").search(after):
        return "owned"
    if later and _pattern("owned", "for_another").search(text[mention.end : later[0]]):
        return "owned"
    return "wanted"


@cache
def _pattern(section: str, name: str) -> re.Pattern[str]:
    return re.compile(lexicon.load("customer_grammar")[section][name])
