"""The sentences of the bot's conversation with customers."""

import tomllib
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

_NEAR = ("today", "tomorrow", "day_after")


def line(key: str, **params: object) -> str:
    """A sentence, filled."""
    return str(_texts()["line"][key]).format(**params)


def picks(key: str, **params: object) -> list[tuple[str, str]]:
    """What can be tapped below a line: label and words; none for most lines."""
    rows = _texts()["picks"].get(key, [])
    return [(str(label).format(**params), str(says).format(**params)) for label, says in rows]


def article(key: str, **params: object) -> tuple[str, str] | None:
    """Title and description of a line that is shown as an article; None for most lines."""
    found = _texts()["article"].get(key)
    return (found[0].format(**params), found[1].format(**params)) if found else None


def has_place_for(key: str, name: str) -> bool:
    """Whether a sentence speaks of this."""
    return f"{{{name}}}" in str(_texts()["line"][key])


def consent_version() -> str:
    """Which wording a customer agrees to now."""
    return str(_texts()["consent"]["version"])


def energy(code: str) -> str:
    """What drives a car, in a word."""
    return str(_texts()["energy"].get(code, code))


def moment(at: datetime, today: date) -> str:
    """A local time as people say it: 明天15:00, 周六（11月28日）15:00."""
    words = _texts()["time"]
    away = (at.date() - today).days
    key = _NEAR[away] if 0 <= away < len(_NEAR) else "other_day"
    weekday = words["weekdays"][at.weekday()]
    return str(words[key]).format(month=at.month, day=at.day, weekday=weekday, time=f"{at:%H:%M}")


def full_moment(at: datetime) -> str:
    """The same so that it is right on any day: 周六（11月28日）15:00."""
    words = _texts()["time"]
    weekday = words["weekdays"][at.weekday()]
    full = str(words["full"])
    return full.format(month=at.month, day=at.day, weekday=weekday, time=f"{at:%H:%M}")


def listed(things: list[str]) -> str:
    """Several things in one sentence."""
    return str(_texts()["time"]["between_models"]).join(things)


def spans(hours: list[tuple[datetime, datetime]]) -> str:
    """Opening hours of a day: 9:00–12:00、13:00–18:00."""
    said = [f"{opens:%-H:%M}–{closes:%-H:%M}" for opens, closes in hours]
    return str(_texts()["time"]["between_spans"]).join(said)


def side_by_side(links: list[str]) -> str:
    """Things to tap in one line."""
    return str(_texts()["time"]["between_picks"]).join(links)


def numbered(choices: list[str]) -> str:
    """One choice a line, to be picked by its number."""
    lines = (line("choice", number=n, text=text) for n, text in enumerate(choices, start=1))
    return "\n".join(lines)


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files("texts").joinpath("talk.toml").read_text("utf-8"))
