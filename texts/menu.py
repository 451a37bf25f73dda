"""The menu of the official account, as brand operations write it."""

import tomllib
from importlib import resources
from typing import Any


def read() -> list[dict[str, Any]]:
    """The buttons of the file, in order."""
    text = resources.files("texts").joinpath("menu.toml").read_text("utf-8")
    buttons: list[dict[str, Any]] = tomllib.loads(text)["button"]
    return buttons
