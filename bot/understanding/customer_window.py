"""By when a customer says they want to buy."""

import re
from calendar import monthrange
from datetime import date, datetime
from functools import cache

from bot.understanding.customer_grammar import clause_ends, grammar, pattern
from bot.understanding.numbers import find_durations


def purchase_window(text: str, now: datetime) -> int | None:
    """Days within which they want to buy, of normalised text; None if they do not say."""
    return _by_length(text) or _by_day(text, now.date()) or _by_word(text)


def says_nothing_else(rest: str) -> bool:
    """Whether what is left of a message is only filling words ("大概 … 吧")."""
    words = "".join(char for char in rest if char not in clause_ends() and char != " ")
    return pattern("window", "only").match(words) is not None


def _by_length(text: str) -> int | None:
    """ "三个月内" in talk of buying or on its own, "半年后买"."""
    if pattern("window", "not_buying").search(text):
        return None
    for length in find_durations(text):
        rest = text[length.end :]
        within = pattern("window", "deadline").match(rest)
        loosely = pattern("window", "loosely").match(rest)
        alone = within and says_nothing_else(text[: length.start] + rest)
        if length.days and (alone or ((within or loosely) and _buys(text))):
            days: int = grammar("window")["words"].get(
                text[length.start : length.end], length.days
            )
            return days
    return None


def _by_day(text: str, today: date) -> int | None:
    """ "年底前", "月底买", "五一前提车": the days until then."""
    for match in _until().finditer(text):
        if match["before"]:
            meant = _buys(text) or says_nothing_else(_without(text, match))
        else:
            meant = not _asks_for_stock(text) and _plans(text, match)
        last = _last_day(grammar("window")["until"][match["word"]], today)
        if meant and last:
            return max((last - today).days, 1)
    return None


def _by_word(text: str) -> int | None:
    """ "这周就买": a word and a buying verb in one clause, or a far word on its own."""
    if _asks_for_stock(text):
        return None
    for match in _word().finditer(text):
        days: int = grammar("window")["words"][match.group()]
        far = days >= grammar("window")["far_days"]
        if pattern("window", "season").match(text, match.end()):
            continue
        if days == 1 and not pattern("window", "will").search(_clause_around(text, match)):
            continue
        if _plans(text, match) or (far and says_nothing_else(_clause_around(text, match))):
            return days
    return None


def _plans(text: str, match: re.Match[str]) -> bool:
    """Whether the clause is about buying, or holds only these words in talk of buying."""
    around = _clause_around(text, match)
    return _buys(around) or (says_nothing_else(around) and _buys(text))


def _clause_around(text: str, match: re.Match[str]) -> str:
    """The clause without the words themselves."""
    ends = clause_ends() + " "
    start = max((text.rfind(c, 0, match.start()) for c in ends), default=-1) + 1
    stops = [at for c in ends if (at := text.find(c, match.end())) >= 0]
    return text[start : match.start()] + text[match.end() : min(stops, default=len(text))]


def _without(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + text[match.end() :]


def _buys(text: str) -> bool:
    return pattern("window", "verbs").search(text) is not None


def _asks_for_stock(text: str) -> bool:
    return pattern("window", "asked").search(text) is not None


def _last_day(name: str, today: date) -> date | None:
    """The last day of a named span; `name` is a word of the data file or month and day."""
    year, month = today.year, today.month
    match name:
        case "month":
            return _month_end(year, month)
        case "next_month":
            return _month_end(year + month // 12, month % 12 + 1)
        case "half":
            return date(year if month <= 6 else year + 1, 6, 30)
        case "year":
            return date(year, 12, 31)
        case "next_half":
            return date(year + 1, 6, 30)
        case "next_year":
            return date(year + 1, 12, 31)
        case "spring":
            festivals = map(date.fromisoformat, grammar("window")["spring"]["dates"])
            return next((day for day in festivals if day >= today), None)
    fixed = date(year, int(name[:2]), int(name[3:]))
    return fixed if fixed >= today else fixed.replace(year=year + 1)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


@cache
def _word() -> re.Pattern[str]:
    return re.compile(_any_of(grammar("window")["words"]))


@cache
def _until() -> re.Pattern[str]:
    before = grammar("window")["before"]
    return re.compile(rf"(?P<word>{_any_of(grammar('window')['until'])})(?P<before>{before})?")


def _any_of(words: dict[str, object]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
