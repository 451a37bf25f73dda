"""Segments in words: names of the ready-made ones, of fields, operators, and of what is wrong."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

_PLACE = re.escape("{n}")


def ready_name(code: str) -> str:
    """What a ready-made segment is called."""
    return words("ready").get(code, code)


def words(kind: str) -> Mapping[str, str]:
    """Every code of a kind (ready, group, field, op, when) with its name."""
    return _texts()[kind]


def fault_text(message: str) -> str:
    """What the rules say is wrong with a document, in Chinese; as it stands without words."""
    for pattern, said in _faults():
        if match := pattern.fullmatch(message):
            return said.replace("{n}", match[1]) if match.re.groups else said
    return message


@cache
def _faults() -> list[tuple[re.Pattern[str], str]]:
    known = words("fault").items()
    return [(re.compile(re.escape(rule).replace(_PLACE, "(.+)")), said) for rule, said in known]


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("texts").joinpath("segments.toml").read_text("utf-8"))
