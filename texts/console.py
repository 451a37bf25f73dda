"""What people who run Leadloop read at the console."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What went wrong in plain words, and what a person can do about it."""

    title: str
    todo: str


def word(kind: str, code: str) -> str:
    """The name of a queue, app, job, action or cause; a code without one is shown as it is."""
    return words(kind).get(code, code)


def words(kind: str) -> Mapping[str, str]:
    """Every code of a kind with its name, in the order of the file."""
    found: Mapping[str, str] = _texts()[kind]
    return found


def advice(key: str, *, app: str, code: str = "", address: str = "") -> Explanation | None:
    """Words for the `advice` of a WeChat refusal; None for a key without words."""
    found = _texts()["advice"].get(key)
    address = address or _texts()["unknown"]["address"]
    return _explained(found, app, code=code, address=address) if found else None


def error(name: str, *, app: str, code: str = "") -> Explanation:
    """Words for the class of an error; there is something to say about every class."""
    errors = _texts()["error"]
    return _explained(errors.get(name, errors["other"]), app, code=code, name=name)


def _explained(found: Mapping[str, str], app: str, **facts: str) -> Explanation:
    facts["app"] = word("app", app) if app else _texts()["app"]["wecom"]
    title, todo = (found.get(f"{app}_{part}", found[part]) for part in ("title", "todo"))
    return Explanation(_filled(title, facts), _filled(todo, facts))


def _filled(template: str, facts: Mapping[str, str]) -> str:
    """A part in [brackets] is left out when a field in it is empty."""

    def optional(part: re.Match[str]) -> str:
        fields = re.findall(r"{(\w+)}", part[1])
        return part[1] if all(facts.get(field) for field in fields) else ""

    return _OPTIONAL.sub(optional, template).format_map(facts)


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files("texts").joinpath("console.toml").read_text("utf-8"))
