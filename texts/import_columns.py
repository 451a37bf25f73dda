"""The headings and consent purposes a lead file may use, in either language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def column_of(heading: str) -> str | None:
    """The column a heading stands for; None when it is not ours to read."""
    return _spellings("columns").get(_plain(heading))


def columns() -> tuple[str, ...]:
    """Every column's own name."""
    return tuple(_data()["columns"])


def purpose_of(words: str) -> str:
    """The purpose meant; unknown words come back unchanged, to be refused with their name."""
    return _spellings("purposes").get(_plain(words), words)


@cache
def _spellings(table: str) -> Mapping[str, str]:
    return {
        _plain(spelling): name
        for name, others in _data()[table].items()
        for spelling in (name, *others)
    }


def _plain(text: str) -> str:
    return "".join(text.split()).lower()


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    path = Path(__file__).with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
