"""Frequent questions: found by keywords, delivered in a file that may change while we run."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LONGEST = 600  # characters of an answer
FILE = Path(__file__).with_suffix(".toml")
_LISTS = ("keywords", "unless")
_FIELDS = {*_LISTS, "answer", "instead_of_person"}


class BrokenFaq(ValueError):
    """The file cannot be used; the text says which entry, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer, and the words that call for it.

    `instead_of_person`: it also answers who seems to ask for a person ("你是真人吗").
    """

    keywords: tuple[str, ...]
    unless: tuple[str, ...]
    answer: str
    instead_of_person: bool = False

    def fits(self, text: str) -> int:
        """The length of the longest keyword the text has; 0 if it does not fit."""
        if any(word in text for word in self.unless):
            return 0
        return max((len(word) for word in self.keywords if word in text), default=0)


def find_answer(text: str, path: Path = FILE) -> str:
    """The answer whose keyword says most of the text; empty if there is none."""
    found = find_entry(text, path)
    return found.answer if found else ""


def find_entry(text: str, path: Path = FILE) -> Entry | None:
    """The entry of the file whose keyword says most of the text."""
    return best(text, entries(path))


def best(text: str, among: Iterable[Entry]) -> Entry | None:
    """The entry of these whose keyword says most of the text; the first of equals."""
    asked = _folded(text)
    fitting = [(entry.fits(asked), entry) for entry in among]
    found = max(fitting, key=lambda pair: pair[0], default=None)
    return found[1] if found and found[0] else None


def read(rows: Iterable[object]) -> tuple[Entry, ...]:
    """Entries from rows like those of the file. Raises `BrokenFaq`."""
    return tuple(_entry(number, row) for number, row in enumerate(rows, start=1))


def delivered(path: Path = FILE) -> list[dict[str, object]]:
    """The file's rows as somebody wrote them, to be edited. Raises `BrokenFaq`."""
    check(path)
    rows: list[dict[str, object]] = tomllib.loads(path.read_text(encoding="utf-8"))["entry"]
    return rows


def entries(path: Path = FILE) -> tuple[Entry, ...]:
    """The file as it is now. While a broken one stands there, the last good one is in force."""
    found = _read(path, path.stat().st_mtime_ns if path.exists() else 0)
    if isinstance(found, tuple):
        _LAST_GOOD[path] = found
    return _LAST_GOOD.get(path, ())


def check(path: Path = FILE) -> int:
    """How many entries the file has now. Raises `BrokenFaq`."""
    found = _read(path, path.stat().st_mtime_ns if path.exists() else 0)
    if isinstance(found, BrokenFaq):
        raise found
    return len(found)


_LAST_GOOD: dict[Path, tuple[Entry, ...]] = {}


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int) -> tuple[Entry, ...] | BrokenFaq:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("entry")
        if not isinstance(rows, list) or not rows:
            raise BrokenFaq("there is no [[entry]]")
        return read(rows)
    except BrokenFaq as fault:
        return fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        return BrokenFaq(str(fault))


def _entry(number: int, row: object) -> Entry:
    if not isinstance(row, dict):
        raise BrokenFaq(f"entry {number} is no table")
    name = f"entry {number} ({str(row.get('answer', ''))[:12]}…)"
    if unknown := row.keys() - _FIELDS:
        raise BrokenFaq(f"{name} has an unknown field: {', '.join(sorted(unknown))}")
    words = {field: _words(name, field, row.get(field, [])) for field in _LISTS}
    if not words["keywords"]:
        raise BrokenFaq(f"{name} has no keywords")
    answer = row.get("answer")
    if not isinstance(answer, str) or not answer.strip():
        raise BrokenFaq(f"{name} has no answer")
    if len(answer) > LONGEST:
        raise BrokenFaq(f"{name}: the answer has {len(answer)} characters, at most {LONGEST}")
    return Entry(
        **words, answer=answer.strip(), instead_of_person=bool(row.get("instead_of_person"))
    )


def _words(name: str, field: str, given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        raise BrokenFaq(f'{name}: {field} must be a list of words, as in ["质保", "保修"]')
    folded = tuple(_folded(word) for word in given)
    if not all(folded):
        raise BrokenFaq(f"{name}: {field} has an empty word, which every message would contain")
    return folded


def _folded(text: str) -> str:
    return "".join(text.casefold().split())
