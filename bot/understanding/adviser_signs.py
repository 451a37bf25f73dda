"""The small words around an event that say whether it was, will be, or is not."""

import re
from functools import cache
from typing import Any

from bot.understanding.adviser_patterns import pattern
from bot.understanding.adviser_reading import Token
from texts import lexicon

_OBJECT_REACH = 3
_PLACE_REACH = 6


def is_complete(tokens: list[Token], at: int) -> bool:
    """Whether "了", "过", "完" and the like say that it is over."""
    token = tokens[at]
    aspects = lexicon.load("adviser")["words"]["aspect"]
    if token.has("seen", "buy") or token.text.endswith(tuple(aspects)):
        return True
    after = next_in_clause(tokens, at)
    if after and after.has("model") and after.start - token.end <= 1:
        token, after = after, next_in_clause(tokens, at + 1)
    return after is not None and after.has("aspect") and after.start == token.end


def has_been(tokens: list[Token], at: int) -> bool:
    """ "周六来过": the weekday was the last one."""
    after = next_in_clause(tokens, at)
    near = after is not None and after.start == tokens[at].end and after.has("aspect")
    inside = mark("been_inside").search(tokens[at].text, 1) is not None
    return inside or (near and after is not None and after.text in marks()["been"])


def is_put_off(text: str, token: Token) -> bool:
    """ "到店后再定": not yet."""
    return mark("put_off").match(text[token.end : token.end + 6]) is not None


def is_due(tokens: list[Token], at: int) -> bool:
    """ "定金他明天转": a thing still to be paid."""
    after = next_in_clause(tokens, at)
    if after is None or after.time is None or after.time.at is None:
        return False
    thing = tokens[at].text in marks()["stands_for_itself"]
    return thing and after.time.kind != "deadline" and after.start - tokens[at].end <= 2


def is_car_arriving(tokens: list[Token], at: int) -> bool:
    """A car from the factory, with or without a time: "车28号到店"."""
    if tokens[at].text not in marks()["arrivals"]:
        return False
    before = at - 1
    while before >= 0 and (tokens[before].time is not None or tokens[before].has("done")):
        before -= 1
    return before >= 0 and tokens[before].has("car") and tokens[at].start - tokens[before].end < 9


def is_denied_after(tokens: list[Token], at: int) -> bool:
    """Things are denied behind them ("定金还没付"), any event is cancelled there."""
    token, after = tokens[at], next_in_clause(tokens, at)
    if after is not None and after.has("cancel", "hindered") and after.start - token.end <= 1:
        return True
    return (
        after is not None
        and token.text in marks()["things"]
        and after.has("not_yet", "not_paid")
        and after.start - token.end <= 1
    )


def is_denied_before(text: str, start: int) -> bool:
    """Whether the word that begins there is said not to be so."""
    return pattern("denied_before").search(text[:start]) is not None


def fixes_time(tokens: list[Token], at: int) -> bool:
    """ "定了周五下午" settles a time, not a car."""
    token, after = tokens[at], next_in_clause(tokens, at)
    settles = token.has("order") and token.text not in marks()["things"]
    if after is not None and after.text in marks()["today"]:
        return False  # "定了今天交的钱"
    return settles and after is not None and after.time is not None and after.start == token.end


def is_elsewhere(tokens: list[Token], at: int) -> bool:
    """Followed by another brand, or after "去" and a place."""
    token, after = tokens[at], next_in_clause(tokens, at)
    if after and after.has("aspect"):
        after = next_in_clause(tokens, at + 1)
    near = after is not None and after.start - token.end <= _OBJECT_REACH
    if near and after and after.has("rival_brand", "rival_model", "other_brand", "elsewhere"):
        return True
    before = tokens[at - 1] if at else None
    if before is None or not before.has("go"):
        return False
    return 0 < token.start - before.end <= _PLACE_REACH


def is_favoured(tokens: list[Token], at: int) -> bool:
    """ "看上了特斯拉": what is paid next is paid for that."""
    before = tokens[max(0, at - 2) : at]
    near = [t for t in before if tokens[at].start - t.start <= _PLACE_REACH]
    return any(t.text in marks()["favoured"] for t in near)


def names_model(tokens: list[Token], at: int) -> bool:
    """Whether one of our models stands right behind the event."""
    after = tokens[at + 1 : at + 3]
    return any(t.model and t.start - tokens[at].end <= _OBJECT_REACH for t in after)


def is_place_of_rival(text: str, token: Token) -> bool:
    """ "在比亚迪那边": another brand named as the place where something happens."""
    if not token.has("rival_brand", "rival_model"):
        return False
    at_it = token.start > 0 and text[token.start - 1] in marks()["at"]
    return at_it or mark("place_after").match(text, token.end) is not None


def next_in_clause(tokens: list[Token], at: int) -> Token | None:
    """The word after this one, if no comma stands between."""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    return None if after is None or after.has("break") else after


def marks() -> dict[str, Any]:
    """What adviser.toml lists for rules rather than for words."""
    listed: dict[str, Any] = lexicon.load("adviser")["marks"]
    return listed


@cache
def mark(name: str) -> re.Pattern[str]:
    """One of them that is a pattern."""
    return re.compile(marks()[name])
