"""One way of writing for every sentence: half-width, simplified, lower case, no emoji."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

from texts import lexicon

_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Sk"}
_MAX_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Normalised:
    """A sentence as the grammar reads it, with the way back to what was typed.

    `origin[i]` is the place in `raw` of the i-th character of `text`.
    """

    text: str
    raw: str
    origin: tuple[int, ...]

    def original(self, start: int, end: int) -> str:
        """What was typed where `text[start:end]` stands."""
        if start >= end:
            return ""
        typed = self.raw[self.origin[start] : self.origin[end - 1] + 1]
        return "".join(char for char in typed if char.isprintable())


def normalise(text: str) -> Normalised:
    """NFKC, traditional to simplified, lower-case Latin, emoji and invisible characters dropped.

    Any string is accepted; what follows the first 2,000 characters is not read.
    """
    raw = text[:_MAX_CHARS].encode("utf-8", "replace").decode()  # a lone surrogate becomes "?"
    pieces: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(_without_emoticons(raw)):
        piece = _plain(char)
        pieces.append(piece)
        origin.extend([at] * len(piece))
    return Normalised("".join(pieces), raw, tuple(origin))


@lru_cache(maxsize=20_000)
def _plain(char: str) -> str:
    if char in "\t\n\r\v\f":
        return "\n" if char == "\n" else " "
    folded = unicodedata.normalize("NFKC", char).lower()
    kept = "".join(c for c in folded if not _dropped(c))
    return _to_simplified().convert(kept) if kept and not kept.isascii() else kept


def _dropped(char: str) -> bool:
    category = unicodedata.category(char)
    return category in _INVISIBLE or (category == "So" and not char.isalnum())


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@cache
def _emoticon() -> re.Pattern[str]:
    words = map(re.escape, lexicon.load("normalise")["emoticons"])
    return re.compile(rf"\[(?:{'|'.join(words)})\]", re.IGNORECASE)


def _without_emoticons(raw: str) -> str:
    """The same length, so that places still agree; NUL is dropped later."""
    if "[" not in raw:
        return raw
    return _emoticon().sub(lambda found: "\0" * len(found.group()), raw)
