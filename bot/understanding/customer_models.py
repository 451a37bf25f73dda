"""Of the cars a customer names: the wanted ones, the one in the garage, the ones waved off."""

from collections.abc import Sequence
from typing import Literal

from bot.understanding.customer_grammar import pattern

Stance = Literal["wanted", "owned", "declined"]


def stances(text: str, cars: Sequence[tuple[int, int]]) -> list[Stance]:
    """The stance towards each car named at `text[start:end]`, of normalised text, left to right.

    Who swaps one car for another has the first and wants the second.
    """
    return [_stance(text, cars, at) for at in range(len(cars))]


def _stance(text: str, cars: Sequence[tuple[int, int]], at: int) -> Stance:
    start, end = cars[at]
    before, after = text[max(0, start - 16) : start], text[end:]
    if pattern("declined", "after").search(after):
        return "declined"
    if at and _is_swap(text[cars[at - 1][1] : start]):
        return "wanted"
    owned = pattern("owned", "before").search(before)
    if owned and not pattern("owned", "before_not").search(before):
        return "owned"
    swapped = at + 1 < len(cars) and _is_swap(text[end : cars[at + 1][0]])
    return "owned" if swapped or pattern("owned", "after").search(after) else "wanted"


def _is_swap(between: str) -> bool:
    return pattern("owned", "for_another").search(between) is not None
