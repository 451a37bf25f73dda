"""What dealer staff read on WeCom."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any


def say(key: str, **params: object) -> str:
    """A reply of the bot."""
    return _filled("say", key, params)


def card(key: str, **params: object) -> str:
    """A word or line on a card."""
    return _filled("card", key, params)


def notice(key: str, **params: object) -> str:
    """A message nobody asked for."""
    return _filled("notice", key, params)


def app_change(change: str, at: str) -> str:
    """What WeCom says about the app; a change it will think of later is named by its code."""
    known = _texts()["app_change"]
    text = str(known.get(change, known["other"]))
    return _filled("notice", "app_lifecycle", {"text": text.format(at=at, change=change)})


def refused(code: str, **facts: object) -> str:
    """Why an order was not carried out; a code without words gets a general answer."""
    words = _texts()["refused"]
    return str(words.get(code, words["refused"])).format_map(_Known(facts))


def command_of(text: str) -> str | None:
    """The command a whole message is, e.g. `todo`; None when it is something else."""
    return _commands().get(text.strip().strip("。.!！").lower())


def is_relay_word(key: str, text: str) -> bool:
    """Whether a message is one of these words."""
    return text.strip().strip("。.!！ ") in _texts()["relay"][key]


def begins_relay_word(key: str, text: str) -> str | None:
    """The word of these a text begins with, if any."""
    words = sorted(_texts()["relay"][key], key=len, reverse=True)
    return next((word for word in words if text.startswith(word)), None)


def begins_correction(text: str) -> str | None:
    """The word by which a message takes up what was just recorded, if it begins with one."""
    found = (word for word in _corrections() if text.startswith(word))
    return next(found, None)


def without_particles(text: str) -> str:
    """What is left of a correction after its first word: no commas, no 是."""
    return text.strip(" ,，。.:：!！").removeprefix("是").strip(" ,，。.:：!！的了")


def moment(at: datetime, today: date) -> str:
    """A local time as said among colleagues: the clock alone today, otherwise day and weekday."""
    words = _texts()["moment"]
    key = "today" if at.date() == today else "other_day"
    weekday = words["weekdays"][at.weekday()]
    return str(words[key]).format(month=at.month, day=at.day, weekday=weekday, time=f"{at:%H:%M}")


def day(wanted: date, today: date) -> str:
    """A day as said among colleagues: tomorrow, the day after, else date and weekday."""
    words = _texts()["moment"]
    near = {1: words["tomorrow"], 2: words["day_after"]}
    if found := near.get((wanted - today).days):
        return str(found)
    weekday = words["weekdays"][wanted.weekday()]
    return str(words["day"]).format(month=wanted.month, day=wanted.day, weekday=weekday)


class _Known(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def _filled(section: str, key: str, params: Mapping[str, object]) -> str:
    return str(_texts()[section][key]).format_map(_Known(params)).strip()


@cache
def _corrections() -> list[str]:
    return sorted(_texts()["correction"]["begins"], key=len, reverse=True)


@cache
def _commands() -> dict[str, str]:
    return {word: name for name, words in _texts()["commands"].items() for word in words}


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files("texts").joinpath("staff.toml").read_text("utf-8"))
