"""How much a customer says they want to spend on the car."""

from collections.abc import Sequence

from bot.understanding.customer_grammar import clause_ends, grammar, pattern
from bot.understanding.numbers import Money

_LOOK_BACK = 14


def find_budget(text: str, amounts: Sequence[Money]) -> Money | None:
    """The first amount in normalised text that is a budget, not a deposit or a discount."""
    return next((found for money in amounts if (found := _as_budget(text, money))), None)


def _as_budget(text: str, money: Money) -> Money | None:
    before, after = text[max(0, money.start - _LOOK_BACK) : money.start], text[money.end :]
    if pattern("budget", "not_before").search(before):
        return None
    if pattern("budget", "not_after").match(after):
        return None
    named = pattern("budget", "named").search(before) is not None
    if money.bare:
        named = named or pattern("budget", "counted").match(text[money.start :]) is not None
        ten_thousands = named and money.amount <= grammar("budget")["bare_up_to"]
        return _in_ten_thousands(money) if ten_thousands else None
    said = (
        named
        or pattern("budget", "before").search(before)
        or pattern("budget", "after").match(after)
        or pattern("budget", "about").search(text[money.start : money.end])
        or _is_alone(text, money)
    )
    return money if said and money.amount >= grammar("budget")["at_least"] else None


def _is_alone(text: str, money: Money) -> bool:
    """A round sum that is a clause of its own ("想买个车 10来万")."""
    before, after = text[: money.start].rstrip(" "), text[money.end :].lstrip(" ")
    starts = not before or before[-1] in clause_ends() or before != text[: money.start]
    ends = not after or after[0] in clause_ends() or after != text[money.end :]
    about = pattern("budget", "round").search(text[money.start : money.end])
    return bool(starts and ends and about)


def _in_ten_thousands(money: Money) -> Money:
    return Money(money.start, money.end, money.low * 10_000, money.high * 10_000)
