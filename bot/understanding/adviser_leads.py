"""One message about several leads, cut into one note for each."""

import re

from bot.understanding.adviser_patterns import pattern
from bot.understanding.adviser_reading import Token
from bot.understanding.adviser_slots import find_lead_ref
from bot.understanding.normalise import Normalised, normalise

_NO_TOKENS: list[Token] = []
_STRONG_END = re.compile(r"[\n。;；!！]")
_ANY_END = re.compile(r"[\n。;；!！,，\s]+")
_NUMBERED = re.compile(r"#\s?\d+|\d{4}(?!\d)")


def split_by_lead(text: str) -> list[str]:
    """The notes in `text`, each about one lead; `[text]` unless each part names its own lead.

    After a full stop or a line break a name may open the next note; after a comma or a space
    only "#12" or four digits may, because names also occur inside a note.
    """
    starts = [0]
    for end in _ANY_END.finditer(text):
        rest = normalise(text[end.end() : end.end() + 24])
        strong = _STRONG_END.search(end.group()) is not None
        if _opens_note(rest, by_name=strong):
            starts.append(end.end())
    ends = [*starts[1:], len(text)]
    notes = [text[start:end].strip(" ,，;；。\n") for start, end in zip(starts, ends, strict=True)]
    refs = [find_lead_ref(normalise(note), _NO_TOKENS) for note in notes]
    separate = len(notes) > 1 and all(refs) and len(set(refs)) == len(refs)
    return notes if separate else [text]


def is_called(name: str, ref: str) -> bool:
    """Whether a customer of this name may be meant: 张伟 by 张伟, 张先生, 小张, not by 张三丰."""
    if ref in name:
        return True
    double = pattern("double").match(name)
    surname = double[0] if double else name[:1]
    if pattern("short_person_ref").fullmatch(ref):
        return ref[1:] == surname
    return ref.startswith(surname) and pattern("person_ref").fullmatch(ref) is not None


def _opens_note(rest: Normalised, *, by_name: bool) -> bool:
    ref = find_lead_ref(rest, _NO_TOKENS)
    if ref is None:
        return False
    if _NUMBERED.match(rest.text):
        return True
    return by_name and rest.text.startswith(normalise(ref).text)
