"""The regular expressions of the adviser lexicon, filled in and compiled once."""

import re
from functools import cache
from typing import Any

from texts import lexicon

_PIECES = ("surname", "short_surname", "surname_before", "double", "wx", "levels")


def words(name: str) -> list[str]:
    """A plain word list kept beside the patterns."""
    listed: list[str] = lexicon.load("adviser")["patterns"][name]
    return listed


@cache
def patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """All patterns of this name, in the order of the lexicon."""
    data: dict[str, Any] = lexicon.load("adviser")["patterns"]
    written = data[name] if isinstance(data[name], list) else [data[name]]
    for piece in _PIECES:
        written = [text.replace(f"{{{piece}}}", data[piece]) for text in written]
    return tuple(re.compile(text) for text in written)


def pattern(name: str) -> re.Pattern[str]:
    """The one pattern of this name."""
    return patterns(name)[0]
