"""Slots a note states outright: which lead, which level, the deposit, the WeChat friend."""

import re
from functools import cache
from typing import Any

from bot.understanding.adviser_facts import Fact, Status
from bot.understanding.adviser_reading import Token
from bot.understanding.normalise import Normalised
from bot.understanding.numbers import Money, find_money
from bot.understanding.phones import find_phones
from texts import lexicon

_LEAST_DEPOSIT = 50
_PAID_REACH = 4


def find_lead_ref(sentence: Normalised, tokens: list[Token]) -> str | None:
    """ "#12", else the last four digits of a phone, else a person as the note names them."""
    text = sentence.text
    number = _pattern("number_ref").search(text) or _pattern("number_word_ref").search(text)
    if number:
        return f"#{number['ref']}"
    for tail in _patterns("tail_ref"):
        if match := tail.search(text):
            return match["ref"]
    phones = find_phones(text)
    if phones:
        return phones[0].digits[-4:]
    return _person(sentence, tokens)


def find_level(text: str, tokens: list[Token]) -> str | None:
    """The level stated last, as one capital letter; a car's class ("B级车") is none."""
    found: list[tuple[int, str]] = []
    rivals = {t.end for t in tokens if t.has("rival_brand", "rival_model")}
    models = {i for t in tokens if t.model for i in range(t.start, t.end)}
    for pattern in _patterns("level"):
        for match in pattern.finditer(text):
            at = match.start("level")
            if at not in rivals and at not in models:
                found.append((at, match["level"].upper()))
    return max(found)[1] if found else None


def find_deposit(text: str, tokens: list[Token], facts: list[Fact]) -> int | None:
    """What was paid, in yuan: an amount beside a deposit, or a payment for an order."""
    ordered = any(f.kind == "order" and f.status is Status.DONE for f in facts)
    taken = {i for t in tokens if t.time or t.model for i in range(t.start, t.end)}
    for money in find_money(text, bare=True):
        if not taken.isdisjoint(range(money.start, money.end)):
            continue
        if money.amount >= _LEAST_DEPOSIT and _is_deposit(text, money, tokens, facts, ordered):
            return money.amount
    return None


def has_added_wechat(text: str) -> bool:
    """Whether the customer is a WeChat friend since this contact."""
    for pattern in _patterns("wechat_added"):
        for match in pattern.finditer(text):
            before = _pattern("wechat_denied_before").search(text[: match.start()])
            after = _pattern("wechat_denied_after").match(text[match.end() :])
            if not before and not after:
                return True
    return False


def _person(sentence: Normalised, tokens: list[Token]) -> str | None:
    strangers = _data()["not_a_name"]
    taken = {i for t in tokens if t.model or t.time for i in range(t.start, t.end)}
    for name in ("person_ref", "short_person_ref", "full_name_ref"):
        for match in _pattern(name).finditer(sentence.text):
            near = sentence.text[match.start("ref") : match.end("ref") + 2]
            whole_name = name == "full_name_ref"
            if near.startswith(tuple(strangers)) or (whole_name and _is_known(match["ref"])):
                continue
            if not taken.isdisjoint(range(*match.span("ref"))):
                continue
            return sentence.original(match.start("ref"), match.end("ref"))
    return None


def _is_known(name: str) -> bool:
    """A beginning such as "高意向" or "关机" is no name: it is a word of ours."""
    return any(name.find(word) >= 0 for word in _known_words())


@cache
def _known_words() -> frozenset[str]:
    words = lexicon.load("adviser")["words"].values()
    return frozenset(word for group in words for word in group if len(word) > 1)


def _is_deposit(
    text: str, money: Money, tokens: list[Token], facts: list[Fact], ordered: bool
) -> bool:
    inside = range(money.start, money.end)
    breaks = [t.start for t in tokens if t.has("break") and t.start not in inside]
    start = max((b for b in breaks if b < money.start), default=-1) + 1
    end = min((b for b in breaks if b >= money.end), default=len(text))
    before, clause = text[start : money.start], text[start:end]
    if _pattern("not_deposit_before").search(before) or (money.bare and money.written < 50):
        return False
    here = [(i, t) for i, t in enumerate(tokens) if start <= t.start < end]
    unreal = {Status.AGREED, Status.WISHED, Status.DENIED}
    if any(f.at in dict(here) and f.kind == "order" and f.status in unreal for f in facts):
        return False
    if any(t.has("not_paid") and t.end <= money.start for _, t in here):
        return False
    if any(t.has("not_yet") and t.start >= money.end for _, t in here):
        return False
    if any(word in clause for word in _data()["deposit_words"]):
        return True
    return ordered and before.rstrip().endswith(tuple(_data()["pay_words"]))


def _data() -> dict[str, Any]:
    data: dict[str, Any] = lexicon.load("adviser")["patterns"]
    return data


def _pattern(name: str) -> re.Pattern[str]:
    return _patterns(name)[0]


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    data = _data()
    written = data[name] if isinstance(data[name], list) else [data[name]]
    for word in ("surname", "short_surname", "surname_before", "double", "wx"):
        written = [w.replace(f"{{{word}}}", data[word]) for w in written]
    written = [w.replace("{level}", data["levels"]) for w in written]
    return tuple(re.compile(w) for w in written)
