"""Frequent questions: found by keywords in a file that may change while the system runs."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LONGEST = 600  # characters of an answer
_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer, and the words that call for it."""

    keywords: tuple[str, ...]
    unless: tuple[str, ...]
    answer: str

    def fits(self, text: str) -> int:
        """The length of the longest keyword the text has; 0 if it does not fit."""
        if any(word in text for word in self.unless):
            return 0
        return max((len(word) for word in self.keywords if word in text), default=0)


def find_answer(text: str, path: Path = _FILE) -> str:
    """The answer whose keyword says most of the text; empty if there is none."""
    asked = "".join(text.casefold().split())
    fitting = [(entry.fits(asked), entry) for entry in entries(path)]
    best = max(fitting, key=lambda pair: pair[0], default=None)
    return best[1].answer if best and best[0] else ""


def entries(path: Path = _FILE) -> tuple[Entry, ...]:
    """The file as it is now. While somebody saves a broken one, the last good one stays."""
    changed_ns = path.stat().st_mtime_ns
    found = _read(path, changed_ns)
    if found is not None:
        _LAST_GOOD[path] = found
    return _LAST_GOOD.get(path, ())


_LAST_GOOD: dict[Path, tuple[Entry, ...]] = {}


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int) -> tuple[Entry, ...] | None:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["entry"]
        return tuple(_entry(row) for row in rows)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        return None


def _entry(row: dict[str, object]) -> Entry:
    def folded(name: str) -> tuple[str, ...]:
        words = row.get(name, [])
        if not isinstance(words, list):
            raise TypeError(f"{name} is no list")
        return tuple("".join(str(word).casefold().split()) for word in words if str(word).strip())

    return Entry(folded("keywords"), folded("unless"), str(row["answer"])[:LONGEST])
