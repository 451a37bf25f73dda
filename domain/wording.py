"""Words with blanks: `{name}` is filled in; a [part] with a blank nobody can fill is left out, or
says what follows its bar: `[{model}|这款车]`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

_FIELD = re.compile(r"\{(\w+)\}")
_PART = re.compile(r"\[([^\[\]]*)\]")
_MARK = re.compile(r"[{}\[\]]")


def filled(template: str, values: Mapping[str, str]) -> str:
    """The words with what is known. What is not known is empty, also in values."""

    def value(field: re.Match[str]) -> str:
        return values.get(field[1], "")

    pieces, at = [], 0
    for part in _PART.finditer(template):
        pieces.append(_FIELD.sub(value, template[at : part.start()]))
        said = part[1].split("|")
        known = (words for words in said if all(map(values.get, _FIELD.findall(words))))
        pieces.append(_FIELD.sub(value, next(known, "")))
        at = part.end()
    pieces.append(_FIELD.sub(value, template[at:]))
    return "".join(pieces)


def faults_of(template: str, known: Collection[str]) -> Iterator[str]:
    """What is wrong with a template that may use the fields `known`."""
    for name in dict.fromkeys(_FIELD.findall(template)):
        if name not in known:
            yield f"there is no {{{name}}}; there are {', '.join(sorted(known))}"
    if any(_MARK.search(_FIELD.sub("", piece)) for piece in _PART.split(template)):
        yield "has a bracket or brace without its other half"
