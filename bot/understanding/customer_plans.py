"""What a customer says about buying: by when, and for how much."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from bot.understanding.numbers import Money, find_durations
from texts import lexicon

# ---- by when ----


def purchase_window(text: str, now: datetime) -> int | None:
    """Days within which they want to buy, of normalised text; None if they do not say."""
    deadline = _by_length(text) or _by_day(text, now.date())
    return deadline or _by_word(text)


def _by_length(text: str) -> int | None:
    """ "三个月内" anywhere in talk of buying, or on its own."""
    if _pattern("window", "not_buying").search(text):
        return None
    for length in find_durations(text):
        rest = text[length.end :]
        within = _pattern("window", "deadline").match(rest)
        loosely = _pattern("window", "about").match(rest) or _pattern("window", "later").match(
            rest
        )
        alone = says_nothing_else(text[: length.start] + rest)
        if length.days and ((within and (alone or _buys(text))) or (loosely and _buys(text))):
            words: dict[str, int] = _window()["words"]
            return words.get(text[length.start : length.end], length.days)
    return None


def _by_day(text: str, today: date) -> int | None:
    """ "年底前", "月底买", "五一前提车": the days until then."""
    data = _window()
    for match in _until_pattern().finditer(text):
        due = match["before"] is not None
        rest = text[: match.start()] + text[match.end() :]
        asked = _pattern("window", "asked").search(text)
        if says_nothing_else(rest) if not _buys(text) else not (asked and not due):
            last = _last_day(data["until"][match["word"]], today)
            if last is not None and (due or _plans(text, match.start(), match.end())):
                return max((last - today).days, 1)
    return None


def _by_word(text: str) -> int | None:
    """ "这周就买": a word and a buying verb in one clause."""
    if _pattern("window", "asked").search(text):
        return None
    words: dict[str, int] = _window()["words"]
    for match in _word_pattern().finditer(text):
        season = _pattern("window", "season").match(text[match.end() :])
        if not season and _plans(text, match.start(), match.end()):
            return words[match.group()]
    return None


def _plans(text: str, start: int, end: int) -> bool:
    """Whether the clause around the words is about buying, or is nothing but these words."""
    left = max((text.rfind(c, 0, start) for c in _ends()), default=-1) + 1
    right = min((p for c in _ends() if (p := text.find(c, end)) >= 0), default=len(text))
    clause, rest = text[left:right], text[left:start] + text[end:right]
    days = _window()["words"].get(text[start:end], 0)
    if days == 1 and not _pattern("window", "will").search(rest):
        return False
    far = days >= _window()["far_days"]
    return _buys(clause) or (says_nothing_else(rest) and (far or _buys(text)))


def _buys(text: str) -> bool:
    return _pattern("window", "verbs").search(text) is not None


def _last_day(name: str, today: date) -> date | None:
    year, month = today.year, today.month
    match name:
        case "month":
            return _month_end(year, month)
        case "next_month":
            return _month_end(year + month // 12, month % 12 + 1)
        case "year":
            return date(year, 12, 31)
        case "next_year":
            return date(year + 1, 12, 31)
        case "next_half":
            return date(year + 1, 6, 30)
        case "half":
            return date(year if month <= 6 else year + 1, 6, 30)
        case "spring":
            return _next_spring_festival(today)
    fixed = date(year, int(name[:2]), int(name[3:]))
    return fixed if fixed >= today else fixed.replace(year=year + 1)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _next_spring_festival(today: date) -> date | None:
    days = map(date.fromisoformat, _window()["spring"]["dates"])
    return next((day for day in days if day >= today), None)


def says_nothing_else(rest: str) -> bool:
    """Whether what is left of a message is only filling words ("大概 … 吧")."""
    words = "".join(char for char in rest if char not in _ends())
    return _pattern("window", "only").match(words) is not None


# ---- for how much ----


def find_budget(text: str, amounts: Sequence[Money]) -> Money | None:
    """The first amount they want to spend on the car, in normalised text."""
    data = lexicon.load("customer_grammar")["budget"]
    for money in amounts:
        before, after = text[max(0, money.start - 14) : money.start], text[money.end :]
        if _pattern("budget", "not_before").search(before):
            continue
        if _pattern("budget", "not_after").match(after):
            continue
        named = _pattern("budget", "named").search(before)
        if money.bare:
            if named and money.amount <= data["bare_up_to"]:
                return Money(money.start, money.end, money.low * 10_000, money.high * 10_000)
            continue
        if money.amount >= data["at_least"] and (
            named
            or _pattern("budget", "before").search(before)
            or _pattern("budget", "after").match(after)
            or _about().search(text[money.start : money.end])
        ):
            return money
    return None


def _about() -> re.Pattern[str]:
    return _pattern("budget", "about")


# ---- lexicon ----


def _window() -> dict[str, Any]:
    window: dict[str, Any] = lexicon.load("customer_grammar")["window"]
    return window


def _ends() -> str:
    ends: str = lexicon.load("customer_grammar")["clause_ends"]
    return ends + " "


@cache
def _pattern(section: str, name: str) -> re.Pattern[str]:
    return re.compile(lexicon.load("customer_grammar")[section][name])


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(_any_of(_window()["words"]))


@cache
def _until_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<word>{_any_of(_window()['until'])})(?P<before>{_window()['before']})?"
    )


def _any_of(words: dict[str, Any]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
