"""Which of the times in a note is the appointment and which the next call."""

from datetime import datetime

from bot.understanding.adviser_facts import Fact, Status
from bot.understanding.adviser_reading import Token

_MEETINGS = ("visit", "come", "drive", "order", "deliver", "seen", "quote")
_NEITHER = ("busy", "until")


def assign_times(tokens: list[Token], facts: list[Fact], now: datetime) -> dict[str, datetime]:
    """`appointment_at` and `next_follow_up_at`, as far as a definite time ahead is given."""
    found: dict[str, datetime] = {}
    by_token = {fact.at: fact for fact in facts}
    for at, token in enumerate(tokens):
        if token.time is None or token.time.at is None or token.time.at <= now:
            continue
        slot = _slot(tokens, at, by_token)
        if slot:
            found.setdefault(slot, token.time.at)
    return found


def _slot(tokens: list[Token], at: int, facts: dict[int, Fact]) -> str | None:
    """Right of the time first, as Chinese has it; then left; then the neighbouring clauses."""
    here = _bounds(tokens, at)
    after = _bounds(tokens, here.stop + 1) if here.stop < len(tokens) else range(0)
    before = _bounds(tokens, here.start - 2) if here.start > 1 else range(0)
    places = (
        (range(at + 1, here.stop), True),
        (range(at - 1, here.start - 1, -1), True),
        (after, False),
        (reversed(before), True),
    )
    for place, firm_counts in places:
        for index in place:
            slot = _governs(tokens, index, facts, firm_counts)
            if slot:
                return slot if slot != "none" else None
            if tokens[index].time is not None:
                break
    agreed = any(token.has("plan_firm") for token in tokens)
    return "appointment_at" if agreed else None


def _governs(
    tokens: list[Token], index: int, facts: dict[int, Fact], firm_counts: bool
) -> str | None:
    token, fact = tokens[index], facts.get(index)
    if token.has(*_NEITHER):
        return "none"
    if fact and token.has(*_MEETINGS):
        real = fact.status in {Status.AGREED, Status.WISHED} and not fact.elsewhere
        return "appointment_at" if real else "none"
    if token.has("visit", "seen"):
        return "none"
    if token.has("follow"):
        return "next_follow_up_at"
    return "appointment_at" if firm_counts and token.has("plan_firm") else None


def _bounds(tokens: list[Token], at: int) -> range:
    """The clause around a token."""
    start = end = at
    while start > 0 and not tokens[start - 1].has("break"):
        start -= 1
    while end < len(tokens) and not tokens[end].has("break"):
        end += 1
    return range(start, end)
