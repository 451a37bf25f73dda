"""The KPI dictionary in words, and what stands where a breakdown does not know."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure for people: name, meaning, denominator, numerator, and the day it belongs to."""

    label: str
    text: str
    whole: str
    part: str
    at: str


def entry(code: str) -> Entry:
    return Entry(**_texts()[code])


def stage_text(code: str) -> str:
    """How far a lead came."""
    return _texts()["stage"][code]


def unit_text(code: str) -> str:
    """What a figure counts."""
    return _texts()["unit"][code]


def unknown_text(by: str) -> str:
    """A part of a breakdown nobody knows the name of."""
    return _texts()["unknown"][by]


def export_text(code: str) -> str:
    """A heading of a file, or the name of a sheet."""
    return _texts()["export"][code]


def mark(name: str, actor: str, when: str) -> str:
    """Who took a file away, and when."""
    return export_text("mark").format(name=name, actor=actor, when=when)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("texts").joinpath("kpis.toml").read_text("utf-8"))
