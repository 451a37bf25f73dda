"""What a short message says to a question of the bot: yes, no, never mind, the second one."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.understanding.normalise import normalise
from texts import lexicon

_PUNCTUATION = re.compile(r"[\s,.!?;:…~、。\-\"'()\[\]]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """How a message answers, whatever it was that was asked. `choice` is 0 for none."""

    yes: bool
    no: bool
    never_mind: bool
    cancels: bool
    why: bool
    corrects: bool
    choice: int


def read_reply(message: str) -> Reply:
    """Read any string; what is no short answer says nothing here."""
    text = _PUNCTUATION.sub("", normalise(message).text)
    words = lexicon.load("customer_replies")
    forms = {text, _bare(text)}
    why = any(word in text for word in words["why_inside"])
    refuses = bool(forms & _set("no")) or (_says_no(text, words) and not why)
    agrees = bool(forms & _set("yes")) or text.startswith(tuple(words["agree"]))
    return Reply(
        yes=agrees and not refuses,
        no=refuses,
        never_mind=bool(forms & _set("never_mind")),
        cancels=bool(forms & _set("cancels")),
        why=why,
        corrects=text.startswith(tuple(words["corrects_before"]))
        or any(word in text for word in words["corrects_inside"]),
        choice=_choice(text),
    )


def _says_no(text: str, words: dict[str, Any]) -> bool:
    return any(word in text for word in words["no_inside"])


def _choice(text: str) -> int:
    words = lexicon.load("customer_replies")
    found = re.fullmatch(words["choice"], _bare(text)) or re.fullmatch(words["choice"], text)
    if found is None:
        return 0
    number = found["number"]
    return int(words["digits"].get(number, number))


@cache
def _set(name: str) -> frozenset[str]:
    return frozenset(lexicon.load("customer_replies")[name])


def _bare(text: str) -> str:
    """The text without the fillers at its ends ("那好吧" → "好")."""
    found = _fillers().fullmatch(text)
    return found["core"] if found else text


@cache
def _fillers() -> re.Pattern[str]:
    words = "|".join(map(re.escape, lexicon.load("customer_replies")["fillers"]))
    return re.compile(rf"(?:{words})*(?P<core>.+?)(?:{words})*")
