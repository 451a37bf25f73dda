"""What customers read on the official account."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


def say(key: str, **params: object) -> str:
    """A reply of the bot."""
    return str(_texts()["say"][key]).format(**params)


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files("texts").joinpath("customer.toml").read_text("utf-8"))
