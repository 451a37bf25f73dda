"""Campaigns in words, and the ready-made ones with everything they say."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from texts import segments

_PLACES = {name: re.escape(f"{{{name}}}") for name in ("n", "m")}


def word(kind: str, code: str) -> str:
    """The name of a state, occasion, channel, reason …; a code without one is shown as it is."""
    return words(kind).get(code, code)


def words(kind: str) -> Mapping[str, str]:
    """Every code of a kind with its name."""
    found: dict[str, str] = _texts("campaigns")[kind]
    return found


def trial_mark() -> str:
    """What stands before the words of a trial."""
    return words("trial")["mark"]


def trial_text(reason: str) -> str:
    """Why a trial did not leave."""
    if reason.startswith("wechat_"):
        return words("trial")["wechat"].format(n=reason.removeprefix("wechat_"))
    return words("trial").get(reason, reason)


def fault_text(message: str) -> str:
    """What the rules say is wrong with a document, in Chinese; as it stands without words."""
    for pattern, said in _faults():
        if match := pattern.fullmatch(message):
            return said.format(**match.groupdict())
    return segments.fault_text(message)


def ready_made() -> Mapping[str, dict[str, Any]]:
    """Documents of campaigns by their code, for a brand to begin with."""
    return _texts("ready_campaigns")


@cache
def _faults() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(_pattern(rule)), said) for rule, said in words("fault").items()]


def _pattern(rule: str) -> str:
    pattern = re.escape(rule)
    for name, place in _PLACES.items():
        pattern = pattern.replace(place, f"(?P<{name}>.+?)", 1)
    return pattern


@cache
def _texts(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("texts").joinpath(f"{name}.toml").read_text("utf-8"))
