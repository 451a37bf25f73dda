"""Where two policy documents differ, number by number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One entry by its dotted path; None on the side that has none."""

    path: str
    before: object
    after: object


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs, in the order of the documents."""
    old, new = dict(_entries(before)), dict(_entries(after))
    return [
        Change(path, old.get(path), new.get(path))
        for path in {**old, **new}
        if old.get(path) != new.get(path)
    ]


def _entries(document: Mapping[str, Any], loc: str = "") -> Iterator[tuple[str, object]]:
    for key, value in document.items():
        path = f"{loc}.{key}" if loc else str(key)
        if isinstance(value, Mapping) and value:
            yield from _entries(value, path)
        else:
            yield path, value
