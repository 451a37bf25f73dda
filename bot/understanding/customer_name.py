"""What a customer is called, as they write it."""

import re
from functools import cache

from bot.understanding.customer_grammar import grammar, pattern
from bot.understanding.phones import PhoneMention


def find_name(text: str, phones: tuple[PhoneMention, ...]) -> tuple[int, int] | None:
    """Where the writer's name stands in normalised text, or None.

    Found if it is introduced ("我姓李", "我叫李雷"), carries a title ("王女士"), or stands by
    itself next to a phone number.
    """
    return _introduced_name(text) or _titled_name(text) or _name_beside(text, phones)


def _introduced_name(text: str) -> tuple[int, int] | None:
    for match in _introduced().finditer(text):
        group = "name" if match["name"] else "surname"
        if not _is_none(text, match.start(group)):
            return match.span(group)
    return None


def _titled_name(text: str) -> tuple[int, int] | None:
    for match in _titled().finditer(text):
        if not pattern("name", "not_the_writer").search(text[: match.start()]):
            return match.span()
    return None


def _name_beside(text: str, phones: tuple[PhoneMention, ...]) -> tuple[int, int] | None:
    if not phones:
        return None
    blank = list(text)
    for phone in phones:
        blank[phone.start : phone.end] = " " * (phone.end - phone.start)
    for match in _alone().finditer("".join(blank)):
        if not _is_none(text, match.start("name")):
            return match.span("name")
    return None


def _is_none(text: str, start: int) -> bool:
    """Whether an everyday word that begins like a surname stands there."""
    return text.startswith(_everyday(), start)


@cache
def _everyday() -> tuple[str, ...]:
    return tuple(grammar("name")["not_names"])


@cache
def _surname() -> str:
    data = grammar("name")
    return f"(?:{'|'.join(data['double_surnames'])}|[{data['surnames']}])"


@cache
def _title() -> str:
    return f"(?:{'|'.join(grammar('name')['titles'])})"


@cache
def _introduced() -> re.Pattern[str]:
    """ "我姓李" gives the surname only, "我叫李雷" as much of a name as stands there."""
    data = grammar("name")
    full = rf"{_surname()}(?:{_title()}|[一-鿿]{{1,2}}?)??"
    return re.compile(
        rf"(?:{data['surname_is']})(?P<surname>{_surname()}{_title()}?)"
        rf"|(?:{data['introduced']})"
        rf"(?P<name>[{data['familiar']}]?{full}|{data['nickname']}){data['stops']}"
    )


@cache
def _titled() -> re.Pattern[str]:
    return re.compile(rf"{_surname()}[一-鿿]{{0,2}}?{_title()}")


@cache
def _alone() -> re.Pattern[str]:
    familiar = rf"[{grammar('name')['familiar']}]{_surname()}"
    name = rf"{familiar}|{_surname()}[一-鿿]{{0,2}}"
    return re.compile(rf"(?:^|(?<=[^一-鿿0-9]))(?P<name>{name})(?=$|[^一-鿿])")
