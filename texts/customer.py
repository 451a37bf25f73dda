"""What customers read on the official account."""

import tomllib
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any


def say(key: str, **params: object) -> str:
    """A reply of the bot."""
    return str(_texts()["say"][key]).format(**params)


def form(kind: str) -> str:
    """What stands for something that is not text."""
    forms = _texts()["form"]
    return str(forms.get(kind, forms["other"]))


def moment(at: datetime, today: date) -> str:
    """A local time; the day only when it is not today."""
    key = "today" if at.date() == today else "other_day"
    words = str(_texts()["moment"][key])
    return words.format(month=at.month, day=at.day, time=f"{at:%H:%M}")


def is_whole(key: str, text: str) -> bool:
    """Whether a message is one of these words and nothing else."""
    return text.strip().strip("。.!！~～ ") in _texts()["whole"][key]


def speaks_of(key: str, text: str) -> bool:
    """Whether one of these words is in it."""
    return any(word in text for word in _texts()["part"][key])


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files("texts").joinpath("customer.toml").read_text("utf-8"))
