"""The deposit a note reports as paid, told from prices, wishes and sums still owed."""

from bot.understanding.adviser_frame import Fact, Status
from bot.understanding.adviser_patterns import pattern, words
from bot.understanding.adviser_reading import Token
from bot.understanding.numbers import Money, find_money

_LEAST_YUAN = 50
_MOST_YUAN = 50_000
_ENDS = " !~.。"


def find_deposit(text: str, tokens: list[Token], facts: list[Fact]) -> int | None:
    """The first amount in yuan that stands beside a deposit, or is a payment for an order."""
    ordered = any(f.kind == "order" and f.status is Status.DONE for f in facts)
    taken = {i for t in tokens if t.time or t.model for i in range(t.start, t.end)}
    slipped_at = -1
    for money in find_money(text, bare=True):
        start, end = _clause(money, tokens, text)
        said = _is_named(text[start : money.start], text[start:end], ordered=ordered)
        said = said or (ordered and _is_alone(text, money)) or slipped_at == money.start
        slip = pattern("money_slip").match(text, money.end) if said else None
        if slip:  # "定金两千 哦不 三千"
            slipped_at = slip.end()
            continue
        enough = money.amount >= _LEAST_YUAN and not (money.bare and money.written < _LEAST_YUAN)
        if (
            said
            and enough
            and taken.isdisjoint(range(money.start, money.end))
            and _is_paid(money, start, end, tokens, facts)
        ):
            return money.amount
    return None


def _is_alone(text: str, money: Money) -> bool:
    """ "定了 5000": a small round sum as a thought of its own, after an order."""
    before, after = text[: money.start].rstrip(" "), text[money.end :]
    alone = before != text[: money.start] and not after.strip(_ENDS)
    return alone and money.amount % 100 == 0 and money.amount <= _MOST_YUAN


def _clause(money: Money, tokens: list[Token], text: str) -> tuple[int, int]:
    inside = range(money.start, money.end)
    breaks = [t.start for t in tokens if t.has("break") and t.start not in inside]
    before = sorted((b for b in breaks if b < money.start), reverse=True)
    end = min((b for b in breaks if b >= money.end), default=len(text))
    alone = end == money.end and before and before[0] + 1 == money.start
    if alone or (
        before and pattern("money_corrected").fullmatch(text, before[0] + 1, money.start)
    ):
        before = before[1:]  # "大定已付 2万" is one thought
    return (before[0] + 1 if before else 0), end


def _is_named(before: str, clause: str, *, ordered: bool) -> bool:
    """Whether the clause calls the sum a deposit; after an order "交了5000" is enough."""
    if pattern("not_deposit_before").search(before):
        return False
    if any(word in clause for word in words("deposit_words")):
        return True
    if pattern("deposit_before").search(before):
        return True
    return ordered and before.rstrip().endswith(tuple(words("pay_words")))


def _is_paid(money: Money, start: int, end: int, tokens: list[Token], facts: list[Fact]) -> bool:
    here = {i: t for i, t in enumerate(tokens) if start <= t.start < end}
    unreal = {Status.AGREED, Status.WISHED, Status.DENIED}
    if any(f.at in here and f.kind == "order" and f.status in unreal for f in facts):
        return False
    wished = any(t.has("not_paid") and t.end <= money.start for t in here.values())
    owed = any(t.has("not_yet") and t.start >= money.end for t in here.values())
    return not wished and not owed
