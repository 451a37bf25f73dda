"""Mobile numbers in any writing: full-width, spaced, dashed, read aloud, with +86."""

import re
from dataclasses import dataclass
from functools import cache

from texts import lexicon


@dataclass(frozen=True, slots=True)
class PhoneMention:
    """Where a number stands in the normalised text, and its eleven digits."""

    start: int
    end: int
    digits: str


def find_phones(text: str) -> list[PhoneMention]:
    """Chinese mobile numbers in normalised text, left to right."""
    spoken: dict[str, str] = lexicon.load("numbers")["phone"]["spoken"]
    found: list[PhoneMention] = []
    for match in _pattern().finditer(text):
        digits = "".join(spoken.get(c, c) for c in match["number"] if c in spoken or c.isdigit())
        found.append(PhoneMention(match.start(), match.end(), digits))
    return found


@cache
def _pattern() -> re.Pattern[str]:
    """First digit 1, second 3 to 9, eleven in all, and no twelfth."""
    data = lexicon.load("numbers")["phone"]
    digit = rf"[0-9{''.join(data['spoken'])}]"
    gap = rf"[{re.escape(data['between'])}]{{0,2}}"
    one = "".join(["1", *(c for c, d in data["spoken"].items() if d == "1")])
    second = "3456789" + "".join(c for c, d in data["spoken"].items() if d in "3456789")
    return re.compile(
        rf"(?<![0-9])(?:\+?0{{0,2}}86{gap})?"
        rf"(?P<number>[{one}]{gap}[{second}](?:{gap}{digit}){{9}})(?!{digit})"
    )
