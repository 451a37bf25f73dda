"""Which of our models the customer of a note wants, and which rival is named."""

from datetime import datetime
from itertools import pairwise

from bot.understanding.adviser_patterns import pattern
from bot.understanding.adviser_reading import Token
from bot.understanding.normalise import Normalised

_NEAR = 3
_SLIP_REACH = 10
_REJECTING = ("reject", "reject_softly")


def wanted_models(tokens: list[Token], text: str, now: datetime) -> list[str]:
    """Codes in the order named: not the denied, not the old car, not what was given up."""
    wanted: list[str] = []
    for at, token in enumerate(tokens):
        if token.has("switch") and any(t.model for t in tokens[at + 1 :]):
            wanted.clear()
        if token.model is None or _is_rejected(tokens, at) or _is_owned(tokens, at):
            continue
        if _is_old(text[: token.start], now):
            continue
        if wanted and _is_slip(text[_end_of_model_before(tokens, at) : token.start]):
            wanted.pop()
        if token.model not in wanted:
            wanted.append(token.model)
    return wanted


def _end_of_model_before(tokens: list[Token], at: int) -> int:
    return next((t.end for t in reversed(tokens[:at]) if t.model), 0)


def _is_slip(between: str) -> bool:
    """ "探岳 不对 是探歌": the one before was not meant."""
    return len(between) <= _SLIP_REACH and pattern("slip").search(between) is not None


def names_wish(tokens: list[Token]) -> bool:
    """Whether the note says that the customer wants or looks at one of our models."""
    pairs = pairwise(tokens)
    return any(b.model and a.has("want", "switch") and b.start - a.end <= _NEAR for a, b in pairs)


def find_rival(sentence: Normalised, tokens: list[Token]) -> str | None:
    """The rival that was bought or chosen, else the first one named, as it was typed.

    The old car and what was turned down do not count.
    """
    named = [
        at
        for at, token in enumerate(tokens)
        if token.has("rival_brand", "rival_model")
        and not _is_rejected(tokens, at)
        and (_is_bought(tokens, at) or not _is_owned(tokens, at))
    ]
    chosen = [at for at in named if _is_bought(tokens, at)]
    if not named:
        return None
    at = (chosen or named)[0]
    return sentence.original(tokens[at].start, _end_of_name(sentence.text, tokens, at))


def _is_bought(tokens: list[Token], at: int) -> bool:
    """ "买了二手奥迪": not the old car, whatever stands between."""
    before = tokens[max(0, at - 2) : at]
    near = [t for t in before if tokens[at].start - t.end <= _NEAR]
    return any(t.has("buy", "take", "order", "deliver", "lost") for t in near)


def _end_of_name(text: str, tokens: list[Token], at: int) -> int:
    """Maker, model and trim: "理想 l6", "奥迪q5l", "秦plus dmi"."""
    end = tokens[at].end
    for token in tokens[at + 1 : at + 3]:
        if token.start - end <= 1 and token.has("rival_model", "rival_code"):
            end = token.end
        else:
            break
    trim = pattern("trim").match(text, end)
    return trim.end() if trim else end


def _is_rejected(tokens: list[Token], at: int) -> bool:
    """ "不要探岳", "探岳太小了": denied just before, or turned down just after for another."""
    return _is_denied_before(tokens, at) or _is_turned_down_after(tokens, at)


def _is_denied_before(tokens: list[Token], at: int) -> bool:
    token, before = tokens[at], _within(tokens, at, -1)
    if before is None:
        return False
    if before.has("want") and token.start == before.end:
        denied = _within(tokens, at, -2)  # "不是要探岳"
        if denied and denied.has(*_REJECTING) and denied.end == before.start:
            return True
    if before.has(*_REJECTING) and token.start - before.end <= 1:
        return True
    return before.has("not_yet") and token.start - before.end == 1


def _is_turned_down_after(tokens: list[Token], at: int) -> bool:
    token, after = tokens[at], _within(tokens, at, 1)
    if after is None or after.start - token.end > _NEAR:
        return False
    next_one = _within(tokens, at, 2)
    if next_one and next_one.model and next_one.start == after.end:
        return False  # "探岳不要探歌": what follows is turned down
    others = any(t.model and t.model != token.model for t in tokens)
    return after.has("reject") or (others and after.has("reject_softly"))


def _is_owned(tokens: list[Token], at: int) -> bool:
    """The car the customer drives now."""
    for step in (-1, -2, -3):
        before = _within(tokens, at, step)
        if before is None or before.has("want") or before.model:
            break
        if before.has("own_car", "swap"):
            wants = _within(tokens, at, step - 1)
            gap_is_small = tokens[at].start - before.end <= 5
            new = wants is not None and wants.has("want", "model", "rival_brand", "rival_model")
            if gap_is_small and not (before.has("swap") and new):
                return True
            break
    after = _within(tokens, at, 1)
    if after is None or not after.has("own_after") or after.start - tokens[at].end > _NEAR:
        return False
    before = _within(tokens, at, -1)
    return before is None or not before.has("want")


def _is_old(before: str, now: datetime) -> bool:
    """A model year at least two years back: "12年速腾" is what they drive."""
    match = pattern("model_year").search(before)
    if match is None:
        return False
    year = int(match["year"])
    return (year if year > 100 else 2000 + year) <= now.year - 2


def _within(tokens: list[Token], at: int, step: int) -> Token | None:
    """The token `step` places away in the same clause."""
    direction = 1 if step > 0 else -1
    for index in range(at + direction, at + step + direction, direction):
        if not 0 <= index < len(tokens) or tokens[index].has("break"):
            return None
    return tokens[at + step]
